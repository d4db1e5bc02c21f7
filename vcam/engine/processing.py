"""The processing thread: makes a picture of the newest frame, and exchanges its parts between two frames."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from vcam.backdrops import Backdrop
from vcam.engine.cards import Cards
from vcam.engine.change import Change
from vcam.engine.clock import SECOND_NS, Clock
from vcam.engine.jobs import Jobs
from vcam.engine.memory import drop_pages
from vcam.engine.meter import Meter
from vcam.engine.privacy import AwayCard
from vcam.engine.slot import Latest
from vcam.errors import VcamError
from vcam.frame import Frame, Rendered, Size
from vcam.pipeline import Pipeline, PipelineSettings

Result = TypeVar("Result")

log = logging.getLogger(__name__)

# numba's: once every kernel is loaded, it lies idle. Seconds after warming up when the last ones surely are: cards' and
# sinks' come with their first picture.
_COMPILER = "libllvmlite.so"
_SETTLED = (0.0, 5.0, 30.0)


class Processing:
    """The parts that make a picture, and the newest one they made.

    Args:
        frames: where frames come from; its end is the end of the work.
        put: takes every picture; must not wait.
    """

    def __init__(self, pipeline: Pipeline, backdrop: Backdrop, away: AwayCard, frames: Latest[Frame], clock: Clock,
                 put: Callable[[Rendered], None]) -> None:
        self.pipeline = pipeline
        self.backdrop = backdrop
        self.frames = frames
        self.meter = Meter()
        self.newest: Rendered | None = None
        self.rendered_ns = 0
        self.failed = 0
        self.failure = ""
        self._away = away
        self._cards = {pipeline.settings.size: Cards(pipeline.settings, away)}
        self._clock = clock
        self._put = put
        self._jobs = Jobs(ring=self._wake)
        self._tidyings: list[int] = []

    def run(self, is_over: Callable[[], bool]) -> None:
        """Make pictures until ``is_over`` or no more frames come; changes that wait are then cancelled."""
        try:
            while not is_over() and not self.frames.finished:
                source = self.frames
                frame = source.get(0.25)
                self._jobs.carry_out()
                self._tidy_up()
                if frame is not None and source is self.frames:
                    self._render(frame)
        finally:
            self._jobs.close()

    def warm_up(self) -> None:
        """Before the first frame is asked for; a part that fails here fails again, and is told, with the frame."""
        try:
            self.pipeline.warm_up(self.backdrop)
        except Exception:
            log.debug("warming up failed", exc_info=True)
        self._tidyings = [self._clock.now_ns() + int(seconds * SECOND_NS) for seconds in _SETTLED]

    def exchange(self, change: Change) -> Future[Change]:
        """Exchange parts before the next frame; the future gives the former ones, for the caller to close."""
        return self._jobs.ask(lambda: self._exchange(change))

    def between_frames(self, work: Callable[[Pipeline], Result]) -> Future[Result]:
        """Have something done with the pipeline before the next frame."""
        return self._jobs.ask(lambda: work(self.pipeline))

    def cards(self, size: Size) -> Cards:
        """The cards of that size: the output's, and while it is changed also the former one's."""
        cards = self._cards
        return cards.get(size) or next(reversed(cards.values()))

    def may_show(self, picture: Rendered) -> bool:
        """Whether the picture may (still) go out: the camera's own only while the user wants it (Law 1)."""
        return picture.kind != "raw" or not self.backdrop.replaces

    def _tidy_up(self) -> None:
        if self._tidyings and self._clock.now_ns() >= self._tidyings[0]:
            self._tidyings.pop(0)
            drop_pages(_COMPILER)

    def _wake(self) -> None:
        self.frames.wake()

    def _exchange(self, change: Change) -> Change:
        former = Change(change.backdrop and self.backdrop, change.picture and self.pipeline.settings,
                        change.pipeline and self.pipeline, change.away and self._away, change.frames and self.frames)
        before = self.pipeline.settings
        if change.pipeline is not None:
            change.pipeline.adopt(self.pipeline)
            self.pipeline = change.pipeline
        self.pipeline.settings = change.picture or self.pipeline.settings
        self.backdrop = change.backdrop or self.backdrop
        self._away = change.away or self._away
        self.frames = change.frames or self.frames
        after = self.pipeline.settings
        if change.frames or (before.size, before.mirror) != (after.size, after.mirror):
            self.pipeline.reset()
        if change.away or before.size != after.size or before.colour != after.colour:
            self._cards = {before.size: self._cards[before.size], after.size: Cards(after, self._away)}
        if self.newest is not None and not self.may_show(self.newest):
            self.newest = None  # freezing must not bring the room back
        return former

    def _render(self, frame: Frame) -> None:
        try:
            picture = self.pipeline.render(frame, self.backdrop)
        except Exception as error:  # whatever failed: no picture, and in a second the card says why
            self.failed += 1
            self.failure = str(error) if isinstance(error, VcamError) else f"{type(error).__name__}: {error}"
            log.debug("frame %d failed", frame.seq, exc_info=True)
            return
        self.failure = ""
        self.newest = picture
        self.rendered_ns = self._clock.now_ns()
        self.meter.tick(self.rendered_ns, stages=self.pipeline.stage_ns)
        self._put(picture)

    @property
    def settings(self) -> PipelineSettings:
        """Of the pictures that are made now."""
        return self.pipeline.settings
