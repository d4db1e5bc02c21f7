"""One camera's process: started, listened to, and started again when it dies or hangs.

It is told that it is a service, and tells how it goes as to any service manager (``vcam.app.service``).
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

log = logging.getLogger("vcam")

# Seconds without a sign of life until a camera counts as hung, once it was ready, and until it must be ready.
HUNG_SECONDS, START_SECONDS = 30.0, 120.0
# Seconds until a camera that died is started again; the last one repeats. Who lived long begins at the first.
BACKOFF = (1.0, 2.0, 5.0, 15.0, 30.0)
_LONG_SECONDS = 60.0
_WRONG = 2  # its exit code when the command or the configuration is wrong: trying again does not mend it


class Child:
    """Owned by one thread.

    Args:
        command: what to start.
        folder: for its socket; a short path.
    """

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        self.name = name
        self.status = "starting"
        self.exit_code = 0
        self.restarts = 0
        self._command = list(command)
        self._process: subprocess.Popen[bytes] | None = None
        self._failures = 0
        self._again = 0.0
        self._begun = self._alive = 0.0
        self._ready = False
        self._ended = False
        self._path = folder / name
        self._socket: socket.socket | None = None
        self._environment = dict(environment)

    def start(self, now: float) -> None:
        """Begin, or begin again."""
        self._listen()
        self._begun = self._alive = now
        self._ready, self._ended, self.status = False, False, "starting"
        self._process = subprocess.Popen(self._command, env=self._environment, stdin=subprocess.DEVNULL)

    def look(self, now: float) -> None:
        """Hear what it says, and see to it that it runs. ``now`` in seconds of a monotonic clock."""
        if self._ended:
            return
        if self._process is None:
            if now >= self._again:
                self.restarts += 1
                self.start(now)
            return
        self._hear(now)
        code = self._process.poll()
        if code is not None:
            self._follow_end(code, now)
        elif self._is_hung(now):
            log.error("camera %s hangs, and is started again", self.name)
            self._process.kill()
            self._process.wait()
            self._follow_end(-signal.SIGKILL, now)

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def stop(self, seconds: float) -> None:
        """Wait for its end, after ``tell``; one that does not end is ended."""
        process, self._ended = self._process, True
        if process is not None:
            try:
                self.exit_code = process.wait(seconds)
            except subprocess.TimeoutExpired:
                log.error("camera %s does not stop, and is ended", self.name)
                process.kill()
                self.exit_code = process.wait()
        if self._socket is not None:
            self._socket.close()
            self._path.unlink(missing_ok=True)

    @property
    def pid(self) -> int:
        """Of its process; 0: none."""
        return self._process.pid if self._process is not None else 0

    @property
    def is_ready(self) -> bool:
        """Whether nothing more is to be waited for before the room counts as started."""
        return self._ready or self._ended or self._failures > 0

    @property
    def has_ended(self) -> bool:
        """Whether it is over for good: it was asked to end, or its configuration is wrong."""
        return self._ended

    def _follow_end(self, code: int, now: float) -> None:
        self._process, self.exit_code = None, code
        if code in (0, _WRONG):
            self._ended, self.status = True, "stopped" if code == 0 else "wrong configuration"
            log.log(logging.INFO if code == 0 else logging.ERROR, "camera %s: %s", self.name, self.status)
            return
        self._failures = 1 if now - self._begun > _LONG_SECONDS else self._failures + 1
        pause = BACKOFF[min(self._failures, len(BACKOFF)) - 1]
        self._again, self.status = now + pause, f"ended with {code}"
        log.error("camera %s ended with exit code %d, and is started again in %.0f s", self.name, code, pause)

    def _is_hung(self, now: float) -> bool:
        if self._socket is None:
            return False
        return now - self._alive > HUNG_SECONDS if self._ready else now - self._begun > START_SECONDS

    def _listen(self) -> None:
        """Open the socket that it tells its signs of life to, where there are such sockets."""
        if not hasattr(socket, "AF_UNIX") or self._socket is not None:
            return
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self._path))
        self._socket.setblocking(False)
        self._environment |= {"NOTIFY_SOCKET": str(self._path), "WATCHDOG_USEC": str(int(HUNG_SECONDS * 1e6))}
        self._environment.pop("WATCHDOG_PID", None)
        self._environment["VCAM_SUPERVISOR"] = str(os.getpid())

    def _hear(self, now: float) -> None:
        with suppress(BlockingIOError):
            while self._socket is not None:
                words = dict(line.partition("=")[::2] for line in self._socket.recv(1 << 16).decode().splitlines())
                self._ready = self._ready or words.get("READY") == "1"
                self._alive = now if "WATCHDOG" in words or "READY" in words else self._alive
                self.status = words.get("STATUS", self.status)
