"""The clean plate: it learns the room, and says what differs from it, on every device."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.parts import SIZE, scene_frame
from vcam.frame import FloatArray, Frame, Size
from vcam.ops import Guide, Ops

GRID = (60, 80)
PERSON = (slice(15, 60), slice(20, 60))
THING, WITHIN = (slice(20, 30), slice(60, 66)), (slice(22, 28), slice(61, 64))


def room(size: Size = SIZE, light: float = 1.0, shift: int = 0, seed: int = 0) -> Frame:
    """A textured room with a camera's noise; ``light`` is a gain, ``shift`` moves the camera by grid steps."""
    frame = scene_frame(0, size)
    rng = np.random.default_rng(5)
    texture = np.kron(rng.integers(100, 180, (40, 40)), np.ones((12, 16)))
    noise = np.random.default_rng(seed).normal(0, 1.5, (size.height, size.width))
    luma = np.roll(texture, (4 * shift, 4 * shift), (0, 1))[:size.height, :size.width]
    planes = frame.planes()
    planes[0][:] = np.clip((luma - 16) * light + 16 + noise, 16, 235)
    for plane in planes[1:]:
        plane[:] = 128
    return frame


def painted(frame: Frame, part: tuple[slice, slice], luma: int) -> Frame:
    """The frame with one grey over a part of the grid."""
    rows, columns = (slice(side.start * 4, side.stop * 4) for side in part)
    frame.planes()[0][rows, columns] = luma
    return frame


def evidence(*parts: tuple[tuple[slice, slice], float]) -> FloatArray:
    found = np.zeros(GRID, np.float32)
    for part, value in parts:
        found[part] = value
    return found


def learnt(ops: Ops, frames: int = 20, first: Any = None) -> Any:
    """The plate after some frames with a person in the middle."""
    plate = first
    for number in range(frames):
        guide = ops.guide(painted(room(seed=number), PERSON, 40))
        _, plate = ops.compare(evidence((PERSON, 1.0)), guide, plate, empty=False)
    return plate


def corrected(ops: Ops, frame: Frame, found: FloatArray, plate: Any) -> FloatArray:
    answer, _ = ops.compare(found, ops.guide(frame), plate, empty=False)
    return np.asarray(answer)


def test_it_learns_the_room_and_nothing_of_the_person(ops: Ops) -> None:
    plate = learnt(ops)
    guide: Guide = ops.guide(room(seed=99))
    known = np.ones(GRID, bool)
    known[14:61, 19:61] = False  # the person, and the neighbours that the network may be wrong about
    assert (plate.seen[known] == 20).all()
    assert plate.seen[PERSON].max() == 0
    assert np.abs(np.asarray(plate.mean)[:, known] - guide.planes[:, known]).max() < 3
    assert np.sqrt(plate.variance[known]).max() < 0.02


def test_before_it_knows_the_room_it_says_nothing(ops: Ops) -> None:
    found = evidence((PERSON, 1.0), (THING, 0.4))
    guide = ops.guide(painted(room(), THING, 220))
    plate = None
    for _ in range(2):
        answer, plate = ops.compare(found, guide, plate, empty=False)
        assert (answer == found).all()


def test_a_thing_in_the_hand_is_recovered(ops: Ops) -> None:
    found = evidence((PERSON, 1.0), (THING, 0.3))
    frame = painted(painted(room(seed=50), PERSON, 40), THING, 220)
    answer = corrected(ops, frame, found, learnt(ops))
    assert answer[WITHIN].min() > 0.65
    assert answer[:10].max() < 0.05, "the room far from it is none"


def test_what_looks_like_the_room_is_no_person(ops: Ops) -> None:
    found = evidence((PERSON, 1.0), (THING, 0.6))
    answer = corrected(ops, painted(room(seed=50), PERSON, 40), found, learnt(ops))
    assert answer[WITHIN].max() < 0.2
    assert answer[17:58, 22:58].min() > 0.95, "the person stays"


@pytest.mark.parametrize(("luma", "is_person"), [(150, True), (40, False)])
def test_a_white_shirt_is_not_taken_for_a_white_wall(ops: Ops, luma: int, is_person: bool) -> None:
    everything = (slice(0, 60), slice(0, 80))
    plate = None
    for number in range(20):
        frame = painted(painted(room(seed=number), everything, 150), PERSON, luma)
        _, plate = ops.compare(evidence((PERSON, 1.0)), ops.guide(frame), plate, empty=False)
    answer = corrected(ops, frame, evidence((PERSON, 1.0), (THING, 0.6)), plate)
    assert bool(answer[WITHIN].min() > 0.4) is is_person


def test_a_shadow_far_from_the_person_is_no_person(ops: Ops) -> None:
    shadow = (slice(2, 8), slice(2, 12))
    found = evidence((PERSON, 1.0), (shadow, 0.15))
    frame = painted(painted(room(seed=50), PERSON, 40), shadow, 20)
    assert corrected(ops, frame, found, learnt(ops))[shadow].max() <= 0.15 + 1e-6


@pytest.mark.parametrize("light", [0.85, 1.15])
def test_light_that_changes_is_followed(ops: Ops, light: float) -> None:
    found = evidence((PERSON, 1.0), (THING, 0.6))
    answer = corrected(ops, painted(room(light=light, seed=50), PERSON, 40), found, learnt(ops))
    assert answer[WITHIN].max() < 0.2, "only the light is new there"


def test_a_moved_camera_makes_it_let_go(ops: Ops) -> None:
    plate = learnt(ops)
    found = evidence((PERSON, 1.0), (THING, 0.3))
    answer, plate = ops.compare(found, ops.guide(painted(room(shift=7), PERSON, 40)), plate, empty=False)
    assert (answer == found).all()
    assert plate.seen.max() == 1, "it begins anew with this frame"


def test_a_room_said_to_be_empty_is_learnt_whatever_the_network_sees(ops: Ops) -> None:
    plate: Any = None
    for number in range(5):
        _, plate = ops.compare(evidence((PERSON, 1.0)), ops.guide(room(seed=number)), plate, empty=True)
    assert (plate.seen == 5).all()


def test_another_size_begins_anew(ops: Ops) -> None:
    plate = learnt(ops, 5)
    guide = ops.guide(room(Size(640, 360)))
    found = np.full(guide.planes.shape[1:], 0.5, np.float32)
    answer, plate = ops.compare(found, guide, plate, empty=False)
    assert (answer == found).all()
    assert plate.seen.shape == found.shape
