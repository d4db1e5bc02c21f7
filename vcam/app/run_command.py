"""``vcam run``: its flags come from the table of settings."""

from __future__ import annotations

import inspect
import logging
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic.fields import FieldInfo
from rich.markup import escape

from vcam.app.console import err, explained
from vcam.app.explaining import options
from vcam.config import extra, fields
from vcam.errors import UsageError, VcamError

if TYPE_CHECKING:
    from vcam.app.web.door import Opened
    from vcam.control.configuration import Configuration
    from vcam.control.wiring import Assembly
    from vcam.engine.status import RunStatus

log = logging.getLogger("vcam")

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

OpenPanel = Annotated[bool | None, typer.Option(
    "--open-panel/--no-open-panel", help="Show the panel in the browser. Without it: the first time of all, on a "
    "desktop, unless vcam is to stop by itself.", rich_help_panel="Panel", show_default=False)]
Headlessly = Annotated[bool, typer.Option("--headless", help="As a service: plain lines for the journal, a watchdog "
                                          "for the service manager, SIGHUP reads the configuration again, cameras and "
                                          "servers that are not there yet are waited for.")]


def _run(frames: int, seconds: float, json: bool, config: Path | None, name: str, forget: bool, headless: bool,
         open_panel: bool | None, **flags: object) -> None:
    """Replace the background, live.

    Without flags it takes the first camera (the demo if there is none), blurs the room, and shows the result in the
    virtual camera, if there is one, and on a page of this machine. Ctrl-C stops it.

    Every flag can also be set in the configuration file (`vcam config`) or as VCAM_NAME in the environment. What you
    change while it runs (`vcam bg`, `vcam set` …) comes back the next time.
    """
    from vcam.app.web.door import door
    from vcam.control.configuration import Configuration
    from vcam.control.instance import holding, instance_name

    configuration = Configuration(flags, config)
    if json and "-" in configuration.settings.sink:
        raise UsageError("--json and the sink '-' both want standard output", "drop one of them")
    if headless and not configuration.settings.sink:
        raise UsageError("a headless run needs a sink, nobody would see the picture",
                         "give --sink rtmp://…, v4l2: or out.mkv, or set it: vcam config set sink SINK")
    instance = instance_name(name)
    tell = _start_headless() if headless else _note
    with _told_to(tell if headless else None), holding(instance) as problem:
        if problem:
            tell(problem)
        with door(configuration.settings, tell) as opened:
            show = False if open_panel is None and (json or headless or frames or seconds) else open_panel
            _run_alone(configuration, instance, forget, frames, seconds, json, headless, tell, opened, show)


def _start_headless() -> Callable[[str], None]:
    from vcam.app.headless import start_journal

    start_journal(options.debug)
    return lambda text: log.info("%s", text)


@contextmanager
def _told_to(journal: Callable[[str], None] | None) -> Iterator[None]:
    """What ends a headless run is told to the journal too."""
    try:
        yield
    except VcamError as error:
        if journal is None or options.debug:
            raise
        log.error("%s", error)
        raise typer.Exit(error.exit_code) from error


def _run_alone(configuration: Configuration, instance: str, forget: bool, frames: int, seconds: float,
               json: bool, headless: bool, tell: Callable[[str], None], opened: Opened, show: bool | None) -> None:
    from vcam.app.greeting import greet
    from vcam.app.headless import Headless
    from vcam.app.status_line import StatusLine
    from vcam.control.beginning import begin
    from vcam.control.listener import RemoteControl
    from vcam.engine.live import run_to_end

    controller, assembly = begin(configuration, instance, forget, frames, seconds, patient=headless)
    _stop_on_signals(assembly)
    for note in assembly.notes:
        tell(note)
    remote = RemoteControl(controller, instance)
    controller.start()
    problem = remote.start()
    if problem:
        tell(problem)
    opened(controller, assembly.run)
    if greet(controller.panel, show):
        tell("the panel opens in your browser (--no-open-panel keeps it closed)")
    clean = False
    try:
        shown: StatusLine | Headless = Headless(controller) if headless and not json else StatusLine(controller, json)
        with shown as line:
            final = run_to_end(assembly.run, line.show, interval=1.0 if json or headless else 0.25)
        clean = True
    finally:
        controller.stop(clean)
        remote.stop()
    line.summary(final)
    _fail_if_nothing(final, headless)


def _note(text: str) -> None:
    err.print(f"[yellow]·[/] {escape(text)}", highlight=False)


def _stop_on_signals(assembly: Assembly) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        assembly.run.stop()

    signal.signal(signal.SIGINT, stop)
    if sys.platform != "win32":
        signal.signal(signal.SIGTERM, stop)


def _fail_if_nothing(final: RunStatus, patient: bool) -> None:
    """``patient``: a sink that was just being waited for does not count, unless it never came."""
    broken = [sink for sink in final.sinks if sink.problem and not (patient and sink.sent)]
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
                                       ("config", Config, None), ("name", Name, ""), ("forget", Forget, False),
                                       ("headless", Headlessly, False), ("open_panel", OpenPanel, None))]
    parameters = [_parameter(name, field) for name, field in fields().items()] + own
    command: Any = explained(_run)
    command.__signature__ = inspect.Signature(parameters)
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


run = _with_settings()
