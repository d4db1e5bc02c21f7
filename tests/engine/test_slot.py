"""The two hand-offs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vcam.engine.slot import Bounded, Latest


@given(st.lists(st.one_of(st.integers(), st.none()), max_size=50))
def test_latest_gives_the_newest_and_counts_the_rest(steps: list[int | None]) -> None:
    """An integer is put, None takes."""
    slot: Latest[int] = Latest()
    pending: list[int] = []
    dropped = 0
    for step in steps:
        if step is None:
            assert slot.get(0) == (pending[-1] if pending else None)
            pending = []
        else:
            dropped += bool(pending)
            pending = [step]
            slot.put(step)
    assert slot.dropped == dropped


@given(st.lists(st.integers(), max_size=30), st.integers(1, 10))
def test_bounded_keeps_order_and_never_waits(items: list[int], capacity: int) -> None:
    slot: Bounded[int] = Bounded(capacity)
    for item in items:
        slot.put(item)
    slot.close()
    taken = []
    while not slot.finished:
        taken.append(slot.get(0))
    assert taken == items[:capacity]
    assert slot.dropped == max(len(items) - capacity, 0)


def test_a_closed_slot_wakes_who_waits() -> None:
    slots: list[Latest[int] | Bounded[int]] = [Latest(), Bounded(2)]
    for slot in slots:
        slot.close()
        assert slot.get(60) is None
        assert slot.finished
