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
from rich.markup import escape

from vcam.app.console import err, explained
from vcam.config import extra, fields
from vcam.errors import UsageError

if TYPE_CHECKING:
    from vcam.control.configuration import Configuration
    from vcam.control.wiring import Assembly
    from vcam.engine.status import RunStatus

Config = Annotated[Path | None, typer.Option("--config", help="Another configuration file.", metavar="FILE")]
Frames = Annotated[int, typer.Option("--frames", min=0, help="Stop after that many pictures (0: never).",
                                     metavar="N", rich_help_panel="Stopping")]
Seconds = Annotated[float, typer.Option("--seconds", min=0, help="Stop after that many seconds (0: never).",
                                        metavar="S", rich_help_panel="Stopping")]
Json = Annotated[bool, typer.Option("--json", help="Print the state as one line of JSON a second, on standard output.",
                                    rich_help_panel="Output")]
Name = Annotated[str, typer.Option("--name", help="Run beside another vcam, under a name of its own; give it to `vcam "
                                   "bg`, `vcam pause` … too.", metavar="NAME")]
Forget = Annotated[bool, typer.Option("--forget", help="Forget what was chosen while vcam ran (vcam bg, vcam set …), "
                                      "and begin as configured.")]


def _run(frames: int, seconds: float, json: bool, config: Path | None, name: str, forget: bool,
         **flags: object) -> None:
    """Replace the background, live.

    Without flags it takes the first camera (the demo if there is none), blurs the room, and shows the result in the
    virtual camera, if there is one, and on a page of this machine. Ctrl-C stops it.

    Every flag can also be set in the configuration file (`vcam config`) or as VCAM_NAME in the environment. What you
    change while it runs (`vcam bg`, `vcam set` …) comes back the next time.
    """
    from vcam.control.configuration import Configuration
    from vcam.control.instance import holding, instance_name

    configuration = Configuration(flags, config)
    if json and "-" in configuration.settings.sink:
        raise UsageError("--json and the sink '-' both want standard output", "drop one of them")
    instance = instance_name(name)
    with holding(instance) as problem:
        if problem:
            _note(problem)
        _run_alone(configuration, instance, forget, frames, seconds, json)


def _run_alone(configuration: Configuration, instance: str, forget: bool, frames: int, seconds: float,
               json: bool) -> None:
    from vcam.app.status_line import StatusLine
    from vcam.control.beginning import begin
    from vcam.control.listener import RemoteControl
    from vcam.engine.live import run_to_end

    controller, assembly = begin(configuration, instance, forget, frames, seconds)
    _stop_on_signals(assembly)
    for note in assembly.notes:
        _note(note)
    remote = RemoteControl(controller, instance)
    controller.start()
    problem = remote.start()
    if problem:
        _note(problem)
    clean = False
    try:
        with StatusLine(controller, json) as line:
            final = run_to_end(assembly.run, line.show, interval=1.0 if json else 0.25)
        clean = True
    finally:
        controller.stop(clean)
        remote.stop()
    line.summary(final)
    _fail_if_nothing(final)


def _note(text: str) -> None:
    err.print(f"[yellow]·[/] {escape(text)}", highlight=False)


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
                                       ("config", Config, None), ("name", Name, ""), ("forget", Forget, False))]
    parameters = [_parameter(name, field) for name, field in fields().items()] + own
    command: Any = explained(_run)
    command.__signature__ = inspect.Signature(parameters)
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


run = _with_settings()
