"""What vcam tells the service manager that started it (sd_notify(3)): ready, alive, reloading, stopping.

Outside a service nobody listens, and nothing is sent.
"""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress

from vcam.engine.status import Phase, RunStatus

# How long pictures may come in without one being finished before the process counts as hung.
HUNG_SECONDS = 20.0
_PATIENCE_SECONDS = 0.5


class Manager:
    """The manager's socket, as its environment names it."""

    def __init__(self) -> None:
        path = os.environ.get("NOTIFY_SOCKET", "")
        self._where = "\0" + path[1:] if path.startswith("@") else path
        owner = os.environ.get("WATCHDOG_PID", "")
        microseconds = os.environ.get("WATCHDOG_USEC", "") if owner in ("", str(os.getpid())) else ""
        self.watchdog_seconds = int(microseconds) / 1e6 if microseconds.isdigit() else 0.0

    def tell(self, **words: str) -> None:
        """Send ``NAME=value`` lines; that nobody is there is no error."""
        if not self._where or not hasattr(socket, "AF_UNIX"):
            return
        lines = "\n".join(f"{name}={value}" for name, value in words.items())
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.settimeout(_PATIENCE_SECONDS)  # a manager that hangs and reads nothing must not hang us
            line.connect(self._where)
            line.send(lines.encode())

    def ready(self) -> None:
        self.tell(READY="1")

    def reloading(self) -> None:
        """To be followed by ``ready``."""
        self.tell(RELOADING="1", MONOTONIC_USEC=str(time.monotonic_ns() // 1000))

    def stopping(self) -> None:
        self.tell(STOPPING="1")

    def alive(self, status: str) -> None:
        """Feed the watchdog, and say in a line how it goes (``systemctl status`` shows it)."""
        self.tell(WATCHDOG="1", STATUS=status)


class Pulse:
    """Whether a run still does its work: not while pictures come in and none is finished for a long time.

    A camera that is lost or a server that is down is no reason to start anew: vcam reconnects by itself.
    """

    def __init__(self) -> None:
        self._captured = self._rendered = -1
        self._stuck_since: float | None = None
        self._arrived = 0.0

    def beats(self, status: RunStatus, now: float) -> bool:
        """Ask once for every snapshot. ``now`` in seconds of a monotonic clock."""
        comes, moves = status.captured > self._captured, status.rendered != self._rendered
        self._captured, self._rendered = status.captured, status.rendered
        if moves or status.phase not in (Phase.LIVE, Phase.CARD, Phase.STARTING):
            self._stuck_since = None
        elif comes:
            self._arrived = now
            self._stuck_since = now if self._stuck_since is None else self._stuck_since
        return self._stuck_since is None or self._arrived - self._stuck_since < HUNG_SECONDS
