"""Who and what belongs to the picture."""

from __future__ import annotations

import numpy as np
import pytest

from tests.parts import scene_frame
from vcam.errors import UsageError
from vcam.frame import Colour, FloatArray, Size
from vcam.ops import Guide
from vcam.ops.cpu import CpuOps
from vcam.refine.subject import Subject

OPS = CpuOps()
SIZE = Size(640, 480)
GRID = (120, 160)


def guide(*things: tuple[slice, slice, int], room: int = 60) -> Guide:
    """A grey room with things of other brightness, on the grid."""
    planes = np.full((3, *GRID), 128, np.uint8)
    planes[0] = room
    for rows, columns, luma in things:
        planes[0, rows, columns] = luma
    return Guide(planes, 4, {}, Colour.BT601, SIZE)


def evidence(*people: tuple[slice, slice]) -> FloatArray:
    found = np.zeros(GRID, np.float32)
    for rows, columns in people:
        found[rows, columns] = 0.9
    return found


ANNA, BEN = (slice(40, 120), slice(30, 70)), (slice(60, 120), slice(100, 130))
CLOCK = (slice(20, 40), slice(70, 90))
AT_CLOCK = (80 / 160, 30 / 120)


def test_without_rules_nothing_changes() -> None:
    found = evidence(ANNA, BEN)
    assert Subject(OPS).apply(found, guide()) is found


def test_only_the_main_person_stays() -> None:
    subject = Subject(OPS)
    subject.only_main = True
    ruled = np.asarray(subject.apply(evidence(ANNA, BEN), guide()))
    assert (ruled[ANNA] == np.float32(0.9)).all()
    assert ruled[BEN].max() == 0


def test_the_main_person_stays_the_main_person() -> None:
    """Somebody larger walks in: the one who was there first is still the one who speaks."""
    subject = Subject(OPS)
    subject.only_main = True
    subject.apply(evidence(BEN), guide())
    ruled = np.asarray(subject.apply(evidence(ANNA, BEN), guide()))
    assert ruled[ANNA].max() == 0
    assert (ruled[BEN] == np.float32(0.9)).all()


def test_nobody_is_nobody() -> None:
    subject = Subject(OPS)
    subject.only_main = True
    assert np.asarray(subject.apply(evidence(), guide())).max() == 0


def test_a_dropped_thing_goes_and_the_person_stays() -> None:
    subject = Subject(OPS)
    picture = guide((*CLOCK, 150), (*ANNA, 220))
    found = evidence(ANNA, CLOCK)
    subject.apply(found, picture)
    subject.point_at(*AT_CLOCK, keep=False)
    ruled = np.asarray(subject.apply(found, picture))
    assert ruled[CLOCK].max() == 0
    assert ruled[60:, 30:68].min() > 0.8


def test_a_hand_before_a_dropped_thing_is_seen() -> None:
    subject = Subject(OPS)
    subject.apply(evidence(CLOCK), guide((*CLOCK, 150)))
    subject.point_at(*AT_CLOCK, keep=False)
    hand = (slice(24, 36), slice(70, 82))
    ruled = np.asarray(subject.apply(evidence(CLOCK), guide((*CLOCK, 150), (*hand, 220))))
    assert ruled[28:32, 73:79].min() > 0.8
    assert ruled[28:32, 86:89].max() == 0


def test_a_kept_thing_is_followed_when_it_moves() -> None:
    subject = Subject(OPS)
    subject.apply(evidence(), guide((*CLOCK, 150)))
    subject.point_at(*AT_CLOCK, keep=True)
    for step in range(1, 20):
        place = (slice(20 + step, 40 + step), slice(70 + step, 90 + step))
        ruled = np.asarray(subject.apply(evidence(), guide((*place, 150))))
    assert ruled[place].mean() > 0.9
    assert ruled.sum() < 1.3 * ruled[place].size


def test_a_wall_is_no_thing() -> None:
    subject = Subject(OPS)
    subject.apply(evidence(), guide((*CLOCK, 150)))
    with pytest.raises(UsageError, match="not a thing"):
        subject.point_at(0.05, 0.05, keep=False)
    assert subject.things == 0


@pytest.mark.parametrize(("x", "y"), [(1.0, 0.5), (-0.1, 0.5), (0.5, 7), (float("nan"), 0.5)])
def test_a_point_outside_the_picture_is_refused(x: float, y: float) -> None:
    subject = Subject(OPS)
    subject.apply(evidence(), guide((*CLOCK, 150)))
    with pytest.raises(UsageError, match="outside"):
        subject.point_at(x, y, keep=True)


def test_without_a_picture_there_is_nothing_to_point_at() -> None:
    with pytest.raises(UsageError, match="no picture yet"):
        Subject(OPS).point_at(0.5, 0.5, keep=True)


def test_forgetting_and_another_size_end_the_rules() -> None:
    subject = Subject(OPS)
    subject.apply(evidence(), guide((*CLOCK, 150)))
    subject.point_at(*AT_CLOCK, keep=True)
    other = OPS.guide(scene_frame(0, Size(320, 240)))
    assert np.asarray(subject.apply(np.zeros(other.planes.shape[1:], np.float32), other)).max() == 0
    subject.forget()
    found = evidence(CLOCK)
    assert subject.apply(found, guide((*CLOCK, 150))) is found
