"""The capture thread: reads a source while it is wanted, paces it, and brings it back when it is lost."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from vcam.engine.clock import BACKOFF, Clock, Pacer, RateLimit
from vcam.engine.gate import Gate
from vcam.engine.health import FrozenWatch, SleepWatch
from vcam.engine.slot import Latest
from vcam.engine.worker import Worker
from vcam.errors import SourceError
from vcam.frame import Frame
from vcam.sources import Source

log = logging.getLogger(__name__)


class Capture:
    """Puts a source's frames into ``slot``, each stamped with its capture time and a running number.

    Args:
        source: open already, unless the gate is closed: then it is opened when frames are wanted.
        gate: the source is closed while this is.
        ready: frames are read only once it is set.
        died: told, with this capture, of an error that ends it.
        count: of the frames captured before, by another source.
    """

    def __init__(self, source: Source, slot: Latest[Frame], clock: Clock, fps: Fraction | None,
                 ready: threading.Event, gate: Gate, died: Callable[[Capture, BaseException], None],
                 count: int = 0) -> None:
        self.source = source
        self.slot = slot
        self.fps = fps
        self.count = count
        self.reopened = 0
        self.is_on = gate.is_open
        self.problem = ""
        self._clock = clock
        self._ready = ready
        self._gate = gate
        self._stop = threading.Event()
        self.retired = False
        self._frozen = FrozenWatch()
        self._worker = Worker("capture", self.run, lambda error: died(self, error))

    @property
    def name(self) -> str:
        """What the source calls itself; empty if it has never been open."""
        try:
            return self.source.info.name
        except SourceError:
            return ""

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._worker.start()

    def stop(self) -> None:
        """Ask for the end; returns at once."""
        self._stop.set()

    def retire(self) -> None:
        """Ask for the end, because another capture takes over: the slot stays open for it."""
        self.retired = True
        self._stop.set()

    def join(self, seconds: float) -> bool:
        """Wait until the source is closed; False if it is not within ``seconds``. True if it never started."""
        return self._worker.join(seconds)

    def run(self) -> None:
        """The thread's work.

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
                    if not self._is_live():
                        raise
                    self._reopen(error)
        finally:
            self.source.close()
            self.is_on = False
            if not self.retired:
                self.slot.close()

    def _is_live(self) -> bool:
        """A source that cannot say has never been open: it is waited for, as for one that was lost."""
        try:
            return self.source.info.live
        except SourceError:
            return True

    def _read_while_wanted(self) -> bool:
        """Read until nobody wants frames; True at the end of a file, or of the run."""
        pacer, limit, sleep = Pacer(self._clock), RateLimit(self.fps), SleepWatch()
        while self._gate.is_open:
            frame = self.source.read()
            if frame is None or self._stop.is_set():
                return True
            captured_ns = frame.captured_ns or self._clock.now_ns()
            if self.source.info.live:
                self._check_health(frame, captured_ns, sleep)
            else:
                captured_ns = pacer.due_ns(frame.pts)
                if self._clock.wait_until(captured_ns, self._stop):
                    return True
            if limit.keep(captured_ns):
                self.slot.put(replace(frame, seq=self.count, captured_ns=captured_ns))
                self.count += 1
                self.problem = ""
        return self._stop.is_set()

    def _check_health(self, frame: Frame, now_ns: int, sleep: SleepWatch) -> None:
        if sleep.slept():
            raise SourceError(f"{self.name} was interrupted: the computer slept", "reopening it")
        if self._frozen.is_frozen(frame, now_ns):
            raise SourceError(f"{self.name} stands still: the same picture for seconds", "reopening it")

    def _rest(self) -> None:
        """Camera off until frames are wanted again."""
        self.source.close()
        self.is_on = False
        while not self._gate.wait(1.0) and not self._stop.is_set():
            pass
        if self._stop.is_set():
            return
        self.source.open()
        self.is_on = True

    def _reopen(self, error: SourceError) -> None:
        self.problem = str(error)
        log.warning("%s", error)
        self.source.close()  # a camera that comes back while its old node is held gets another number
        attempt = 0
        while not self._stop.wait(BACKOFF[min(attempt, len(BACKOFF) - 1)]) and self._gate.is_open:
            attempt += 1
            self.source.close()
            try:
                self.source.open()
            except SourceError as again:
                self.problem = str(again)
            else:
                self.reopened += 1
                self.is_on = True
                log.warning("%s is back", self.name)
                return
