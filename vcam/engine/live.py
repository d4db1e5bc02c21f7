"""A live run: capture → process → sinks, latest wins, and a card wherever there is no picture to show."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from vcam.backdrops import Backdrop
from vcam.engine.capture import Capture
from vcam.engine.cards import Cards, Situation
from vcam.engine.clock import SECOND_NS, Clock, MonotonicClock
from vcam.engine.gate import POLL_SECONDS, Gate
from vcam.engine.meter import CpuShare, Meter
from vcam.engine.output import STALL_SECONDS, Output
from vcam.engine.privacy import AwayCard, Privacy
from vcam.engine.slot import Latest
from vcam.engine.status import Phase, RunStatus
from vcam.engine.worker import Worker
from vcam.errors import SinkError, VcamError
from vcam.frame import Frame, Rendered
from vcam.pipeline import Pipeline
from vcam.sinks import OutputFormat, Sink
from vcam.sources import Source

JOIN_SECONDS = 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """When a run stops by itself (0: never), and the highest frame rate (None: the source's).

    ``seconds`` count from when everything is loaded. ``on_demand``: the camera is off while no sink has a viewer.
    ``away``: the card shown while the user is away.
    """

    frames: int = 0
    seconds: float = 0.0
    fps: Fraction | None = None
    on_demand: bool = False
    away: AwayCard = field(default_factory=lambda: AwayCard("Be right back"))


class LiveRun:
    """Owns the threads. ``start``, then ``wait``; ``stop`` from anywhere.

    Args:
        source: open already.
        backdrop: may be exchanged while running with ``show``.
    """

    def __init__(self, source: Source, pipeline: Pipeline, backdrop: Backdrop, sinks: Sequence[Sink],
                 limits: Limits, clock: Clock | None = None) -> None:
        self._source, self._pipeline, self._backdrop = source, pipeline, backdrop
        self._limits = limits
        self._clock = clock or MonotonicClock()
        self._stop, self._done, self._ready = threading.Event(), threading.Event(), threading.Event()
        self._fatal: BaseException | None = None
        self._failure = ""
        self.failed = 0
        self._meter = Meter()
        self._begun_ns = self._ready_ns = self._clock.now_ns()
        self._cpu = CpuShare(self._clock)
        self._rendered_ns = 0
        self._cards = Cards(pipeline.settings, limits.away)
        self._privacy = Privacy.LIVE
        self._newest: Rendered | None = None
        self._frames: Latest[Frame] = Latest()
        self._gate = Gate(self._clock, self._watched, limits.on_demand)
        self._capture = Capture(source, self._frames, self._clock, limits.fps, self._stop, self._ready, self._gate)
        settings = pipeline.settings
        output = OutputFormat(settings.size, limits.fps or source.info.fps, settings.colour)
        self._outputs = [Output(sink, output, self._clock, self._card, self._forced, self._is_idle, self._stop,
                                self._begun_ns) for sink in sinks]
        self._workers = [Worker("capture", self._capture.run, self._die), Worker("process", self._process, self._die)]
        if limits.on_demand:
            self._workers.append(Worker("demand", self._look_who_watches, self._die))
        self._workers += [Worker(f"sink {o.sink.name}", o.run, self._die) for o in self._outputs]

    def start(self) -> None:
        """Open the sinks and start every thread.

        Raises:
            SinkError: a sink cannot be opened; those that could are closed again.
        """
        opened: list[Output] = []
        try:
            for output in self._outputs:
                output.open()
                opened.append(output)
        except SinkError:
            for output in opened:
                output.sink.close()
            self._source.close()
            raise
        for worker in self._workers:
            worker.start()

    def stop(self) -> None:
        """Ask for the end; returns at once (also from a signal handler)."""
        self._stop.set()
        self._done.set()
        self._ready.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end of the run; False if ``timeout`` seconds pass before it."""
        return self._done.wait(timeout)

    def finish(self) -> RunStatus:
        """Stop, send what is left, close everything; the final snapshot.

        Raises:
            VcamError: what ended the run, if it was a failure.
        """
        self.stop()
        for worker in self._workers:
            if not worker.join(JOIN_SECONDS):
                log.warning("%s does not stop; leaving it behind", worker.name)
        self._backdrop.close()
        self._pipeline.segmenter.close()
        if self._fatal is not None:
            raise self._fatal
        return self.status()

    def show(self, backdrop: Backdrop) -> None:
        """Exchange the backdrop between two frames."""
        before, self._backdrop = self._backdrop, backdrop
        if not before.replaces:
            self._newest = None  # freezing must not bring the room back
        before.close()

    def set_privacy(self, privacy: Privacy) -> None:
        """What viewers may see from now on; it takes effect before the next picture, whatever is on its way."""
        self._privacy = privacy
        self._gate.allow(privacy is Privacy.LIVE)
        for output in self._outputs:
            output.nudge()

    def status(self) -> RunStatus:
        now = self._clock.now_ns()
        phase, problem = self._phase(now)
        return RunStatus(
            phase=phase, problem=problem, source=self._source.info.name, background=self._backdrop.name,
            size=str(self._pipeline.settings.size), seconds=round((now - self._begun_ns) / SECOND_NS, 2),
            captured=self._capture.count, rendered=self._meter.count, dropped=self._frames.dropped,
            failed=self.failed, fps=round(self._meter.fps(now), 2), cpu=round(self._cpu.percent(), 1),
            camera_on=self._capture.is_on, reopened=self._capture.reopened, stage_ms=self._meter.stage_ms(),
            sinks=tuple(output.status() for output in self._outputs))

    def _phase(self, now: int) -> tuple[Phase, str]:
        if self._done.is_set():
            return Phase.STOPPED, str(self._fatal or "")
        if self._privacy is not Privacy.LIVE:
            return Phase(self._privacy.value), ""
        if self._is_idle():
            return Phase.IDLE, ""
        if not self._rendered_ns:
            return Phase.STARTING, self._capture.problem or self._failure
        if now - self._rendered_ns > STALL_SECONDS * SECOND_NS:
            waiting = self._capture.problem or self._failure or "no new picture for more than a second"
            return Phase.CARD, waiting
        return Phase.LIVE, self._failure

    def _watched(self) -> bool:
        return any(output.sink.watchers != 0 for output in self._outputs)

    def _look_who_watches(self) -> None:
        while not self._stop.wait(POLL_SECONDS):
            was_idle = self._is_idle()
            self._gate.poll()
            if was_idle and not self._is_idle():
                self._rendered_ns = 0  # what was shown before is long past
                for output in self._outputs:
                    output.nudge()

    def _is_idle(self) -> bool:
        return not self._gate.is_demanded

    def _forced(self) -> Rendered | None:
        return self._cards.chosen(self._privacy, self._newest)

    def _card(self) -> Rendered:
        return self._cards.waiting(Situation(self._is_idle(), self._capture.problem, self._failure,
                                             bool(self._rendered_ns)))

    def _process(self) -> None:
        try:
            self._warm_up()
            while not self._stop.is_set() and not self._frames.finished:
                frame = self._frames.get(0.25)
                if frame is not None:
                    self._render(frame)
                if self._is_over():
                    break
        finally:
            for output in self._outputs:
                output.close()
            self.stop()

    def _warm_up(self) -> None:
        """Before the first frame is asked for; a part that fails here fails again, and is told, with the frame."""
        try:
            self._pipeline.warm_up(self._backdrop)
        except Exception:
            log.debug("warming up failed", exc_info=True)
        self._ready_ns = self._clock.now_ns()
        self._ready.set()

    def _render(self, frame: Frame) -> None:
        try:
            picture = self._pipeline.render(frame, self._backdrop)
        except Exception as error:  # whatever failed: no picture, and in a second the card says why
            self.failed += 1
            self._failure = str(error) if isinstance(error, VcamError) else f"{type(error).__name__}: {error}"
            log.debug("frame %d failed", frame.seq, exc_info=True)
            return
        self._failure = ""
        self._newest = picture
        self._rendered_ns = self._clock.now_ns()
        self._meter.tick(self._rendered_ns, stages=self._pipeline.stage_ns)
        for output in self._outputs:
            output.put(picture)

    def _is_over(self) -> bool:
        frames, seconds = self._limits.frames, self._limits.seconds
        return (0 < frames <= self._meter.count) or (
            seconds > 0 and self._clock.now_ns() - self._ready_ns >= seconds * SECOND_NS)

    def _die(self, error: BaseException) -> None:
        self._fatal = self._fatal or error
        self.stop()
        for output in self._outputs:
            output.close()


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
