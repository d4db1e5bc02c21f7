"""What all commands share: consoles, logging, and one clear line instead of a traceback."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import typer
from rich.console import Console
from rich.logging import RichHandler

from vcam.errors import VcamError

out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)

Arguments = ParamSpec("Arguments")


class _Options:
    debug = False


options = _Options()


def start_logging(debug: bool) -> None:
    """Messages go to standard error; ``debug`` shows everything, with tracebacks."""
    options.debug = debug
    handler = RichHandler(console=err, show_time=debug, show_path=debug, markup=False, highlighter=None)
    logging.basicConfig(level=logging.DEBUG if debug else logging.WARNING, format="%(message)s", handlers=[handler],
                        force=True)
    for noisy in ("numba", "PIL", "libav"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


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
    err.print(f"[bold red]vcam:[/] {_plain(error.message)}", highlight=False)
    if error.hint:
        err.print(f"      {_plain(error.hint)}", style="dim", highlight=False)


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
