"""One clear line instead of a traceback, for every command. Imports little: some commands must be quick."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import typer

from vcam.errors import VcamError

Arguments = ParamSpec("Arguments")


class _Options:
    debug = False


options = _Options()


def explained(command: Callable[Arguments, None]) -> Callable[Arguments, None]:
    """Turn errors of vcam into one line on standard error and an exit code: 2 for usage, 1 for failure."""
    @wraps(command)
    def wrapped(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except VcamError as error:
            if options.debug:
                raise
            say_error(error)
            raise typer.Exit(error.exit_code) from error
        except BrokenPipeError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(1) from error

    return wrapped


def say_error(error: VcamError) -> None:
    """One line: what was tried and found; then what to do."""
    typer.echo(f"{typer.style('vcam:', fg='red', bold=True)} {error.message}", err=True)
    if error.hint:
        typer.echo(typer.style(f"      {error.hint}", dim=True), err=True)
