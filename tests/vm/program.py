"""The program as a user starts it, in the guest: its State, what it holds open, what it costs."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.vm.forks import Fork
from vcam.app.cli import main

State = dict[str, Any]
# Small, and with the quicker network: every picture of it takes the emulated processor half a second.
RUN = ("--size", "320x180", "--tier", "light", "--background", "green", "--panel", "off")
# Much: the machine is emulated, and others run beside it. It is spent only where something is broken.
PATIENCE = 120.0


def vcam(folder: Path, *words: str) -> int:
    """The command ``vcam`` in this process; returns its exit status."""
    os.environ["VCAM_SOCKET_FOLDER"] = str(folder)
    sys.argv = ["vcam", *words]
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


class Program:
    """``vcam run``, which reports its State every second.

    Args:
        folder: for its reports.
        flags: of ``vcam run``.
    """

    def __init__(self, folder: Path, *flags: str) -> None:
        self._reports, self._errors = folder / "state", folder / "errors"
        self._fork = Fork(lambda: vcam(folder, "run", "--json", *flags), self._reports, self._errors)
        self.pid = self._fork.pid
        self._read = 0

    def wait(self, wanted: Callable[[State], bool], patience: float = PATIENCE) -> State:
        """The first report as wanted, from now on."""
        end, seen = time.monotonic() + patience, ""
        self._forget()
        while time.monotonic() < end:
            for state in self._unread():
                seen = json.dumps(state)
                if wanted(state):
                    return state
            assert self._fork.is_running(), f"it ended: {self.errors()}"
            time.sleep(0.2)
        raise AssertionError(f"never as wanted; the last report: {seen}\n{self.errors()}")

    def reports(self, count: int) -> list[State]:
        """The next reports from now on."""
        return [self.wait(lambda state: True) for _ in range(count)]

    def is_holding(self, device: str) -> bool:
        """Whether it has the device open now."""
        handles = Path(f"/proc/{self.pid}/fd")
        return any(os.path.realpath(handle) == device for handle in handles.iterdir())

    def processor_seconds(self) -> float:
        """Processor time used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def errors(self) -> str:
        return self._errors.read_text("utf-8", "replace")[-2000:]

    def stop(self) -> int:
        """Ask it to end; its exit status."""
        self._fork.signal(signal.SIGTERM)
        return self._fork.join(PATIENCE)

    def _forget(self) -> None:
        """What was reported until now is past."""
        for _ in self._unread():
            pass

    def _unread(self) -> Iterator[State]:
        if not self._reports.exists():
            return
        with self._reports.open("rb") as reports:
            reports.seek(self._read)
            while (line := reports.readline()).endswith(b"\n"):
                self._read = reports.tell()
                yield json.loads(line)["run"]
