"""The arithmetic of filling one size with another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vcam.frame import Size
from vcam.sources.cover import cover, evened, within

sides = st.integers(1, 8192)
even_sides = st.integers(8, 4096).map(lambda half: 2 * half)


@given(st.builds(Size, sides, sides), st.builds(Size, even_sides, even_sides))
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


@given(st.builds(Size, even_sides, even_sides))
def test_its_own_size_is_left_alone(own: Size) -> None:
    assert cover(own, own) == evened(own)


@given(st.builds(Size, sides, sides), even_sides)
def test_within(own: Size, longest: int) -> None:
    small = within(own, longest)
    assert max(small.width, small.height) <= max(longest, 2)
    assert small == small.even()
    if max(own.width, own.height) <= longest:
        assert small == own.even()
