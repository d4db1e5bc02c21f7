"""Processes forked from this one: on an emulated processor, loading Python's modules anew takes half a minute."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path


class Fork:
    """``work`` in a process of its own; what it returns is its exit status.

    Args:
        out, errors: files for what it writes; None: where this process writes.
    """

    def __init__(self, work: Callable[[], int], out: Path | None = None, errors: Path | None = None) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        self.status: int | None = None
        self.pid = os.fork()
        if not self.pid:
            _redirect(out, 1)
            _redirect(errors, 2)
            os._exit(_outcome(work))

    def is_running(self) -> bool:
        """Whether it has not ended yet; ``status`` then tells how it ended."""
        if self.status is None:
            ended, code = os.waitpid(self.pid, os.WNOHANG)
            self.status = os.waitstatus_to_exitcode(code) if ended else None
        return self.status is None

    def join(self, patience: float) -> int:
        """Wait for its end; its exit status (that of SIGKILL if it took longer than ``patience`` seconds)."""
        end = time.monotonic() + patience
        while self.is_running():
            if time.monotonic() > end:
                self.signal(signal.SIGKILL)
            time.sleep(0.1)
        assert self.status is not None
        return self.status

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it still runs."""
        if self.is_running():
            os.kill(self.pid, number)


def _redirect(target: Path | None, handle: int) -> None:
    if target is not None:
        file = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(file, handle)
        os.close(file)


def _outcome(work: Callable[[], int]) -> int:
    try:
        status = work()
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return status
