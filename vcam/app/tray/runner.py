"""The vcam that the tray starts: a process of its own, whose last words are kept."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

_END_SECONDS = 20.0
_LAST = 20
_SAYS = "vcam: "
_NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows


class Runner:
    """Starts ``vcam run``, again and again if it has to be.

    Args:
        arguments: what follows ``vcam run``.
        log: where its messages go if there is no terminal.
    """

    def __init__(self, arguments: Sequence[str], log: Path) -> None:
        self._arguments, self._log = list(arguments), log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, unless it runs."""
        if self.runs:
            return
        command = [sys.executable, "-m", "vcam", "run", *self._arguments]
        if _has_terminal():
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
            return
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as messages:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=messages,
                                             creationflags=_NO_WINDOW)

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def code(self) -> int | None:
        """How the last one ended; None: none was started, or it runs."""
        return self._process.poll() if self._process is not None else None

    def trouble(self) -> str:
        """Why the last one failed; empty: it did not."""
        if not self.code:
            return ""
        said = "" if _has_terminal() else _last_words(self._log)
        return said or f"it ended with code {self.code}"

    def stop(self) -> None:
        """End it as Ctrl-C would; one that hangs is killed."""
        process = self._process
        if process is None:
            return
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_END_SECONDS)
            return
        process.kill()
        process.wait()


def _has_terminal() -> bool:
    stream: IO[str] | None = sys.stderr  # a program without a console has none
    return stream is not None and stream.isatty()


def _last_words(log: Path) -> str:
    with suppress(OSError):
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST:]
        told = [line.removeprefix(_SAYS) for line in lines if line.startswith(_SAYS)]
        return (told or [line.strip() for line in lines if line.strip()] or [""])[-1]
    return ""
