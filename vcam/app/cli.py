"""The command line. Modules are imported when their command is asked for, so that a key bound to one is quick."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any

import typer
import typer.core
import typer.main

from vcam import __version__
from vcam.app import remote_commands
from vcam.app.explaining import options

_MODULES = {
    "run": "run_command:run",
    "tray": "tray_command:tray",
    "cutout": "cutout_command:cutout",
    "devices": "list_commands:devices",
    "backgrounds": "list_commands:backgrounds",
    "bench": "bench_command:bench",
    "eval": "eval_command:evaluate",
    "doctor": "doctor_command:doctor",
    "models": "model_commands:app",
    "config": "config_commands:app",
}


class _Lazy(typer.core.TyperGroup):
    """Finds the commands of ``_MODULES`` when they are asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*_MODULES, *super().list_commands(ctx)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in _MODULES and cmd_name not in self.commands:
            self.commands[cmd_name] = _loaded(cmd_name)
        return super().get_command(ctx, cmd_name)


def _loaded(word: str) -> Any:
    module, _, name = _MODULES[word].partition(":")
    found = getattr(import_module(f"vcam.app.{module}"), name)
    if isinstance(found, typer.Typer):
        command = typer.main.get_group(found)
        command.name = word
        return command
    alone = typer.Typer(add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)
    alone.command(word)(found)
    return typer.main.get_command(alone)


app = typer.Typer(name="vcam", cls=_Lazy, no_args_is_help=True, rich_markup_mode="rich",
                  pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]},
                  help="Replace the background of your camera, in any app, on any computer.\n\n"
                       "Start with [bold]vcam run[/]: it takes the first camera (or a demo), blurs the room and shows "
                       "the result in a virtual camera and on a page of this machine.")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"vcam {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show details and tracebacks.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Show the version.", callback=_version,
                                          is_eager=True)] = False,
) -> None:
    del version
    options.debug = debug
    if debug or context.invoked_subcommand not in _QUICK:
        from vcam.app.console import start_logging

        start_logging(debug)


_QUICK = remote_commands.add_to(app)


def main() -> None:
    """Entry point of the ``vcam`` program."""
    app(prog_name="vcam")
