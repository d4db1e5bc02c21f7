"""The parts of a run, which can be exchanged while it lasts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from fractions import Fraction
from typing import TypeVar

from vcam.backdrops import Backdrop
from vcam.engine.capture import Capture
from vcam.engine.change import Change
from vcam.engine.clock import Clock
from vcam.engine.gate import Gate
from vcam.engine.outputs import JOIN_SECONDS, Outputs, Rules
from vcam.engine.privacy import AwayCard
from vcam.engine.processing import Processing
from vcam.engine.slot import Latest
from vcam.errors import EngineError, SinkError, SourceError
from vcam.frame import Frame
from vcam.pipeline import Pipeline, PipelineSettings
from vcam.sinks import OutputFormat, Sink
from vcam.sources import Source

# How long a change waits for the picture that is being made; the very first one may have to compile.
CHANGE_SECONDS = 20.0
_USUAL_RATE = Fraction(30)

Result = TypeVar("Result")


class Parts:
    """Capture, processing and outputs, and what exchanges them between two frames: one thread at a time does that.

    Args:
        source: open already.
        fps: highest frame rate; None: the source's.
        on_demand: the source is closed while no sink has a viewer.
        zero_ns: clock time that is 0 on the outputs' time line.
        died: told of an error that ends the run.
    """

    def __init__(self, source: Source, pipeline: Pipeline, backdrop: Backdrop, sinks: Sequence[Sink], away: AwayCard,
                 fps: Fraction | None, on_demand: bool, rules: Rules, clock: Clock, zero_ns: int,
                 died: Callable[[BaseException], None]) -> None:
        self._clock = clock
        self._died = died
        self._fps = fps or _rate(source)
        self.ready = threading.Event()
        self.outputs = Outputs(sinks, self._format(pipeline.settings), rules, clock, zero_ns, died)
        self.gate = Gate(clock, lambda: self.outputs.watched, on_demand)
        self.processing = Processing(pipeline, backdrop, away, Latest(), clock, self.outputs.put)
        self.capture = self._capture_of(source, fps, self.processing.frames)
        self._dropped = self._reopened = 0  # by former captures

    @property
    def source(self) -> Source:
        return self.capture.source

    @property
    def pipeline(self) -> Pipeline:
        return self.processing.pipeline

    @property
    def dropped(self) -> int:
        """Frames that came too quickly to be processed."""
        return self._dropped + self.capture.slot.dropped

    @property
    def reopened(self) -> int:
        """How often a source was lost and came back."""
        return self._reopened + self.capture.reopened

    def exchange(self, change: Change) -> Change:
        """Exchange parts between two frames, and return the former ones once it is done, for the caller to close.

        Raises:
            EngineError: the run is over, or hangs; nothing is exchanged.
        """
        return _done(self.processing.exchange(change))

    def between_frames(self, work: Callable[[Pipeline], Result]) -> Result:
        """Have something done with the pipeline between two frames, and return what it gives.

        Raises:
            EngineError: the run is over, or hangs; nothing is done.
            Exception: what ``work`` raises.
        """
        return _done(self.processing.between_frames(work))

    def release(self) -> bool:
        """Close the source, so that it can be opened in another way, until ``take``; False: it hangs and keeps it."""
        self.capture.retire()
        return self.capture.join(JOIN_SECONDS)

    def take(self, source: Source, fps: Fraction | None, change: Change) -> Change:
        """Go on with another source from the next frame on, and exchange ``change`` with it.

        Args:
            source: open; or closed, if frames are not wanted now (``gate``): it is opened when they are.
            fps: its highest frame rate.

        Raises:
            EngineError: as ``exchange``; the former source goes on, unless it was released.
        """
        slot: Latest[Frame] = self.capture.slot if self.capture.retired else Latest()
        former = self.exchange(replace(change, frames=slot))
        self._go_on(self._capture_of(source, fps, slot, self.capture.count))
        return replace(former, frames=None)

    def take_back(self, source: Source, fps: Fraction | None) -> None:
        """Go on after ``release`` whatever happens; a source that is not open is waited for, as one that was lost."""
        slot = self.capture.slot
        self.processing.exchange(Change(frames=slot))
        self._go_on(self._capture_of(source, fps, slot, self.capture.count))

    def resize(self, change: Change) -> Change:
        """Exchange parts, among them the size of the pictures, and open every sink again for it.

        Raises:
            SinkError: a sink does not take that size; everything is as it was.
            EngineError: as ``exchange``.
        """
        former = self.exchange(change)
        try:
            self.outputs.reformat(self._format(self.processing.settings))
        except SinkError:
            self.exchange(former)
            raise
        return former

    def _go_on(self, capture: Capture) -> None:
        before, self.capture = self.capture, capture
        self._reopened += before.reopened
        if before.slot is not capture.slot:
            self._dropped += before.slot.dropped
        before.retire()
        capture.start()

    def _capture_of(self, source: Source, fps: Fraction | None, slot: Latest[Frame], count: int = 0) -> Capture:
        return Capture(source, slot, self._clock, fps, self.ready, self.gate, self._capture_died, count)

    def _capture_died(self, capture: Capture, error: BaseException) -> None:
        if not capture.retired:
            self._died(error)

    def _format(self, picture: PipelineSettings) -> OutputFormat:
        return OutputFormat(picture.size, self._fps, picture.colour)


def _rate(source: Source) -> Fraction:
    """Frames a second; of a source that is still waited for, what is usual."""
    try:
        return source.info.fps
    except SourceError:
        return _USUAL_RATE


def _done(future: Future[Result]) -> Result:
    try:
        return future.result(CHANGE_SECONDS)
    except CancelledError as error:
        raise EngineError("vcam has stopped", "start it again: vcam run") from error
    except TimeoutError as error:
        if future.cancel():
            raise EngineError("no picture gets finished any more, so nothing can be changed",
                              "stop vcam and start it again") from error
        return future.result()
