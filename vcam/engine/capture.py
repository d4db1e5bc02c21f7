"""The capture thread: reads a source while it is wanted, paces it, and brings it back when it is lost."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from fractions import Fraction

from vcam.engine.clock import BACKOFF, Clock, Pacer, RateLimit
from vcam.engine.gate import Gate
from vcam.engine.health import FrozenWatch, SleepWatch
from vcam.engine.slot import Latest
from vcam.errors import SourceError
from vcam.frame import Frame
from vcam.sources import Source

log = logging.getLogger(__name__)


class Capture:
    """Puts a source's frames into ``slot``, each stamped with its capture time and a running number.

    Args:
        gate: the source is closed while this is.
        ready: frames are read only once it is set.
    """

    def __init__(self, source: Source, slot: Latest[Frame], clock: Clock, fps: Fraction | None,
                 stop: threading.Event, ready: threading.Event, gate: Gate) -> None:
        self._source = source
        self._slot = slot
        self._clock = clock
        self._fps = fps
        self._stop = stop
        self._ready = ready
        self._gate = gate
        self._frozen = FrozenWatch()
        self.count = 0
        self.reopened = 0
        self.is_on = True
        self.problem = ""

    def run(self) -> None:
        """The thread's work; the source is open already.

        Raises:
            SourceError: a recorded source failed (a live one is reopened instead).
        """
        try:
            self._ready.wait()
            while not self._stop.is_set():
                try:
                    if self._read_while_wanted():
                        return
                    self._rest()
                except SourceError as error:
                    if not self._source.info.live:
                        raise
                    self._reopen(error)
        finally:
            self._source.close()
            self._slot.close()

    def _read_while_wanted(self) -> bool:
        """Read until nobody wants frames; True at the end of a file, or of the run."""
        pacer, limit, sleep = Pacer(self._clock), RateLimit(self._fps), SleepWatch()
        while self._gate.is_open:
            frame = self._source.read()
            if frame is None or self._stop.is_set():
                return True
            captured_ns = frame.captured_ns or self._clock.now_ns()
            if self._source.info.live:
                self._check_health(frame, captured_ns, sleep)
            else:
                captured_ns = pacer.due_ns(frame.pts)
                if self._clock.wait_until(captured_ns, self._stop):
                    return True
            if limit.keep(captured_ns):
                self._slot.put(replace(frame, seq=self.count, captured_ns=captured_ns))
                self.count += 1
                self.problem = ""
        return self._stop.is_set()

    def _check_health(self, frame: Frame, now_ns: int, sleep: SleepWatch) -> None:
        if sleep.slept():
            raise SourceError(f"{self._source.info.name} was interrupted: the computer slept", "reopening it")
        if self._frozen.is_frozen(frame, now_ns):
            raise SourceError(f"{self._source.info.name} stands still: the same picture for seconds", "reopening it")

    def _rest(self) -> None:
        """Camera off until frames are wanted again."""
        self._source.close()
        self.is_on = False
        while not self._gate.wait(1.0):
            if self._stop.is_set():
                return
        self._source.open()
        self.is_on = True

    def _reopen(self, error: SourceError) -> None:
        self.problem = str(error)
        log.warning("%s", error)
        attempt = 0
        while not self._stop.wait(BACKOFF[min(attempt, len(BACKOFF) - 1)]) and self._gate.is_open:
            attempt += 1
            self._source.close()
            try:
                self._source.open()
            except SourceError as again:
                self.problem = str(again)
            else:
                self.reopened += 1
                self.is_on = True
                log.warning("%s is back", self._source.info.name)
                return
