"""The arithmetic of filling one size with another, in both orders: cut then scale, and scale then cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.pictures import bars
from vcam.frame import Size
from vcam.ops.fitting import cover, evened, filled, scaled, window, within

sides = st.integers(1, 8192)
sizes = st.builds(Size, sides, sides)
even_sides = st.integers(8, 4096).map(lambda half: 2 * half)
even_sizes = st.builds(Size, even_sides, even_sides)
cuttable = st.builds(Size, st.integers(2, 8192), st.integers(2, 8192))


@given(sizes, even_sizes)
def test_cover(own: Size, wanted: Size) -> None:
    plan = cover(own, wanted)
    assert plan.size == wanted
    assert plan.scaled.width >= wanted.width
    assert plan.scaled.height >= wanted.height
    assert wanted.width == plan.scaled.width or wanted.height == plan.scaled.height
    assert plan.scaled == plan.scaled.even()
    assert plan.x % 2 == plan.y % 2 == 0
    for total, offset, part in ((plan.scaled.width, plan.x, wanted.width), (plan.scaled.height, plan.y, wanted.height)):
        before, after = offset, total - part - offset
        assert before >= 0
        assert 0 <= after - before <= 2
    scale = max(wanted.width / own.width, wanted.height / own.height)
    assert abs(plan.scaled.width - own.width * scale) <= 1.001
    assert abs(plan.scaled.height - own.height * scale) <= 1.001


@given(even_sizes)
def test_its_own_size_is_left_alone(own: Size) -> None:
    assert cover(own, own) == evened(own)


@given(cuttable, even_sizes)
def test_a_window_is_inside_even_and_centred(own: Size, wanted: Size) -> None:
    left, top, width, height = window(own, wanted)
    assert not (left % 2 or top % 2 or width % 2 or height % 2)
    for total, before, part in ((own.width, left, width), (own.height, top, height)):
        assert before >= 0
        assert 0 <= total - part - before - before <= 3


@given(cuttable)
def test_a_window_of_its_own_even_size_only_loses_the_odd_line(own: Size) -> None:
    assert window(own, own.even()) == (0, 0, own.even().width, own.even().height)


@given(cuttable, even_sizes)
def test_both_orders_show_the_same_part(own: Size, wanted: Size) -> None:
    plan, (left, top, width, height) = cover(own, wanted), window(own, wanted)
    for total, part_start, part, whole, start, side in (
            (own.width, left, width, plan.scaled.width, plan.x, wanted.width),
            (own.height, top, height, plan.scaled.height, plan.y, wanted.height)):
        pixel = max(whole / total, 1)  # of the smaller of the two grids, in pixels of the result
        assume(part > 8)  # rounding to even lines is all there is of a picture of a few lines
        assert abs(part_start * whole / total - start) <= 2.5 * pixel
        assert abs((part_start + part) * whole / total - (start + side)) <= 3.5 * pixel


@pytest.mark.parametrize("size", [Size(160, 90), Size(640, 480), Size(96, 512)], ids=str)
def test_filling_keeps_the_middle_and_the_proportions(size: Size) -> None:
    picture = np.full((301, 403, 3), 20, np.uint8)
    picture[101:200, 152:251] = 220  # a square of 99 in the middle
    shown = filled(picture, size)[..., 0] > 120
    assert shown.shape == (size.height, size.width)
    scale = max(size.width / 403, size.height / 301)
    wide, high = shown[size.height // 2].sum(), shown[:, size.width // 2].sum()
    assert wide == pytest.approx(min(99 * scale, size.width), abs=2 + scale)
    assert high == pytest.approx(min(99 * scale, size.height), abs=2 + scale)
    rows, columns = np.nonzero(shown)
    assert rows.mean() == pytest.approx(size.height / 2, abs=1 + 2 * scale)
    assert columns.mean() == pytest.approx(size.width / 2, abs=1 + 2 * scale)


def test_nothing_is_scaled_where_cutting_is_enough() -> None:
    picture = bars(Size(65, 49))
    shown = filled(picture, Size(64, 48))
    assert np.shares_memory(shown, picture)
    assert (shown == picture[:48, :64]).all()
    assert scaled(picture, Size(65, 49)) is picture


def test_a_picture_of_one_pixel_fills_anything() -> None:
    assert (filled(np.full((1, 1, 3), 77, np.uint8), Size(64, 48)) == 77).all()
    assert filled(np.full((1, 300, 3), 77, np.uint8), Size(64, 48)).shape == (48, 64, 3)


@given(sizes, even_sides)
def test_within(own: Size, longest: int) -> None:
    small = within(own, longest)
    assert max(small.width, small.height) <= max(longest, 2)
    assert small == small.even()
    if max(own.width, own.height) <= longest:
        assert small == own.even()
