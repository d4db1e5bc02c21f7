"""Words for a vcam that runs already: one for each row of the table of commands, and those that only look.

They are quick, so that a desktop's own keyboard shortcuts can be bound to them: nothing is imported that talking to
the running vcam does not need, and it alone checks what was typed.
"""

from __future__ import annotations

import inspect
import json as json_module
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from vcam.app import completing
from vcam.app.explaining import explained
from vcam.control.commands import TABLE
from vcam.control.verbs import Parameter, Verb
from vcam.errors import ControlError

PANEL = "The running vcam"
_GROUPS = {"sink": "Start, stop and list the outputs of the running vcam.",
           "profile": "Save choices under a name, and come back to them.",
           "plate": "Teach vcam the empty room, or have it forget the room."}
# Settings whose value may be a relative path, which means something here but not to the running vcam.
_PATH_SETTINGS = ("background", "source", "away_picture", "backgrounds_folder")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Instance = Annotated[str, typer.Option("--name", "--camera", help="The vcam of that name (`vcam run --name`), or that "
                                       "camera of a room.", metavar="NAME", show_default=False)]


def add_to(app: typer.Typer) -> list[str]:
    """Add all of them to the program; returns their words."""
    groups = {word: typer.Typer(help=help_text, no_args_is_help=True) for word, help_text in _GROUPS.items()}
    for verb in TABLE.verbs().values():
        group, _, member = verb.word.rpartition(" ")
        target = groups[group] if group else app
        target.command(member, rich_help_panel=None if group else PANEL)(_word(verb))
    app.command("status", rich_help_panel=PANEL)(status)
    groups["sink"].command("list")(list_sinks)
    groups["profile"].command("list")(list_profiles)
    for word, group_app in groups.items():
        app.add_typer(group_app, name=word, rich_help_panel=PANEL)
    return [*(verb.word for verb in TABLE.verbs().values() if " " not in verb.word), "status", *groups]


@explained
def status(
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Go on, and show every change.")] = False,
    json: Json = False,
    instance: Instance = "",
) -> None:
    """Say what the running vcam does."""
    from vcam.control import remote

    if watch:
        _follow(instance, json)
    elif json:
        _print(json_module.dumps(remote.status(instance), indent=1))
    else:
        _print(*_lines(remote.status(instance)))


@explained
def list_sinks(json: Json = False, instance: Instance = "") -> None:
    """List the outputs that the running vcam feeds."""
    from vcam.control import remote

    state = remote.status(instance)
    if json:
        _print(json_module.dumps(state["run"]["sinks"], indent=1))
    else:
        _print(*(f"  {spec:<24} {_viewers(sink).removeprefix(', ')}".rstrip()
                 for spec, sink in zip(state["sinks"], state["run"]["sinks"], strict=False)))


@explained
def list_profiles(json: Json = False, instance: Instance = "") -> None:
    """List the saved profiles; the one in use is marked."""
    from vcam.control import remote

    try:
        state = remote.status(instance)
        names, used = state["profiles"], state["profile"]
    except ControlError:
        from vcam.control.profiles import Profiles, profiles_path

        names, used = list(Profiles(profiles_path()).names()), ""
    if json:
        _print(json_module.dumps({"profiles": names, "used": used}))
    else:
        _print(*(f"{'*' if name == used else ' '} {name}" for name in names))


def _word(verb: Verb) -> Callable[..., None]:
    """The command of a verb: its parameters are the table's, and what is typed is sent as it is."""
    def run(instance: str, **given: str) -> None:
        from vcam.control import remote

        arguments = {parameter.name: _absolute(parameter, given) for parameter in verb.parameters
                     if given[parameter.name] is not None}
        state = remote.tell(verb.word, arguments, instance)
        _print(_line(state))

    run.__doc__ = verb.help
    run.__name__ = verb.word
    command: Any = explained(run)
    parameters = [_parameter(parameter) for parameter in verb.parameters]
    parameters.append(inspect.Parameter("instance", inspect.Parameter.KEYWORD_ONLY, annotation=Instance, default=""))
    command.__signature__ = inspect.Signature(parameters)
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    wrapped: Callable[..., None] = command
    return wrapped


def _parameter(parameter: Parameter) -> inspect.Parameter:
    told = parameter.told.help
    if not parameter.required and parameter.default not in ("", None):
        told += f" Without it: {parameter.default}."
    argument = typer.Argument(help=told, metavar=parameter.metavar, show_default=False,
                              autocompletion=completing.of(parameter))
    default = inspect.Parameter.empty if parameter.required else None
    kind: Any = str if parameter.required else str | None
    return inspect.Parameter(parameter.name, inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[kind, argument],
                             default=default)


def _absolute(parameter: Parameter, given: dict[str, str]) -> str:
    """A relative path means something in this folder, but not in that of the running vcam."""
    text = given[parameter.name]
    if not parameter.told.is_path or text == "-" or len(text.partition(":")[0]) < len(text):
        return text
    if parameter.name == "value":
        is_path = given["name"] in _PATH_SETTINGS and Path(text).exists()
    else:
        is_path = bool(Path(text).suffix) and (parameter.name == "sink" or Path(text).exists())
    return str(Path(text).absolute()) if is_path else text


def _follow(instance: str, json: bool) -> None:
    from vcam.control import remote

    try:
        if not json and sys.stdout.isatty():
            from rich.live import Live
            from rich.text import Text

            with Live(auto_refresh=False) as live:
                for state in remote.watch(instance):
                    live.update(Text("\n".join(_lines(state))), refresh=True)
            return
        for state in remote.watch(instance):
            _print(json_module.dumps(state, separators=(",", ":")) if json else _line(state))
    except KeyboardInterrupt:
        return


def _lines(state: dict[str, Any]) -> list[str]:
    """The whole of it, for people."""
    lines = [_line(state)]
    lines += [f"  {sink['note'] or sink['name']}{_viewers(sink)}" for sink in state["run"]["sinks"]]
    if state["profile"]:
        lines.append(f"  profile: {state['profile']}")
    if state["busy"]:
        lines.append(f"  busy: {state['busy']}")
    return lines + [f"  {problem['about']}: {problem['text']}" for problem in state["problems"]]


def _line(state: dict[str, Any]) -> str:
    run = state["run"]
    camera = "camera on" if run["camera_on"] else "camera off"
    problem = f" – {run['problem']}" if run["problem"] else ""
    return (f"{run['phase']}: {run['source']} → {run['background']}, {run['size']}, {run['fps']:.1f} fps, "
            f"{run['cpu']:.0f} % CPU, {camera}{problem}")


def _viewers(sink: dict[str, Any]) -> str:
    watched = {None: "", 0: ", nobody watches", 1: ", 1 viewer"}.get(sink["watchers"], f", {sink['watchers']} viewers")
    return f"{watched} {sink['problem']}".rstrip()


def _print(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
