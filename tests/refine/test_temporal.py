"""The temporal filter's memory: what it keeps, and when it starts anew."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from tests.parts import SIZE, KnowingSegmenter, is_person, scene_frame
from vcam.frame import Frame, Region, Size
from vcam.ops.cpu import CpuOps
from vcam.refine import Refiner
from vcam.refine.temporal import LONGEST_GAP, TemporalFilter

OPS = CpuOps()
NO, YES = np.zeros((60, 80), np.float32), np.ones((60, 80), np.float32)


def test_flicker_at_rest_is_damped() -> None:
    guide = OPS.guide(scene_frame())
    rng = np.random.default_rng(3)
    noisy = [np.clip(0.5 + rng.normal(0, 0.2, (60, 80)), 0, 1).astype(np.float32) for _ in range(40)]
    filtered = TemporalFilter(OPS)
    out = [filtered.follow(p, guide, Fraction(k, 30)) for k, p in enumerate(noisy)]
    raw = [TemporalFilter(OPS).follow(p, guide, Fraction(0)) for p in noisy]
    assert np.std(out[10:], axis=0).mean() < np.std(raw[10:], axis=0).mean() * 0.55


@pytest.mark.parametrize("pts", [Fraction(1, 10) + LONGEST_GAP, Fraction(-3)])
def test_a_gap_or_a_jump_back_starts_anew(pts: Fraction) -> None:
    guide = OPS.guide(scene_frame())
    filtered = TemporalFilter(OPS)
    filtered.follow(NO, guide, Fraction(0))
    assert float(filtered.follow(YES, guide, pts).min()) == 1


def test_another_size_starts_anew() -> None:
    filtered = TemporalFilter(OPS)
    filtered.follow(NO, OPS.guide(scene_frame()), Fraction(0))
    other = OPS.guide(scene_frame(1, Size(640, 360)))
    assert float(filtered.follow(np.ones(other.planes.shape[1:], np.float32), other, Fraction(1, 30)).min()) == 1


def test_reset_forgets() -> None:
    guide = OPS.guide(scene_frame())
    filtered = TemporalFilter(OPS)
    filtered.follow(NO, guide, Fraction(0))
    filtered.reset()
    assert float(filtered.follow(YES, guide, Fraction(1, 30)).min()) == 1


def test_a_matte_carries_the_number_of_its_frame() -> None:
    refiner, segmenter = Refiner(OPS), KnowingSegmenter()
    whole = Region.whole(SIZE)
    for seq in (4, 5, 9):
        start = scene_frame(seq)
        frame = Frame(start.pixels, start.format, seq, start.pts)
        guide = OPS.guide(frame)
        matte = refiner.refine(frame, guide, OPS.evidence(segmenter.segment(frame, whole), whole, guide))
        assert matte.seq == seq
        assert matte.size == frame.size
    truth = OPS.full_alpha(frame, matte) > 127
    assert (truth & is_person()).sum() / (truth | is_person()).sum() > 0.97
