"""``vcam tray``: vcam with an icon among the desktop's, for those who start it from a menu and not in a terminal."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from typing import Annotated, Any, Literal

import typer

from vcam.app import autostart
from vcam.app.console import err, explained
from vcam.app.run_command import run
from vcam.config import extra, fields
from vcam.control import remote
from vcam.control.instance import holding, instance_name, owner
from vcam.errors import ControlError

# Not a name that a vcam can have, so that it never stands in one's way.
_LOCK = "-tray"

_SECRET = "panel_token"

# Of `vcam run`: a tray's standard output is nobody's, and a service has no tray.
_NOT_HERE = ("json", "headless")

AtLogin = Annotated[Literal["on", "off"] | None, typer.Option(
    "--at-login", help="Start at login from now on, with the other flags given here, or no more; then end.",
    rich_help_panel="Desktop", show_default=False)]


def _tray(at_login: Literal["on", "off"] | None, **given: Any) -> None:
    """Run vcam with an icon in the desktop's tray: background, blur, camera, pause and more at two clicks.

    It takes the flags of `vcam run`. If vcam runs already, the icon shows that one. Where there can be no icon it says
    so and goes on as `vcam run`.
    """
    from vcam.control.configuration import Configuration

    Configuration({name: given[name] for name in fields()}, given["config"])
    arguments = run_arguments(given)
    if given[_SECRET]:
        os.environ[autostart.SECRET] = given[_SECRET]
    if at_login:
        _turn_at_login(at_login == "on", arguments)
        return
    instance = instance_name(given["name"])
    try:
        with holding(_LOCK + instance):
            raise typer.Exit(_show(instance, arguments))
    except ControlError as error:
        if pid := owner(_LOCK + instance):
            raise ControlError(f"vcam has an icon in the tray already (process {pid})",
                               "its menu ends it: Quit vcam") from error
        raise


def _show(instance: str, arguments: list[str]) -> int:
    from vcam.app.tray.library import NoTray, load
    from vcam.app.tray.place import missing_place

    try:
        pystray = load()
    except NoTray as error:
        _note(f"{error.message} ({error.hint})")
        return _run_without(arguments)
    if problem := missing_place():
        _note(problem)
    if remote.is_running(instance):
        _note(f"vcam runs already (process {owner(instance)}): the icon shows that one"
              + (", and the flags given here are left out of account" if arguments else ""))
    from vcam.app.tray.program import TrayProgram

    return TrayProgram(pystray, instance, arguments).run()


def _run_without(arguments: list[str]) -> int:
    command = [sys.executable, "-m", "vcam", "run", *arguments]
    if sys.platform != "win32":
        os.execv(command[0], command)
    return subprocess.call(command)


def _turn_at_login(on: bool, arguments: list[str]) -> None:
    autostart.turn(on, login_command(arguments))
    _note("vcam starts at login" if on else "vcam does not start at login")


def login_command(arguments: list[str]) -> list[str]:
    """What is started at login."""
    return [sys.executable, "-m", "vcam", "tray", *arguments]


def run_arguments(given: dict[str, Any]) -> list[str]:
    """The flags of ``vcam run`` that were given, as they are typed; less the panel's token, which every user of the
    machine could read in the list of processes and at login: the environment hands it on."""
    arguments = []
    for name, field in fields().items():
        if name == _SECRET:
            continue
        flag = extra(field, "flags")[0]
        value = given[name]
        if isinstance(value, bool):
            arguments.append(flag.split("/")[0 if value else 1])
        elif value is not None:
            for one in value if isinstance(value, list) else [value]:
                arguments += [flag, str(one)]
    for name in ("frames", "seconds", "config", "name"):
        if given[name]:
            arguments += [f"--{name}", f"{given[name]:g}" if isinstance(given[name], float) else str(given[name])]
    if given["open_panel"] is not None:
        arguments.append("--open-panel" if given["open_panel"] else "--no-open-panel")
    return arguments + (["--forget"] if given["forget"] else [])


def _note(text: str) -> None:
    err.print(f"· {text}", highlight=False, markup=False)


def _with_flags_of_run() -> Any:
    own = inspect.Parameter("at_login", inspect.Parameter.KEYWORD_ONLY, annotation=AtLogin, default=None)
    signature = inspect.signature(run)
    parameters = [parameter for name, parameter in signature.parameters.items() if name not in _NOT_HERE]
    command: Any = explained(_tray)
    command.__signature__ = inspect.Signature([*parameters, own])
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in (*parameters, own)}
    return command


tray = _with_flags_of_run()
