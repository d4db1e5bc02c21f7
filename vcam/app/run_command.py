"""``vcam run``: its flags come from the table of settings."""

from __future__ import annotations

import inspect
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic.fields import FieldInfo

from vcam.app.console import err, explained
from vcam.config import extra, fields, resolve
from vcam.errors import UsageError

if TYPE_CHECKING:
    from vcam.control.wiring import Assembly
    from vcam.engine.status import RunStatus

Config = Annotated[Path | None, typer.Option("--config", help="Another configuration file.", metavar="FILE")]
Frames = Annotated[int, typer.Option("--frames", min=0, help="Stop after that many pictures (0: never).",
                                     metavar="N", rich_help_panel="Stopping")]
Seconds = Annotated[float, typer.Option("--seconds", min=0, help="Stop after that many seconds (0: never).",
                                        metavar="S", rich_help_panel="Stopping")]
Json = Annotated[bool, typer.Option("--json", help="Print the state as one line of JSON a second, on standard output.",
                                    rich_help_panel="Output")]


def _run(frames: int, seconds: float, json: bool, config: Path | None, **flags: object) -> None:
    """Replace the background, live.

    Without flags it takes the first camera (the demo if there is none), blurs the room, and shows the result in the
    virtual camera, if there is one, and on a page of this machine. Ctrl-C stops it.

    Every flag can also be set in the configuration file (`vcam config`) or as VCAM_NAME in the environment.
    """
    settings = resolve(flags, path=config).settings
    if json and "-" in settings.sink:
        raise UsageError("--json and the sink '-' both want standard output", "drop one of them")
    from vcam.app.status_line import StatusLine
    from vcam.control.commands import obey
    from vcam.control.remote import RemoteControl
    from vcam.control.wiring import assemble
    from vcam.engine.live import run_to_end

    assembly = assemble(settings, frames, seconds)
    _stop_on_signals(assembly)
    for note in assembly.notes:
        err.print(f"[yellow]·[/] {note}", highlight=False)
    remote = RemoteControl(lambda command: obey(assembly, command))
    problem = remote.start()
    if problem:
        err.print(f"[yellow]·[/] {problem}", highlight=False)
    try:
        with StatusLine(assembly, json) as line:
            final = run_to_end(assembly.run, line.show, interval=1.0 if json else 0.25)
    finally:
        remote.stop()
    line.summary(final)
    _fail_if_nothing(final)


def _stop_on_signals(assembly: Assembly) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        assembly.run.stop()

    signal.signal(signal.SIGINT, stop)
    if sys.platform != "win32":
        signal.signal(signal.SIGTERM, stop)


def _fail_if_nothing(final: RunStatus) -> None:
    from vcam.errors import VcamError

    broken = [sink for sink in final.sinks if sink.problem]
    if broken:
        raise VcamError(f"{broken[0].name}: {broken[0].problem}")
    if final.failed and not final.rendered:
        raise VcamError(f"no picture could be made: {final.problem or 'see --debug'}")


def _parameter(name: str, field: FieldInfo) -> inspect.Parameter:
    """A command-line option for one setting. Values stay text here: `resolve` checks every layer alike."""
    kind: Any = str | None
    if isinstance(field.default, bool):
        kind = bool | None
    elif isinstance(field.default, tuple):
        kind = list[str] | None
    shown = f" Default: {field.default}." if field.default and not isinstance(field.default, bool) else ""
    option = typer.Option(*extra(field, "flags"), help=f"{field.description}{shown}",
                          rich_help_panel=extra(field, "panel"), metavar=extra(field, "metavar") or None,
                          show_default=False)
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[kind, option], default=None)


def _with_settings() -> Any:
    own = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=default)
           for name, kind, default in (("frames", Frames, 0), ("seconds", Seconds, 0.0), ("json", Json, False),
                                       ("config", Config, None))]
    parameters = [_parameter(name, field) for name, field in fields().items()] + own
    command: Any = explained(_run)
    command.__signature__ = inspect.Signature(parameters)
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


run = _with_settings()
