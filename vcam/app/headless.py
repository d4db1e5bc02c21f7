"""A run that nobody looks at: lines for a journal instead of a status line, and the service manager kept informed."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from concurrent.futures import Future
from types import FrameType, TracebackType
from typing import TextIO

from vcam.app.service import Manager, Pulse
from vcam.control.commands import TABLE
from vcam.control.controller import Controller
from vcam.control.state import State
from vcam.engine.status import RunStatus

log = logging.getLogger("vcam")

# syslog's numbers, as journald reads them at the beginning of a line (sd-daemon(3)).
_PRIORITIES = {logging.CRITICAL: 2, logging.ERROR: 3, logging.WARNING: 4, logging.INFO: 6, logging.DEBUG: 7}


class Headless:
    """Takes the place of the status line; a context manager.

    SIGHUP reads the configuration again.
    """

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self._manager = Manager()
        self._pulse = Pulse()
        self._said: dict[str, str] = {}
        self._wants_reload = False
        self._reload: Future[State] | None = None
        self._begun = False

    def __enter__(self) -> Headless:
        if sys.platform != "win32":
            signal.signal(signal.SIGHUP, self._on_hangup)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._manager.stopping()

    def show(self, status: RunStatus) -> None:
        """Log what has changed, and tell the manager."""
        if not self._begun:
            self._begun = True
            self._manager.ready()
        self._follow_reload()
        self._log_changes(status)
        if self._pulse.beats(status, time.monotonic()):
            self._manager.alive(summary_line(status))
        else:
            self._say("pulse", "pictures come in, and none is finished any more", logging.ERROR)

    def summary(self, status: RunStatus) -> None:
        """The last word: what came out."""
        for sink in status.sinks:
            log.info("%s: %d pictures, %d dropped, reconnected %d times, delay %.0f ms (99 %%: %.0f ms)", sink.name,
                     sink.sent, sink.dropped, sink.reopened, sink.delay_ms, sink.delay_p99_ms)

    def _log_changes(self, status: RunStatus) -> None:
        told = f"{status.phase}: {status.source} → {status.background}, {status.size}"
        self._say("phase", told, logging.INFO)
        if status.problem:
            self._say("problem", status.problem, logging.WARNING)
        for sink in status.sinks:
            if sink.note:
                self._say(sink.name, sink.note, logging.INFO)

    def _say(self, about: str, text: str, level: int) -> None:
        """Log a text unless it is what was said last about the same."""
        if self._said.get(about) != text:
            self._said[about] = text
            log.log(level, "%s", text)

    def _on_hangup(self, number: int, frame: FrameType | None) -> None:
        """A handler may interrupt anything: it only leaves a note for ``show``."""
        del number, frame
        self._wants_reload = True

    def _follow_reload(self) -> None:
        """Begin one if it is asked for, and tell when it is over: cameras may take their time."""
        if self._wants_reload and self._reload is None:
            self._wants_reload = False
            self._manager.reloading()
            self._reload = self._controller.submit(TABLE.command("reload"))
        if self._reload is None or not self._reload.done():
            return
        problem, self._reload = self._reload.exception(), None
        if problem is None:
            log.info("the configuration was read again")
        else:
            log.error("the configuration is not followed: %s", problem)
        self._manager.ready()


def summary_line(status: RunStatus) -> str:
    """How it goes, in a line."""
    parts = [f"{status.phase}, {status.fps:.0f} fps"]
    for sink in status.sinks:
        rate = f" {sink.kbit_s:.0f} kbit/s," if sink.kbit_s else ""
        state = "waiting" if sink.problem else f"{rate} {sink.delay_ms:.0f} ms".strip()
        parts.append(f"{sink.name}: {state}")
    return "; ".join(parts)


def start_journal(debug: bool, stream: TextIO | None = None) -> None:
    """Messages as plain lines on standard error: with priorities where it is the journal, else with the time."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    plain = logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    handler.setFormatter(_Journal() if _is_journal(stream) else plain)
    logging.basicConfig(level=logging.DEBUG if debug else logging.INFO, handlers=[handler], force=True)
    for noisy in ("numba", "PIL", "libav", "aioice", "aiortc"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class _Journal(logging.Formatter):
    """Every line of a message begins with its priority: a line is an entry."""

    def format(self, record: logging.LogRecord) -> str:
        priority = f"<{_PRIORITIES.get(record.levelno, 6)}>"
        return "\n".join(priority + line for line in super().format(record).splitlines())


def _is_journal(stream: TextIO) -> bool:
    """Whether the stream goes to journald, which says so in the environment."""
    try:
        told = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{told.st_dev}:{told.st_ino}"
