"""The matte against exact truth: a portrait of known alpha, moving, with camera noise.

It guards against breakage; what is good enough is decided on real clips, outside this test.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from vcam.frame import Colour, Frame, FramePool, Size
from vcam.ops.cpu import CpuOps
from vcam.pipeline import Pipeline, PipelineSettings
from vcam.segmenters import make_segmenter
from vcam.sources import SourceOptions, make_source

SIZE = Size(640, 360)


def demo_frames(count: int) -> list[Frame]:
    source = make_source("demo:", SourceOptions(size=SIZE, colour=Colour.BT601), FramePool())
    source.open()
    frames = []
    for seq in range(count):
        frame = source.read()
        assert frame is not None
        frames.append(Frame(frame.pixels.copy(), frame.format, seq, Fraction(seq, 30), 0, frame.colour))
    return frames


@pytest.mark.parametrize("model", ["general", "landscape", "average"])
def test_refinement_steadies_what_the_network_says(model: str) -> None:
    ops = CpuOps()
    frames = demo_frames(24)
    pipeline = Pipeline(ops, make_segmenter(model, ops), PipelineSettings(SIZE, Colour.BT601))
    refined = [pipeline.full_alpha(frame)[1].copy().astype(np.float32) for frame in frames]
    alone = []
    for frame in frames:  # a new pipeline has no memory: the network and its edges alone
        fresh = Pipeline(ops, pipeline.segmenter, PipelineSettings(SIZE, Colour.BT601))
        alone.append(fresh.full_alpha(frame)[1].copy().astype(np.float32))
    steadiness = [float(np.abs(np.diff(np.stack(run[6:]), axis=0)).mean()) for run in (refined, alone)]
    assert steadiness[0] < steadiness[1]
    sure = [((a < 3) | (a > 252)).mean() for a in refined]
    assert min(sure) > 0.9, "most of a portrait is plainly one or the other"
    person = np.mean([(a > 127).mean() for a in refined])
    assert 0.15 < person < 0.6
