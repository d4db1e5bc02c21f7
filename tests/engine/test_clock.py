"""Pacing without drift, and even thinning of a fast camera."""

from __future__ import annotations

import threading  # noqa: TID251
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from vcam.engine.clock import SECOND_NS, MonotonicClock, Pacer, RateLimit


class HandClock:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.now = 5 * SECOND_NS

    def now_ns(self) -> int:
        return self.now

    def wait_until(self, deadline_ns: int, stop: threading.Event) -> bool:
        self.now = max(self.now, deadline_ns)
        return stop.is_set()


@given(st.lists(st.integers(0, 200_000_000), min_size=2, max_size=60))
def test_lateness_never_adds_up(delays: list[int]) -> None:
    clock = HandClock()
    pacer = Pacer(clock)
    zero = pacer.due_ns(Fraction(0))
    for number, delay in enumerate(delays, 1):
        due = pacer.due_ns(Fraction(number, 30))
        assert due == zero + number * SECOND_NS // 30
        clock.now = max(clock.now, due) + min(delay, due + 200_000_000 - clock.now if clock.now > due else delay)


def test_after_a_stall_nothing_is_rushed() -> None:
    clock = HandClock()
    pacer = Pacer(clock)
    pacer.due_ns(Fraction(0))
    clock.now += 10 * SECOND_NS
    assert pacer.due_ns(Fraction(1, 30)) == clock.now
    assert pacer.due_ns(Fraction(2, 30)) == clock.now + SECOND_NS // 30


@given(st.sampled_from([30, 50, 60, 120]), st.sampled_from([10, 15, 24, 25, 30]), st.integers(0, 10 ** 6))
def test_a_camera_is_thinned_to_the_rate_asked_for(camera: int, wanted: int, seed: int) -> None:
    limit = RateLimit(Fraction(wanted))
    jitter = [(seed * k * 7919) % 2_000_000 for k in range(camera * 4)]
    kept = sum(limit.keep(k * SECOND_NS // camera + jitter[k]) for k in range(camera * 4))
    assert abs(kept - 4 * wanted) <= 2


def test_without_a_rate_everything_is_kept() -> None:
    limit = RateLimit(None)
    assert all(limit.keep(k) for k in range(10))


def test_waiting_ends_when_told() -> None:
    stop = threading.Event()
    stop.set()
    clock = MonotonicClock()
    before = clock.now_ns()
    assert clock.wait_until(before + 60 * SECOND_NS, stop)
    assert clock.now_ns() - before < 5 * SECOND_NS
