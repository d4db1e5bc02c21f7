"""Pictures with a clock painted in them: as a camera for a whole run, or straight into a sink."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np

from tests.parts import KnowingSegmenter
from tests.servers.watch import milliseconds
from vcam.backdrops import BackdropOptions, make_backdrop
from vcam.engine.live import Limits, LiveRun
from vcam.frame import Colour, Frame, FramePool, PixelFormat, Pixels, Rendered, Size, i420_planes
from vcam.ops.cpu import CpuOps
from vcam.pipeline import Pipeline, PipelineSettings
from vcam.sinks import OutputFormat, Sink
from vcam.sources import SourceInfo, SourceOptions
from vcam.sources.test import TestSource, write_stamp

HD = Size(1280, 720)
SMALL = Size(640, 360)
FPS = Fraction(30)


class Film:
    """Colour bars that carry the time at which they were painted, in milliseconds; a part is noise, which costs bits.
    As a source it is a recorded one: the engine paces it.

    Args:
        noise: its share of the picture.
    """

    def __init__(self, size: Size = SMALL, noise: float = 0.25) -> None:
        self.size = size
        self.colour = Colour.for_height(size.height)
        self.info = SourceInfo("film", size, FPS, live=False)
        source = TestSource("", SourceOptions(size, FPS, self.colour), FramePool())
        source.open()
        self._bars = source.read().pixels.copy()
        self._noise = np.random.default_rng(1).integers(40, 200, (8, round(size.height * noise), size.width), np.uint8)
        self._pool = FramePool()
        self._count = 0
        self._begun = time.monotonic()

    @property
    def output(self) -> OutputFormat:
        return OutputFormat(self.size, FPS, self.colour)

    def open(self) -> None:
        """It is ready."""

    def read(self) -> Frame:
        """The frame of now."""
        due = self._begun + self._count / float(FPS)
        time.sleep(max(due - time.monotonic(), 0))  # painted when it is due, not before
        frame = self._painted(Fraction(self._count) / FPS)
        self._count += 1
        return frame

    def close(self) -> None:
        """Nothing is held."""

    def picture(self) -> Rendered:
        """The picture of now, for a sink."""
        frame = self._painted(Fraction(time.monotonic_ns(), 10**9) - Fraction(self._begun))
        self._count += 1
        return Rendered(frame, "composite")

    def _painted(self, pts: Fraction) -> Frame:
        pixels: Pixels = self._pool.take(*self._bars.shape)
        np.copyto(pixels, self._bars)
        luma = i420_planes(pixels)[0]
        luma[self.size.height - self._noise.shape[1]:] = self._noise[self._count % 8]
        now = time.monotonic_ns()
        write_stamp(luma, milliseconds())
        return Frame(pixels, PixelFormat.I420, self._count, pts, now, self.colour)


def roll(sink: Sink, film: Film, seconds: float, is_over: Callable[[], bool] = lambda: False) -> None:
    """Send pictures to an open sink for that long, or until it is over, each when it is due."""
    begun, count = time.monotonic(), 0
    while (due := begun + count / float(FPS)) < begun + seconds and not is_over():
        time.sleep(max(due - time.monotonic(), 0))
        sink.send(film.picture())
        count = max(count + 1, int((time.monotonic() - begun) * float(FPS)))


def shown(film: Film, sinks: Sequence[Sink], seconds: float = 0, patient: bool = False) -> LiveRun:
    """A whole run that shows the film as it is."""
    picture = PipelineSettings(film.size, film.colour)
    pipeline = Pipeline(CpuOps(), KnowingSegmenter(), picture, time.monotonic_ns)
    backdrop = make_backdrop("none", BackdropOptions(film.size, film.colour))
    return LiveRun(film, pipeline, backdrop, sinks, Limits(seconds=seconds, patient=patient))


def film(argument: str, options: SourceOptions, pool: FramePool) -> Film:
    """The film as a source plugin: ``film:`` (see ``tests.servers.product``)."""
    del argument, pool
    return Film(options.size or HD, noise=0.02)
