"""The command line. Heavy imports happen inside the commands, so that ``--help`` answers at once."""

from __future__ import annotations

from typing import Annotated

import typer

from vcam import __version__
from vcam.app import (
    bench_command,
    config_commands,
    doctor_command,
    list_commands,
    model_commands,
    remote_commands,
    run_command,
)
from vcam.app.console import start_logging

app = typer.Typer(name="vcam", no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False,
                  context_settings={"help_option_names": ["-h", "--help"]},
                  help="Replace the background of your camera, in any app, on any computer.\n\n"
                       "Start with [bold]vcam run[/]: it takes the first camera (or a demo), blurs the room and shows "
                       "the result in a virtual camera and on a page of this machine.")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"vcam {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    debug: Annotated[bool, typer.Option("--debug", help="Show details and tracebacks.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Show the version.", callback=_version,
                                          is_eager=True)] = False,
) -> None:
    del version
    start_logging(debug)


app.command("run")(run_command.run)
for _word in (remote_commands.pause, remote_commands.resume, remote_commands.freeze, remote_commands.panic,
              remote_commands.status):
    app.command(_word.__name__)(_word)
app.command("devices")(list_commands.devices)
app.command("backgrounds")(list_commands.backgrounds)
app.command("bench")(bench_command.bench)
app.command("doctor")(doctor_command.doctor)
app.add_typer(model_commands.app, name="models")
app.add_typer(config_commands.app, name="config")


def main() -> None:
    """Entry point of the ``vcam`` program."""
    app()
