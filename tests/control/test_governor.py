"""The tier follows the budget, down quickly and up slowly."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from vcam.control.governor import Governor, Measured
from vcam.segmenters.tiers import TIERS

NAMES = list(TIERS)


def run(governor: Governor, cost: float, windows: int, fps: float = 30) -> list[str]:
    """A computer on which the default tier takes ``cost`` percent of a core; the tiers after each window."""
    seen = []
    for _ in range(windows):
        cpu = cost * governor.tier.cost / TIERS["default"].cost
        governor.observe(Measured(cpu, fps, 30))
        seen.append(governor.tier.name)
    return seen


def test_over_the_budget_it_goes_down_at_once_and_says_why() -> None:
    governor = Governor(15, "default")
    assert run(governor, 20, 2)[-1] == "light"
    assert "20 % of a core is over the budget of 15 %" in governor.reason


def test_one_bad_window_is_no_reason() -> None:
    governor = Governor(15, "default")
    assert governor.observe(Measured(40, 30, 30)) is None
    assert governor.observe(Measured(14, 30, 30)) is None
    assert governor.observe(Measured(40, 30, 30)) is None


def test_a_frame_rate_that_is_not_held_goes_down_too() -> None:
    governor = Governor(90, "default")
    assert run(governor, 50, 2, fps=20)[-1] == "light"
    assert "20 of 30" in governor.reason


def test_with_room_it_goes_up_slowly() -> None:
    governor = Governor(40, "light")
    seen = run(governor, 18, 40)
    assert seen[8] == "light"
    assert seen[-1] == "default"


def test_without_room_it_stays() -> None:
    assert set(run(Governor(20, "default"), 18, 100)) == {"default"}


def test_attempts_in_vain_become_rare() -> None:
    """A tier that costs more than expected: it is tried, given up, and tried again ever more seldom."""
    governor = Governor(20, "light")
    tried = []
    for window in range(600):
        change = governor.observe(Measured(11 if governor.tier.name == "light" else 30, 30, 30))
        if change is not None and change.name == "default":
            tried.append(window)
    gaps = [after - before for before, after in itertools.pairwise(tried)]
    assert len(tried) >= 3
    assert gaps[-1] > 3 * gaps[0]


def test_at_the_lightest_tier_it_says_that_nothing_is_left() -> None:
    governor = Governor(5, "light")
    assert set(run(governor, 60, 10)) == {"light"}
    assert "no lighter tier" in governor.reason


@given(st.floats(1, 400), st.sampled_from(NAMES), st.lists(st.tuples(st.floats(0, 400), st.floats(0, 60)), max_size=80))
def test_it_moves_one_step_at_a_time_and_only_with_a_reason(budget: float, tier: str,
                                                          windows: list[tuple[float, float]]) -> None:
    governor = Governor(budget, tier)
    for cpu, fps in windows:
        before = NAMES.index(governor.tier.name)
        change = governor.observe(Measured(cpu, fps, 30))
        after = NAMES.index(governor.tier.name)
        assert abs(after - before) == (change is not None)
        if change is not None:
            assert governor.reason
            assert (after < before) == (cpu > budget or fps < 30)
