"""The measuring itself: a clip's frames through a mode of making mattes, its mattes to the scorer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from statistics import fmean

import cv2
import numpy as np

from vcam.backdrops import BackdropOptions, make_backdrop
from vcam.errors import UsageError
from vcam.evaluation.footage import pictures, shots
from vcam.evaluation.index import Clip
from vcam.evaluation.keeping import keeper
from vcam.evaluation.moments import Moment, Moments
from vcam.evaluation.offline import MAKERS
from vcam.evaluation.scoring import Row, Scorer
from vcam.frame import Colour, Frame, PixelFormat, Pixels, Size
from vcam.pipeline import Pipeline, PipelineSettings

# Of the planes between decoded BGR and the network, whatever the clip's own: what most programs do with BGR.
_COLOUR = Colour.BT601

PipelineMaker = Callable[[PipelineSettings], Pipeline]


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """The matte of a clip's next frame, uint8 (height, width), and the processor time that it took."""

    matte: Pixels
    cpu_ms: float


# A mode reads the clip itself, as often and as far ahead as it may, and answers frame by frame.
Mode = Callable[[Clip, PipelineMaker], Iterator[Answer]]


def live(clip: Clip, make: PipelineMaker) -> Iterator[Answer]:
    """As a live run makes them: every frame from itself and those before, at the clip's own pace."""
    size = clip.size.even()
    pipeline = make(PipelineSettings(size, _COLOUR))
    with closing(pipeline.segmenter):
        _warm_up(pipeline)
        for seq, picture in enumerate(pictures(clip)):
            frame = Frame(picture, PixelFormat.BGR24, seq, Fraction(seq) / clip.fps)
            begun = time.process_time_ns()
            _, matte = pipeline.full_alpha(frame)
            spent = (time.process_time_ns() - begun) / 1e6
            yield Answer(matte if size == clip.size else _stretched(matte, clip.size), spent)


def _offline(clip: Clip, make: PipelineMaker, mode: str) -> Iterator[Answer]:
    """As ``vcam cutout`` makes them, with every network that is here."""
    del make
    found, spent = MAKERS[mode](clip)
    yield from (Answer(matte, spent) for matte in found)


MODES: dict[str, Mode] = {"live": live, **{mode: partial(_offline, mode=mode) for mode in MAKERS}}


def find_mode(name: str) -> Mode:
    """The mode called ``name``.

    Raises:
        UsageError: there is no such mode.
    """
    if name not in MODES:
        raise UsageError(f"mode '{name}' is unknown", f"try {', '.join(MODES)}")
    return MODES[name]


def _warm_up(pipeline: Pipeline) -> None:
    """Load (the first time ever: compile) every kernel, so that no frame pays for it."""
    size = pipeline.settings.size
    pipeline.warm_up(make_backdrop("green", BackdropOptions(size, _COLOUR)))
    grey = np.full((size.height, size.width, 3), 128, np.uint8)
    pipeline.full_alpha(Frame(grey, PixelFormat.BGR24, 0, Fraction(0)))
    pipeline.reset()


def _stretched(matte: Pixels, size: Size) -> Pixels:
    return cv2.resize(matte, (size.width, size.height))


@dataclass(frozen=True, slots=True)
class Result:
    """A clip's figures, and its worst moments, the worst first."""

    row: Row
    moments: tuple[Moment, ...]


def evaluate(clip: Clip, mode: Mode, make: PipelineMaker, folder: Path | None = None,
             progress: Callable[[], None] = lambda: None) -> Result:
    """Measure one clip.

    Args:
        folder: where its mattes are kept; None: nowhere.
        progress: called after every frame.

    Raises:
        VcamError: a file does not fit, the network failed, or a matte cannot be kept.
    """
    scorer, moments = Scorer(clip), Moments(clip.frames)
    times: list[float] = []
    errors: list[float] = []
    with keeper(folder, clip) as keep:
        for shot, answer in zip(shots(clip), mode(clip, make), strict=True):
            keep(answer.matte)
            times.append(answer.cpu_ms)
            errors.append(scorer.add(shot, answer.matte))
            moments.add(errors[-1], shot, answer.matte)
            progress()
    return Result(Row(clip, scorer.figures(), fmean(times), tuple(errors), scorer.error_name), moments.drawn())
