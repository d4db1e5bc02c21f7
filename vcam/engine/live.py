"""A live run: capture → process → sinks, latest wins, and a card wherever there is no picture to show."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from fractions import Fraction

from vcam.backdrops import Backdrop
from vcam.engine.cards import Situation
from vcam.engine.change import Change
from vcam.engine.clock import SECOND_NS, Clock, MonotonicClock
from vcam.engine.gate import POLL_SECONDS
from vcam.engine.meter import CpuShare
from vcam.engine.output import STALL_SECONDS
from vcam.engine.outputs import JOIN_SECONDS, Rules
from vcam.engine.parts import Parts
from vcam.engine.privacy import AwayCard, Privacy
from vcam.engine.status import Phase, RunStatus
from vcam.engine.worker import Worker
from vcam.errors import SinkError
from vcam.frame import Rendered, Size
from vcam.pipeline import Pipeline
from vcam.sinks import Sink
from vcam.sources import Source

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """When a run stops by itself (0: never), and the highest frame rate (None: the source's).

    ``seconds`` count from when everything is loaded. ``on_demand``: the camera is off while no sink has a viewer.
    ``away``: the card shown while the user is away. ``patient``: live sinks that cannot be opened yet are waited for.
    """

    frames: int = 0
    seconds: float = 0.0
    fps: Fraction | None = None
    on_demand: bool = False
    away: AwayCard = field(default_factory=AwayCard)
    patient: bool = False


class LiveRun:
    """Owns the threads. ``start``, then ``wait``; ``stop`` from anywhere. ``parts`` can be exchanged meanwhile.

    Args:
        source: open already.
    """

    def __init__(self, source: Source, pipeline: Pipeline, backdrop: Backdrop, sinks: Sequence[Sink],
                 limits: Limits, clock: Clock | None = None) -> None:
        self._limits = limits
        self._clock = clock or MonotonicClock()
        self._stop, self._done = threading.Event(), threading.Event()
        self._fatal: BaseException | None = None
        self._begun_ns = self._ready_ns = self._clock.now_ns()
        self._cpu = CpuShare(self._clock)
        self._privacy = Privacy.LIVE
        rules = Rules(self._card, self._forced, self._may_show, self._is_idle)
        self.parts = Parts(source, pipeline, backdrop, sinks, limits.away, limits.fps, limits.on_demand, rules,
                           self._clock, self._begun_ns, self._die)
        self._workers = [Worker("process", self._process, self._die),
                         Worker("demand", self._look_who_watches, self._die)]

    def start(self) -> None:
        """Open the sinks and start every thread.

        Raises:
            SinkError: a sink cannot be opened; those that could are closed again.
        """
        try:
            self.parts.outputs.open(self._limits.patient)
        except SinkError:
            self.parts.source.close()
            raise
        self.parts.capture.start()
        for worker in self._workers:
            worker.start()
        self.parts.outputs.start()

    def stop(self) -> None:
        """Ask for the end; returns at once (also from a signal handler)."""
        self._stop.set()
        self._done.set()
        self.parts.capture.stop()
        self.parts.ready.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end of the run; False if ``timeout`` seconds pass before it."""
        return self._done.wait(timeout)

    def finish(self) -> RunStatus:
        """Stop, send what is left, close everything; the final snapshot.

        Raises:
            VcamError: what ended the run, if it was a failure.
        """
        self.stop()
        for name, join in (("capture", self.parts.capture.join), *((w.name, w.join) for w in self._workers)):
            if not join(JOIN_SECONDS):
                log.warning("%s does not stop; leaving it behind", name)
        self.parts.outputs.close()
        self.parts.outputs.join()
        self.parts.processing.backdrop.close()
        self.parts.pipeline.segmenter.close()
        if self._fatal is not None:
            raise self._fatal
        return self.status()

    def show(self, backdrop: Backdrop) -> Future[Change]:
        """Have the backdrop exchanged between two frames; the future gives the former one, for the caller to close."""
        return self.parts.processing.exchange(Change(backdrop))

    def set_privacy(self, privacy: Privacy) -> None:
        """What viewers may see from now on; it takes effect before the next picture, whatever is on its way."""
        self._privacy = privacy
        self.parts.gate.allow(privacy is Privacy.LIVE)
        self.parts.outputs.nudge()

    @property
    def privacy(self) -> Privacy:
        return self._privacy

    def status(self) -> RunStatus:
        now, parts, made = self._clock.now_ns(), self.parts, self.parts.processing
        phase, problem = self._phase(now)
        return RunStatus(
            phase=phase, problem=problem, source=parts.capture.name, background=made.backdrop.name,
            size=str(made.settings.size), seconds=round((now - self._begun_ns) / SECOND_NS, 2),
            captured=parts.capture.count, rendered=made.meter.count, dropped=parts.dropped, failed=made.failed,
            fps=round(made.meter.fps(now), 2), cpu=round(self._cpu.percent(), 1), camera_on=parts.capture.is_on,
            reopened=parts.reopened, stage_ms=made.meter.stage_ms(), sinks=parts.outputs.status())

    def _phase(self, now: int) -> tuple[Phase, str]:
        made, lost = self.parts.processing, self.parts.capture.problem
        if self._done.is_set():
            return Phase.STOPPED, str(self._fatal or "")
        if self._privacy is not Privacy.LIVE:
            return Phase(self._privacy.value), ""
        if self._is_idle():
            return Phase.IDLE, ""
        if not made.rendered_ns:
            return Phase.STARTING, lost or made.failure
        if now - made.rendered_ns > STALL_SECONDS * SECOND_NS:
            return Phase.CARD, lost or made.failure or "no new picture for more than a second"
        return Phase.LIVE, made.failure

    def _look_who_watches(self) -> None:
        while not self._stop.wait(POLL_SECONDS):
            was_idle = self._is_idle()
            self.parts.gate.poll()
            if was_idle != self._is_idle():
                self.parts.processing.rendered_ns = 0  # what was shown before is past
                self.parts.outputs.nudge()

    def _is_idle(self) -> bool:
        return not self.parts.gate.is_demanded

    def _may_show(self, picture: Rendered) -> bool:
        return not self._is_idle() and self.parts.processing.may_show(picture)

    def _forced(self, size: Size | None = None) -> Rendered | None:
        made, newest = self.parts.processing, self.parts.processing.newest
        wanted = size or made.settings.size
        fits = newest is not None and newest.frame.size == wanted and made.may_show(newest)
        return made.cards(wanted).chosen(self._privacy, newest if fits else None)

    def _card(self, size: Size) -> Rendered:
        made = self.parts.processing
        return made.cards(size).waiting(Situation(self._is_idle(), self.parts.capture.problem, made.failure,
                                                  bool(made.rendered_ns)))

    def _process(self) -> None:
        try:
            self.parts.processing.warm_up()
            self._ready_ns = self._clock.now_ns()
            self.parts.ready.set()
            self.parts.processing.run(self._is_over)
        finally:
            self.parts.outputs.close()
            self.stop()

    def _is_over(self) -> bool:
        frames, seconds = self._limits.frames, self._limits.seconds
        return self._stop.is_set() or 0 < frames <= self.parts.processing.meter.count or (
            seconds > 0 and self._clock.now_ns() - self._ready_ns >= seconds * SECOND_NS)

    def _die(self, error: BaseException) -> None:
        self._fatal = self._fatal or error
        self.stop()
        self.parts.outputs.close()


def run_to_end(run: LiveRun, watch: Callable[[RunStatus], None], interval: float) -> RunStatus:
    """Start, call ``watch`` with a snapshot every ``interval`` seconds, finish.

    Raises:
        VcamError: a sink could not be opened, or what ended the run.
    """
    run.start()
    try:
        while not run.wait(interval):
            watch(run.status())
    finally:
        final = run.finish()
    return final
