"""One sink's thread: what it is sent, and the placeholder card when there is nothing to send."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from vcam.engine.clock import BACKOFF, SECOND_NS, Clock
from vcam.engine.meter import Meter
from vcam.engine.slot import Bounded, Latest
from vcam.engine.status import SinkStatus
from vcam.errors import SinkError
from vcam.frame import Rendered
from vcam.sinks import Delivery, OutputFormat, Sink

# A picture older than this is not repeated any more: the card takes its place (Law 1).
STALL_SECONDS = 1.0
# How often a card is sent again while nothing happens: often while something may come any moment, seldom while idle.
CARD_INTERVAL, IDLE_INTERVAL = 0.2, 1.0
QUEUE = 64

log = logging.getLogger(__name__)


class Output:
    """Feeds one sink. Pictures of another size than its own are not for it: they are passed over.

    Args:
        card: the card to show now (its text says why); asked anew each time.
        forced: a picture that goes out instead of any other, or None; asked right before each picture.
        idle: whether nobody watches.
        stop: set once the sink's reopening is no longer worth waiting for.
        zero_ns: clock time that is 0 on the output's time line.
        allowed: whether a picture may still go out; asked right before it does.
        greets: show a card first. Not where the sink only changes its size: a picture is about to come.
        meter: counts on from an earlier output of the same sink.
    """

    def __init__(self, sink: Sink, output: OutputFormat, clock: Clock, card: Callable[[], Rendered],
                 forced: Callable[[], Rendered | None], idle: Callable[[], bool], stop: threading.Event,
                 zero_ns: int, allowed: Callable[[Rendered], bool] = lambda picture: True, greets: bool = True,
                 meter: Meter | None = None) -> None:
        self.sink = sink
        self.meter = meter or Meter()
        self._format = output
        self._clock = clock
        self._card = card
        self._forced = forced
        self._allowed = allowed
        self._greets = greets
        self._idle = idle
        self._stop = stop
        self._zero_ns = zero_ns
        self._slot: Latest[Rendered] | Bounded[Rendered] = (
            Latest() if sink.delivery is Delivery.LATEST else Bounded(QUEUE))
        self._problem = ""
        self._lost: SinkError | None = None
        self._dead = False
        self._nudged = False

    def put(self, picture: Rendered) -> None:
        """Hand a picture over; never waits."""
        if not self._dead and picture.frame.size == self._format.size:
            self._slot.put(picture)

    def nudge(self) -> None:
        """What goes out has changed: send it now."""
        self._nudged = True
        self._slot.wake()

    def close(self) -> None:
        """No more pictures: send what is left, then close the sink."""
        self._slot.close()

    def open(self) -> None:
        """Open the sink for the first time.

        Raises:
            SinkError: it cannot be opened.
        """
        self.sink.open(self._format)

    def open_again(self) -> None:
        """Open the sink, which was open before; if that fails, ``run`` begins as if it had just been lost."""
        try:
            self.sink.open(self._format)
        except SinkError as error:
            self._lost = error

    def run(self) -> None:
        """The thread's work, after ``open``."""
        fresh_ns = self._clock.now_ns()
        if self._lost is not None:
            self._recover(self._lost)
        if self._greets and self.sink.delivery is Delivery.LATEST:
            self._send_card()
        while not self._slot.finished:
            picture = self._slot.get(IDLE_INTERVAL if self._idle() else CARD_INTERVAL)
            now, nudged, self._nudged = self._clock.now_ns(), self._nudged, False
            forced = self._forced()
            if forced is not None:
                self._send(forced, counted=False)
            elif picture is not None and self._allowed(picture):
                fresh_ns = now
                self._send(picture)
            elif (nudged or now - fresh_ns > STALL_SECONDS * SECOND_NS) and not self._slot.finished and self._begun():
                self._send_card()
        self._close()

    def status(self) -> SinkStatus:
        now = self._clock.now_ns()
        return SinkStatus(self.sink.name, round(self.meter.fps(now), 2), self.meter.count, self._slot.dropped,
                          round(self.meter.delay_ms(0.5), 1), round(self.meter.delay_ms(0.99), 1),
                          round(self.meter.mean_fps(), 3), self.sink.watchers, self.sink.note, self._problem,
                          self.meter.reopened, round(self.meter.kbit_s(now)))

    def _begun(self) -> bool:
        """A recording begins with its first picture, not with the wait for it; viewers are shown the wait."""
        return self.sink.delivery is Delivery.LATEST or self.meter.count > 0

    def _send_card(self) -> None:
        self._send(self._card(), counted=False)

    def _send(self, picture: Rendered, counted: bool = True) -> None:
        if self._dead or picture.frame.size != self._format.size:
            return
        captured_ns = picture.frame.captured_ns if counted else self._clock.now_ns()
        pts = Fraction(captured_ns - self._zero_ns, SECOND_NS)
        try:
            self.sink.send(replace(picture, frame=replace(picture.frame, pts=pts, captured_ns=captured_ns)))
        except SinkError as error:
            self._recover(error)
            return
        except Exception as error:
            log.debug("sink %s failed", self.sink.name, exc_info=True)
            self._recover(SinkError(f"{self.sink.name} failed: {type(error).__name__}: {error}"))
            return
        now = self._clock.now_ns()
        self.meter.weigh(now, getattr(self.sink, "sent_bytes", 0))
        if counted:
            self.meter.tick(now, now - captured_ns)

    def _recover(self, error: SinkError) -> None:
        """Reopen a live sink until it works again; a recording is over (a new one would replace it)."""
        self._problem = str(error)
        log.warning("%s", error)
        self._close()
        if self.sink.delivery is Delivery.EVERY:
            self._dead = True
            return
        for attempt in range(1_000_000):
            if self._stop.wait(BACKOFF[min(attempt, len(BACKOFF) - 1)]):
                self._dead = True
                return
            try:
                self.sink.open(self._format)
            except SinkError as again:
                self._problem = str(again)
                self._close()
            else:
                self._problem = ""
                self.meter.reopened += 1
                log.warning("%s works again", self.sink.name)
                self.nudge()  # a camera turns viewers away until it is sent something
                return

    def _close(self) -> None:
        try:
            self.sink.close()
        except SinkError as error:
            self._problem = str(error)
            log.warning("%s", error)

    @property
    def problem(self) -> str:
        """Why the sink gets nothing, or empty."""
        return self._problem
