"""Measures the pipeline: interleaved, in one process, one thread; wall and CPU time by stage.

Not every frame costs the same (some are looked at twice), so a figure is the median over blocks of the mean frame.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from statistics import fmean, median

import numpy as np

from vcam.backdrops import Backdrop, BackdropOptions, make_backdrop
from vcam.frame import Colour, Frame, FramePool, Pixels, Size
from vcam.ops import Ops
from vcam.pipeline import STAGES, Pipeline, PipelineSettings
from vcam.segmenters import Segmenter
from vcam.sources import SourceOptions, make_source

# Cases take turns in blocks: noise hits all alike, yet each is measured as it runs, with its own working set in cache.
BLOCK = 20
_SETTLE = 4
# Different frames, so that the filter sees motion.
CLIP_FRAMES = 30


@dataclass(frozen=True, slots=True)
class Row:
    """One stage (or "total") at one size with one background; times in milliseconds.

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
    """One size with one background, and what was measured of it: (CPU, wall) milliseconds by stage."""

    size: Size
    background: str
    frames: list[Frame]
    backdrop: Backdrop
    pipeline: Pipeline
    arrived: Pixels
    spare: Pixels
    cpu: dict[str, list[float]]
    wall: dict[str, list[float]]
    copies: list[float]
    turn: int = 0


def bench(source: str, sizes: list[Size], backgrounds: list[str], make: Callable[[], tuple[Ops, Segmenter]],
          frames: int, progress: Callable[[], None] = lambda: None, second_look: bool = True) -> list[Row]:
    """Measure every size with every background, frame by frame in turn, so that noise hits all alike.

    Args:
        source: spec of the source that gives the frames (decoded beforehand, not measured).
        make: device and network.
        frames: measured frames of each case.
        second_look: as ``Pipeline`` takes it.

    Raises:
        VcamError: a part cannot be loaded, or fails.
    """
    ops, segmenter = make()
    cases = [_case(source, size, background, Pipeline(ops, segmenter, _settings(size), second_look=second_look))
             for size in sizes for background in backgrounds]
    for case in cases:
        case.pipeline.warm_up(case.backdrop)
    for _ in range(-(-frames // BLOCK)):
        for case in cases:
            for timer, samples in ((time.process_time_ns, case.cpu), (time.perf_counter_ns, case.wall)):
                _measure_block(case, timer, samples)
        progress()
    for case in cases:
        case.backdrop.close()
    return [row for case in cases for row in _rows(case)]


def _settings(size: Size) -> PipelineSettings:
    return PipelineSettings(size, Colour.for_height(size.height))


def _case(source: str, size: Size, background: str, pipeline: Pipeline) -> _Case:
    colour = pipeline.settings.colour
    backdrop = make_backdrop(background, BackdropOptions(size, colour))
    frames = list(_clip(source, size, colour, pipeline.ops))
    return _Case(size, background, frames, backdrop, pipeline, frames[0].pixels.copy(), frames[0].pixels.copy(),
                 {}, {}, [])


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


def _measure_block(case: _Case, timer: Callable[[], int], samples: dict[str, list[float]]) -> None:
    """Render a block of frames by one clock; the first few of a block only settle the caches."""
    case.pipeline.timer = timer
    for number in range(_SETTLE + BLOCK):
        case.turn += 1
        source = case.frames[case.turn % len(case.frames)]
        np.copyto(case.arrived, source.pixels)  # as a camera delivers: freshly written, always to the same place
        frame = Frame(case.arrived, source.format, case.turn, Fraction(case.turn, 30), 0, source.colour)
        begun = timer()
        case.pipeline.render(frame, case.backdrop)
        spent = case.pipeline.stage_ns | {"total": timer() - begun}
        begun = time.thread_time_ns()
        np.copyto(case.spare, source.pixels)
        copied = time.thread_time_ns() - begun
        if number >= _SETTLE:
            case.copies.append(copied / 1e6)
            for stage, nanoseconds in spent.items():
                samples.setdefault(stage, []).append(nanoseconds / 1e6)


def _rows(case: _Case) -> Iterator[Row]:
    copy = round(median(case.copies), 4)
    for stage in (*STAGES, "total"):
        yield Row(str(case.size), case.background, stage, round(_typical(case.cpu[stage]), 3),
                  round(_typical(case.wall[stage]), 3), copy)


def _typical(samples: list[float]) -> float:
    """The median block's mean."""
    return median(fmean(samples[first:first + BLOCK]) for first in range(0, len(samples), BLOCK))
