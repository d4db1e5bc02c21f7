"""``vcam eval``: how good the matte is, on clips whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from vcam import __version__
from vcam.app.console import err, explained, out
from vcam.errors import VcamError
from vcam.wholefile import check_target, write_whole

if TYPE_CHECKING:
    from vcam.evaluation.index import Index
    from vcam.evaluation.report import Subject
    from vcam.evaluation.run import Mode, PipelineMaker, Result
    from vcam.evaluation.scoring import Row

_HELP = "Result"
_IN_FILES = 140  # columns of the table where no terminal limits it


@explained
def evaluate(
    index: Annotated[Path, typer.Argument(help="The list of clips, a JSON file.", metavar="INDEX.json",
                                          show_default=False)],
    mode: Annotated[str, typer.Option("--mode", help="How mattes are made: live (frame by frame, as in a call), "
                                      "cutout or cutout-fast (as `vcam cutout` makes them, of whole clips).",
                                      metavar="MODE")] = "live",
    tier: Annotated[str, typer.Option("--tier", help="light or default.", metavar="TIER")] = "default",
    model: Annotated[str, typer.Option("--model", "-m", help="Network; without it: the tier's.",
                                       metavar="MODEL")] = "",
    runtime: Annotated[str, typer.Option("--runtime", help="What runs it.", metavar="RUNTIME")] = "auto",
    device: Annotated[str, typer.Option("--device", help="Where pixels are processed.", metavar="DEVICE")] = "auto",
    json: Annotated[Path | None, typer.Option("--json", help="Write the figures as JSON.", metavar="FILE",
                                              rich_help_panel=_HELP)] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write a report with error maps, one file.",
                                              metavar="FILE", rich_help_panel=_HELP)] = None,
    save: Annotated[Path | None, typer.Option("--save", help="Keep the mattes (FFV1, PNG) and a contact sheet.",
                                              metavar="DIR", rich_help_panel=_HELP)] = None,
) -> None:
    """Measure the matte on clips whose truth is known, and show where it is wrong.

    INDEX.json is {"set": NAME, "clips": [CLIP, …]}; files lie beside it. A CLIP
    has name, file, kind (still: a picture), size, fps, frames, gt (the true
    matte, a grey video or picture) and gt_kind (how true: exact, pseudo, mask
    or none); ref, another program's matte, is compared with where there is no
    truth.
    """
    from vcam.evaluation.footage import check
    from vcam.evaluation.index import read_index
    from vcam.evaluation.keeping import prepare_folder
    from vcam.evaluation.run import find_mode

    found = find_mode(mode)
    clips = read_index(index)
    for target in filter(None, (json, html)):
        check_target(target)
    subject, make = _subject(clips, mode, tier, model, runtime, device)
    for clip in clips.clips:
        check(clip)
    if save is not None:
        prepare_folder(save)
    results = _measured(clips, found, make, save)
    _print(subject, [result.row for result in results])
    _write(subject, results, json, html, save)


def _subject(index: Index, mode: str, tier: str, model: str, runtime: str,
             device: str) -> tuple[Subject, PipelineMaker]:
    """What is measured, in words, and what makes it: the pipeline of a live run with these settings."""
    from vcam.config import Settings, parse_value
    from vcam.control.wiring import make_pipeline
    from vcam.evaluation.report import Subject
    from vcam.frame import Colour
    from vcam.ops.probe import cpu_name
    from vcam.pipeline import PipelineSettings

    chosen = {"tier": tier, "model": model, "runtime": runtime, "device": device}
    settings = Settings.model_validate({name: parse_value(name, text) for name, text in chosen.items()})
    first = make_pipeline(settings, PipelineSettings(index.clips[0].size.even(), Colour.BT601))
    first.segmenter.close()
    subject = Subject(index.name, mode, first.segmenter.name, first.segmenter.runtime, first.ops.name, __version__,
                      cpu_name())
    return subject, partial(make_pipeline, settings)


def _measured(index: Index, mode: Mode, make: PipelineMaker, save: Path | None) -> list[Result]:
    from vcam.evaluation.run import evaluate as measure

    # A bar that redraws itself does so on the processor time that is being measured.
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, auto_refresh=False) as progress:
        task = progress.add_task("", total=sum(clip.frames for clip in index.clips))
        results = []
        for clip in index.clips:
            progress.update(task, description=escape(clip.name), refresh=True)
            results.append(measure(clip, mode, make, save, _ticker(progress, lambda: progress.advance(task))))
    return results


def _ticker(progress: Progress, advance: Callable[[], None]) -> Callable[[], None]:
    """Advances every frame, redraws every few."""
    count = 0

    def tick() -> None:
        nonlocal count
        count += 1
        advance()
        if count % 5 == 0:
            progress.refresh()

    return tick


def _print(subject: Subject, rows: Sequence[Row]) -> None:
    from vcam.evaluation.scoring import COLUMNS, means

    out.print(f"{escape(subject.set)}: {subject.model} on {subject.runtime}, {subject.mode}, {subject.device}",
              highlight=False)
    table = Table(box=None, padding=(0, 1), pad_edge=False, collapse_padding=True)
    table.add_column("clip", overflow="fold", min_width=12)
    for name in (*COLUMNS, "CPU ms"):
        table.add_column(name, justify="right", no_wrap=True)
    for mean in means(rows):
        for row in rows:
            if row.clip.truth_kind is mean.truth_kind:
                table.add_row(escape(row.clip.name), *_cells(row.figures, row.cpu_ms))
        table.add_row(f"{mean.truth_kind} (mean of {mean.clips})", *_cells(mean.figures, mean.cpu_ms), style="bold")
        table.add_row()
    (out if out.is_terminal else Console(width=_IN_FILES)).print(table)


def _cells(figures: dict[str, float], cpu_ms: float) -> list[str]:
    from vcam.evaluation.scoring import COLUMNS

    return [f"{figures[name]:.2f}" if name in figures else "–" for name in COLUMNS] + [f"{cpu_ms:.2f}"]


def _write(subject: Subject, results: Sequence[Result], json: Path | None, html: Path | None,
           save: Path | None) -> None:
    from vcam.evaluation.page import to_html
    from vcam.evaluation.report import to_json
    from vcam.evaluation.sheet import write_sheets

    try:
        if json is not None:
            write_whole(json, to_json(subject, [result.row for result in results]).encode())
            out.print(f"figures are in {json}", highlight=False, markup=False)
        if html is not None:
            write_whole(html, to_html(subject, results).encode())
            out.print(f"the report is {html}", highlight=False, markup=False)
        if save is not None:
            sheets = write_sheets(save, results)
            out.print(f"mattes are in {save}, the contact sheet is {sheets[0]}", highlight=False, markup=False)
    except OSError as error:
        raise VcamError(f"'{error.filename}' cannot be written: {error.strerror}", "choose another folder") from error
