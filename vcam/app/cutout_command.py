"""``vcam cutout``: people out of videos and pictures."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from vcam.app.console import err, explained, say_error
from vcam.errors import UsageError, VcamError

if TYPE_CHECKING:
    from vcam.app.cutout_report import Reporter
    from vcam.backdrops import Fit
    from vcam.cutting.looking import Quality
    from vcam.cutting.service import Failure
    from vcam.cutting.wishes import Result, Wishes
    from vcam.engine.batch import Engine, LocalEngine
    from vcam.engine.cluster import RayEngine

_OUTPUT, _MATTE, _RUNNING = "Output", "Matte", "Running"
Choice = TypeVar("Choice", bound=StrEnum)
_STANDARD = "-"
_INTERRUPTED = 130


@explained
def cutout(
    words: Annotated[list[str], typer.Argument(help="A video or a picture, a folder of them, a pattern in quotes, an "
                                               "address (http), or - for standard input; then, if you like, the "
                                               "output.", metavar="IN… [OUT]", show_default=False)],
    output: Annotated[str, typer.Option("--output", "-o", help="A file, a folder, or - for standard output. Without "
                                        "it talk.mp4 becomes talk.cutout.webm.", metavar="OUT",
                                        rich_help_panel=_OUTPUT)] = "",
    format: Annotated[str, typer.Option("--format", "-f", help="webm, mov (ProRes 4444), mp4, ffv1, alpha (the matte "
                                        "alone), bundle (colour and matte, zip), png (a folder), apng, webp, gif; "
                                        "pictures: png, webp, avif, jpeg, alpha. Without it OUT's ending tells.",
                                        metavar="FORMAT", rich_help_panel=_OUTPUT)] = "",
    background: Annotated[str, typer.Option("--background", "-b", help="What to show behind the person: blur, green, "
                                            "colour:#204060, a bundled name, a picture or a video. Without it: "
                                            "nothing.", metavar="BACKGROUND", rich_help_panel=_OUTPUT)] = "",
    fit: Annotated[str, typer.Option("--fit", help="How a background of another shape fills the frame: cover, contain "
                                     "or stretch.", metavar="FIT", rich_help_panel=_OUTPUT)] = "cover",
    trim: Annotated[bool, typer.Option("--trim", help="Cut off what is empty (pictures).",
                                       rich_help_panel=_OUTPUT)] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Also write a contact sheet (videos).",
                                          rich_help_panel=_OUTPUT)] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace outputs that exist.",
                                            rich_help_panel=_OUTPUT)] = False,
    keep_empty: Annotated[bool, typer.Option("--keep-empty", help="Write an output although nobody is found.",
                                             rich_help_panel=_OUTPUT)] = False,
    keep_metadata: Annotated[bool, typer.Option("--keep-metadata", help="Keep place, time and device, which are "
                                                "otherwise dropped.", rich_help_panel=_OUTPUT)] = False,
    quality: Annotated[str, typer.Option("--quality", "-q", help="best, or fast (ten times as fast).",
                                         metavar="QUALITY", rich_help_panel=_MATTE)] = "best",
    model: Annotated[str, typer.Option("--model", "-m", help="Network; without it all that are here.", metavar="MODEL",
                                       rich_help_panel=_MATTE)] = "",
    runtime: Annotated[str, typer.Option("--runtime", help="What runs it.", metavar="RUNTIME",
                                         rich_help_panel=_MATTE)] = "auto",
    processes: Annotated[int, typer.Option("--processes", "-p", min=0, help="0: as many as there are processors.",
                                           metavar="N", rich_help_panel=_RUNNING)] = 0,
    engine: Annotated[str, typer.Option("--engine", help="local, or ray: all processors of a cluster whose machines "
                                        "see the same files (extra cluster).", metavar="ENGINE",
                                        rich_help_panel=_RUNNING)] = "local",
    address: Annotated[str, typer.Option("--address", help="Of the Ray cluster: HOST:6379, auto for the one that runs "
                                         "here, local to start one.", metavar="ADDRESS",
                                         rich_help_panel=_RUNNING)] = "auto",
    fresh: Annotated[bool, typer.Option("--fresh", help="Do not go on with what an interrupted run left.",
                                        rich_help_panel=_RUNNING)] = False,
    json: Annotated[bool, typer.Option("--json", help="Print events as JSON, one a line.",
                                       rich_help_panel=_RUNNING)] = False,
) -> None:
    """Cut people out of videos and pictures: transparent, in full resolution, with the sound.

    Nothing is uploaded. An interrupted run goes on where it was when the same
    command is given again.
    """
    from vcam.app.cutout_report import reporter
    from vcam.cutting.planning import advice
    from vcam.cutting.wishes import Wishes

    inputs, target = divided(words, output)
    wishes = Wishes(format, background, _fit(fit), _quality(quality), model, runtime, trim, overwrite, keep_empty,
                    keep_metadata, preview, fresh)
    if target == _STANDARD and sys.stdout.isatty():
        raise UsageError("standard output is a terminal: it cannot take a video or a picture", "give a file, or | to "
                         "a program")
    with tempfile.TemporaryDirectory(prefix="vcam-") as folder, _engine(engine, address, processes) as working, \
            reporter(json and target != _STANDARD, wishes.quality) as tell:
        if hint := advice(wishes):
            tell.hint(hint)
        try:
            failed = _run(inputs, target, wishes, working, tell, Path(folder))
        except KeyboardInterrupt:
            working.close()
            say_error(VcamError("interrupted", "the same command goes on where it was"))
            raise typer.Exit(_INTERRUPTED) from None
    if failed:
        raise typer.Exit(1)


def _engine(name: str, address: str, processes: int) -> LocalEngine | RayEngine:
    from vcam.engine.batch import LocalEngine, cores
    from vcam.engine.cluster import RayEngine

    if name not in ("local", "ray"):
        raise UsageError(f"engine '{name}' is unknown", "choose local or ray")
    return LocalEngine(processes or cores()) if name == "local" else RayEngine(address, processes)


def divided(words: Sequence[str], output: str) -> tuple[list[str], str]:
    """Inputs and output of what was typed: the last of several words is the output if it does not exist as a file.

    Raises:
        UsageError: two files that exist: which is meant cannot be told.
    """
    if output or len(words) == 1:
        return list(words), output
    last = words[-1]
    if last == _STANDARD or Path(last).is_dir():
        return list(words[:-1]), last
    if not Path(last).exists():
        if len(words) > 2:
            raise UsageError(f"'{last}' is not there, and no folder that could take {len(words) - 1} outputs",
                             f"create it first: mkdir '{last}'")
        return list(words[:-1]), last
    if len(words) == 2:
        raise UsageError(f"'{last}' exists: is it an input or the output?",
                         f"for the output say -o '{last}' --overwrite; for several inputs give a folder or a pattern "
                         "in quotes")
    return list(words), ""


def _run(inputs: Sequence[str], target: str, wishes: Wishes, engine: Engine, tell: Reporter, folder: Path) -> bool:
    """Whether something failed."""
    from vcam.cutting.finding import find, is_address
    from vcam.cutting.service import cut_out, cut_out_many

    files = []
    for word in inputs:
        files += [_brought(word, folder, target)] if word == _STANDARD or is_address(word) else find([word])
    here = _place(target, inputs)
    if len(files) > 1:
        if here is not None and not here.is_dir():
            raise UsageError(f"'{target}' cannot take {len(files)} outputs", "give an existing folder")
        return _tell_all(cut_out_many(files, here, wishes, engine, tell.event), tell)
    if target == _STANDARD:
        _to_standard_output(files[0], wishes, engine, tell, folder)
        return False
    tell.done(cut_out(files[0], here, _asked(files[0], here, wishes), engine, tell.event))
    return False


def _tell_all(results: Iterable[Result | Failure], tell: Reporter) -> bool:
    from vcam.cutting.service import Failure

    failed = 0
    for result in results:
        if isinstance(result, Failure):
            failed += 1
            tell.failed(result)
        else:
            tell.done(result)
    return failed > 0


def _brought(word: str, folder: Path, target: str) -> Path:
    """A file from standard input or a server."""
    from vcam.cutting.finding import drain, fetch, name_of

    if word != _STANDARD:
        path = folder / name_of(word)
        fetch(word, path)
        return path
    if not target:
        raise UsageError("standard input has no name: the output needs one", "vcam cutout - OUT")
    path = folder / "standard-input"
    drain(sys.stdin.buffer, path)
    return path


def _place(target: str, inputs: Sequence[str]) -> Path | None:
    """Where outputs go: what comes from a server is not there to put anything beside it."""
    from vcam.cutting.finding import is_address

    if target:
        return None if target == _STANDARD else Path(target).expanduser()
    return Path.cwd() if any(is_address(word) for word in inputs) else None


def _asked(source: Path, output: Path | None, wishes: Wishes) -> Wishes:
    """The wishes, after asking whether what is there may be replaced, if somebody can be asked."""
    from vcam.cutting.planning import plan_output

    if wishes.overwrite or not (sys.stdin.isatty() and err.is_terminal):
        return wishes
    target, _ = plan_output(source, output, replace(wishes, overwrite=True))
    if not target.exists():
        return wishes
    if not typer.confirm(f"'{target}' exists. Replace it?", err=True):
        raise typer.Exit(1)
    return replace(wishes, overwrite=True)


def _to_standard_output(source: Path, wishes: Wishes, engine: Engine, tell: Reporter, folder: Path) -> None:
    from vcam.cutting.service import cut_out

    out = folder / "out"
    out.mkdir()
    result = cut_out(source, out, wishes, engine, tell.event)
    if result.output.is_dir():
        raise UsageError("a folder of pictures cannot go to standard output", "choose another --format")
    with result.output.open("rb") as stream, os.fdopen(sys.stdout.fileno(), "wb", closefd=False) as standard:
        while block := stream.read(1 << 20):
            standard.write(block)


def _fit(text: str) -> Fit:
    from vcam.backdrops import Fit

    return _chosen(Fit, text, "fit")


def _quality(text: str) -> Quality:
    from vcam.cutting.looking import Quality

    return _chosen(Quality, text, "quality")


def _chosen(kind: type[Choice], text: str, what: str) -> Choice:
    try:
        return kind(text)
    except ValueError as error:
        raise UsageError(f"{what} '{text}' is unknown", f"choose {' or '.join(str(each) for each in kind)}") from error
