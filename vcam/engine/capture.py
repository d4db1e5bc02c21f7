"""The capture thread: reads a source, paces it, and brings it back when it is lost."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from fractions import Fraction

from vcam.engine.clock import Clock, Pacer, RateLimit
from vcam.engine.slot import Latest
from vcam.errors import SourceError
from vcam.frame import Frame
from vcam.sources import Source

BACKOFF = (0.5, 1.0, 2.0, 5.0)

log = logging.getLogger(__name__)


class Capture:
    """Puts a source's frames into ``slot``, each stamped with its capture time and a running number.

    Args:
        ready: frames are read only once it is set.
    """

    def __init__(self, source: Source, slot: Latest[Frame], clock: Clock, fps: Fraction | None,
                 stop: threading.Event, ready: threading.Event) -> None:
        self._source = source
        self._slot = slot
        self._clock = clock
        self._fps = fps
        self._stop = stop
        self._ready = ready
        self.count = 0
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
                    self._read_all()
                    return
                except SourceError as error:
                    if not self._source.info.live:
                        raise
                    self._reopen(error)
        finally:
            self._source.close()
            self._slot.close()

    def _read_all(self) -> None:
        pacer, limit = Pacer(self._clock), RateLimit(self._fps)
        live = self._source.info.live
        while not self._stop.is_set():
            frame = self._source.read()
            if frame is None:
                return
            captured_ns = frame.captured_ns or self._clock.now_ns()
            if not live:
                captured_ns = pacer.due_ns(frame.pts)
                if self._clock.wait_until(captured_ns, self._stop):
                    return
            if limit.keep(captured_ns):
                self._slot.put(replace(frame, seq=self.count, captured_ns=captured_ns))
                self.count += 1
                self.problem = ""

    def _reopen(self, error: SourceError) -> None:
        self.problem = str(error)
        log.warning("%s", error)
        attempt = 0
        while not self._stop.wait(BACKOFF[min(attempt, len(BACKOFF) - 1)]):
            attempt += 1
            self._source.close()
            try:
                self._source.open()
            except SourceError as again:
                self.problem = str(again)
            else:
                log.warning("%s is back", self._source.info.name)
                return
