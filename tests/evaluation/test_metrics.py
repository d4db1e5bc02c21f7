"""The measures: against values worked out by hand, against the formulas written down plainly, and what must hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vcam.evaluation import metrics
from vcam.evaluation.metrics import boundary, connectivity, dtssd, gradient, iou, mad, mse, outline, reduced
from vcam.frame import FloatArray, Pixels

SHAPE = (12, 17)
small = arrays(np.uint8, SHAPE)
levels = arrays(np.uint8, SHAPE, elements=st.sampled_from([0, 20, 51, 127, 128, 200, 255]))


def shares(matte: Pixels) -> FloatArray:
    return matte.astype(np.float32) / np.float32(255)


@given(small, small)
def test_no_error_where_nothing_differs(matte: Pixels, before: Pixels) -> None:
    assert mad(matte, matte) == mse(matte, matte) == 0
    assert dtssd(matte, before, matte, before) == 0
    assert gradient(shares(matte), shares(matte)) == connectivity(shares(matte), shares(matte)) == 0
    assert iou(matte, matte) == boundary(matte, matte) == 100


@given(levels, levels)
def test_either_may_be_the_truth(one: Pixels, other: Pixels) -> None:
    for measure in (mad, mse, iou, boundary):
        assert measure(one, other) == pytest.approx(measure(other, one))
    for soft_measure in (gradient, connectivity):
        assert soft_measure(shares(one), shares(other)) == pytest.approx(soft_measure(shares(other), shares(one)))
    assert dtssd(one, other, other, one) == pytest.approx(dtssd(other, one, one, other))


@given(small, small)
def test_differences_are_the_plain_formulas(matte: Pixels, truth: Pixels) -> None:
    difference = shares(matte).astype(float) - shares(truth)
    assert mad(matte, truth) == pytest.approx(1000 * np.abs(difference).mean(), abs=1e-3)
    assert mse(matte, truth) == pytest.approx(1000 * (difference**2).mean(), abs=1e-3)
    assert mse(matte, truth) <= mad(matte, truth) + 1e-9 <= 1000 + 1e-6


@given(small, small, small, small)
def test_changes_are_the_plain_formula(matte: Pixels, before: Pixels, truth: Pixels, truth_before: Pixels) -> None:
    change = (shares(matte) - shares(before)) - (shares(truth) - shares(truth_before))
    assert dtssd(matte, before, truth, truth_before) == pytest.approx(100 * np.sqrt((change**2).mean()), abs=1e-3)


def test_differences_by_hand() -> None:
    matte, truth = np.array([[0, 51, 102, 255]], np.uint8), np.zeros((1, 4), np.uint8)
    assert mad(matte, truth) == pytest.approx(400)  # (0 + 0.2 + 0.4 + 1) / 4
    assert mse(matte, truth) == pytest.approx(300)  # (0 + 0.04 + 0.16 + 1) / 4
    assert dtssd(matte, truth, truth, truth) == pytest.approx(100 * math.sqrt(0.3))
    assert dtssd(matte, matte, truth, truth) == 0, "an error that stands still does not flicker"


def test_overlap_by_hand() -> None:
    matte = np.array([[128, 255, 200, 127, 0]], np.uint8)
    truth = np.array([[255, 0, 130, 255, 255]], np.uint8)
    assert iou(matte, truth) == pytest.approx(40)  # 2 of 5
    nothing = np.zeros((1, 5), np.uint8)
    assert iou(nothing, nothing) == 100
    assert iou(matte, nothing) == 0


def plain_gradient(matte: FloatArray) -> np.ndarray:
    """Length of the gradient, every sum written out."""
    sigma, reach = 1.4, 4
    weights = np.array([[math.exp(-(x * x + y * y) / (2 * sigma**2)) * x for x in range(-reach, reach + 1)]
                        for y in range(-reach, reach + 1)])
    weights /= math.sqrt((weights**2).sum())
    low, high = matte.min(), matte.max()
    wide = np.pad((matte - low) / (high - low) if high > low else matte * 0, reach, mode="edge")
    out = np.empty(matte.shape)
    for row in range(matte.shape[0]):
        for column in range(matte.shape[1]):
            patch = wide[row:row + 2 * reach + 1, column:column + 2 * reach + 1]
            out[row, column] = math.hypot((patch * weights).sum(), (patch * weights.T).sum())
    return out


@settings(max_examples=15, deadline=None)
@given(levels, levels)
def test_gradient_is_the_plain_formula(matte: Pixels, truth: Pixels) -> None:
    plain = ((plain_gradient(shares(matte)) - plain_gradient(shares(truth))) ** 2).sum() / 1000
    assert gradient(shares(matte), shares(truth)) == pytest.approx(plain, rel=1e-5, abs=1e-7)


@given(levels)
def test_gradient_ignores_the_range(matte: Pixels) -> None:
    assert gradient(shares(matte) * 0.5 + 0.25, shares(matte)) == pytest.approx(0, abs=1e-6)


def square(side: int = 40, level: float = 1.0) -> FloatArray:
    out = np.zeros((100, 100), np.float32)
    out[30:30 + side, 30:30 + side] = level
    return out


@pytest.mark.parametrize(("level", "counted"), [(1.0, 1.0), (0.5, 0.5), (0.2, 0.2), (0.1, 0.0)])
def test_a_detached_blob_counts_from_fifteen_per_cent(level: float, counted: float) -> None:
    matte = square()
    matte[5:15, 5:17] = level
    assert connectivity(matte, square()) == pytest.approx(0.120 * counted)


def test_a_hole_counts_and_softness_at_the_edge_counts_by_its_depth() -> None:
    holed, soft = square(), square()
    holed[40:50, 40:50] = 0
    soft[30:70, 30:35] = 0.6
    assert connectivity(holed, square()) == pytest.approx(0.100)
    assert connectivity(soft, square()) == pytest.approx(0.200 * 0.4)


@pytest.mark.parametrize("place", [(70, 70), (5, 5)], ids=["touching a corner", "elsewhere"])
def test_the_subject_is_the_largest_area_and_corners_do_not_connect(place: tuple[int, int]) -> None:
    matte, truth = square(), square()
    for values, level in ((matte, 0.12), (truth, 1.0)):
        values[place[0]:place[0] + 10, place[1]:place[1] + 12] = level
    assert connectivity(matte, truth) == pytest.approx(0.120), "0.108, were the small area connected up to 0.1"


def test_an_attached_blob_that_is_true_costs_nothing_and_size_decides_who_is_the_subject() -> None:
    two = square()
    two[5:15, 5:15] = 1
    lone = np.zeros_like(two)
    lone[5:15, 5:15] = 1
    assert connectivity(two, two) == 0
    assert connectivity(two, lone) == pytest.approx(1.6), "only what both have can be the subject"


def disc_of(values: FloatArray) -> Pixels:
    return (values * 255).astype(np.uint8)


def test_the_outline_by_hand() -> None:
    matte = np.zeros((6, 6), np.uint8)
    matte[2:4, 2:4] = 255
    wanted = ["......",
              "..##..",  # above the square
              ".#.#..",  # left of it, and its right edge
              ".###..",
              "......", "......"]
    assert ["".join("#" if pixel else "." for pixel in row) for row in outline(matte)] == wanted


def test_outlines_within_the_tolerance_are_the_same() -> None:
    truth = disc_of(np.kron(square(), np.ones((4, 4), np.float32)))
    assert boundary(np.roll(truth, 5, axis=1), truth) == 100, "0.8 % of the diagonal of 400 pixels are 4.5"
    assert boundary(np.roll(truth, 6, axis=1), truth) < 100
    truth = disc_of(square())
    assert boundary(disc_of(np.roll(square(20), (-25, -25), (0, 1))), np.roll(truth, 25, 1)) == 0
    nothing = np.zeros_like(truth)
    assert (boundary(nothing, nothing), boundary(nothing, truth), boundary(truth, nothing)) == (100, 0, 0)


def test_half_an_outline_by_hand() -> None:
    truth, both = disc_of(square(20)), disc_of(square(20))
    both[75:95, 75:95] = 255  # as long an outline again, far away: precision 1/2, recall 1
    assert boundary(both, truth) == pytest.approx(100 * 2 / 3, abs=1)


@pytest.mark.parametrize("width", [100, 512, 1280])
def test_reduced_mattes_are_all_as_wide_and_keep_their_mean(width: int) -> None:
    matte = np.zeros((width // 2, width), np.uint8)
    matte[:, :width // 4] = 255
    low = reduced(matte)
    assert low.shape == (256, metrics.REDUCED_WIDTH)
    assert low.mean() == pytest.approx(0.25, abs=0.002)
    assert (low.min(), low.max()) == (0, 1)
