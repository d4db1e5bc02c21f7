"""Measures the pipeline: interleaved, in one process, one thread; medians of wall and CPU time by stage."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from statistics import median

import numpy as np

from vcam.backdrops import Backdrop, BackdropOptions, make_backdrop
from vcam.frame import Colour, Frame, FramePool, Size
from vcam.ops import Ops
from vcam.pipeline import STAGES, Pipeline, PipelineSettings
from vcam.segmenters import Segmenter
from vcam.sources import SourceOptions, make_source

WARM_UP = 10
# Different frames, so that the filter sees motion and the caches do not see the same picture again.
CLIP_FRAMES = 30


@dataclass(frozen=True, slots=True)
class Row:
    """One stage (or "total") at one size with one background; times in milliseconds, medians.

    ``memcpy_cpu_ms``: copying one frame of that size, measured in between: the limit no pipeline can beat.
    """

    size: str
    background: str
    stage: str
    cpu_ms: float
    wall_ms: float
    memcpy_cpu_ms: float

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


@dataclass(slots=True)
class _Case:
    """One size with one background, and what was measured of it."""

    size: Size
    background: str
    frames: list[Frame]
    backdrop: Backdrop
    by_cpu: Pipeline
    by_wall: Pipeline
    spare: np.ndarray
    samples: dict[str, list[tuple[float, float]]]
    copies: list[float]


def bench(source: str, sizes: list[Size], backgrounds: list[str], make: Callable[[], tuple[Ops, Segmenter]],
          frames: int, progress: Callable[[], None] = lambda: None) -> list[Row]:
    """Measure every size with every background, frame by frame in turn, so that noise hits all alike.

    Args:
        source: spec of the source that gives the frames (decoded beforehand, not measured).
        make: device and network.
        frames: measured frames of each case.

    Raises:
        VcamError: a part cannot be loaded, or fails.
    """
    ops, segmenter = make()
    cases = [_case(source, size, background, ops, segmenter) for size in sizes for background in backgrounds]
    for index in range(WARM_UP + frames):
        for case in cases:
            _measure(case, index, keep=index >= WARM_UP)
        progress()
    for case in cases:
        case.backdrop.close()
    return [row for case in cases for row in _rows(case)]


def _case(source: str, size: Size, background: str, ops: Ops, segmenter: Segmenter) -> _Case:
    colour = Colour.for_height(size.height)
    settings = PipelineSettings(size, colour)
    backdrop = make_backdrop(background, BackdropOptions(size, colour))
    frames = list(_clip(source, size, colour, ops))
    return _Case(size, background, frames, backdrop, Pipeline(ops, segmenter, settings, time.thread_time_ns),
                 Pipeline(ops, segmenter, settings, time.perf_counter_ns), frames[0].pixels.copy(), {}, [])


def _clip(source: str, size: Size, colour: Colour, ops: Ops) -> Iterator[Frame]:
    """The first frames of the source as I420, in memory of their own."""
    opened = make_source(source, SourceOptions(size=size, colour=colour), FramePool())
    opened.open()
    try:
        for _ in range(CLIP_FRAMES):
            frame = opened.read()
            if frame is None:
                return
            ready = ops.prepare(frame, size, colour, mirror=False)
            yield Frame(ready.pixels.copy(), ready.format, ready.seq, ready.pts, 0, colour)
    finally:
        opened.close()


def _measure(case: _Case, index: int, keep: bool) -> None:
    """Render one frame twice with every clock: CPU time of this thread, then wall time."""
    frame = case.frames[index % len(case.frames)]
    frame = Frame(frame.pixels, frame.format, index, Fraction(index, 30), 0, frame.colour)
    measured = []
    for pipeline, timer in ((case.by_cpu, time.process_time_ns), (case.by_wall, time.perf_counter_ns)):
        begun = timer()
        pipeline.render(frame, case.backdrop)
        measured.append(pipeline.stage_ns | {"total": timer() - begun})
    begun = time.thread_time_ns()
    np.copyto(case.spare, frame.pixels)
    copied = time.thread_time_ns() - begun
    if keep:
        case.copies.append(copied / 1e6)
        for stage, spent in measured[0].items():
            case.samples.setdefault(stage, []).append((spent / 1e6, measured[1][stage] / 1e6))


def _rows(case: _Case) -> Iterator[Row]:
    copy = round(median(case.copies), 4)
    for stage in (*STAGES, "total"):
        cpu, wall = zip(*case.samples[stage], strict=True)
        yield Row(str(case.size), case.background, stage, round(median(cpu), 3), round(median(wall), 3), copy)
