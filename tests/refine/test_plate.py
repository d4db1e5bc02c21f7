"""The clean plate's life: what is captured, for how long, and when it is forgotten."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.parts import is_person, scene_frame
from vcam.frame import FloatArray
from vcam.ops import Guide
from vcam.ops.cpu import CpuOps
from vcam.refine.plate import CAPTURE_FRAMES, CleanPlate

OPS = CpuOps()


def person(value: float = 1.0) -> FloatArray:
    """Evidence of the scene's person on its grid."""
    return is_person()[2::4, 2::4].astype(np.float32) * np.float32(value)


def known(plate: CleanPlate) -> Any:
    """In how many frames each sample was seen."""
    assert plate._learnt is not None
    return plate._learnt.seen


def scene() -> Guide:
    return OPS.guide(scene_frame())


def test_it_learns_beside_the_person_by_itself() -> None:
    plate = CleanPlate(OPS)
    for _ in range(3):
        plate.correct(person(), scene())
    assert known(plate)[0].min() == 3
    assert known(plate)[person() > 0].max() == 0


def test_a_capture_learns_everything_for_a_second_and_forgets_what_was_before() -> None:
    plate = CleanPlate(OPS)
    for _ in range(50):
        plate.correct(person(), scene())
    plate.capture()
    for number in range(CAPTURE_FRAMES + 5):
        assert plate.capturing == max(CAPTURE_FRAMES - number, 0)
        plate.correct(person(), scene())
    assert known(plate)[person() > 0].max() == CAPTURE_FRAMES
    assert known(plate)[0].min() == CAPTURE_FRAMES + 5


def test_a_captured_room_denies_what_hangs_on_its_wall() -> None:
    plate = CleanPlate(OPS)
    plate.capture()
    for _ in range(CAPTURE_FRAMES):
        plate.correct(person(), scene())
    frame = scene_frame()
    frame.planes()[0][60:, 80:240] = 30  # somebody dark comes in
    found = person()
    found[20:30, 60:66] = 0.6
    assert plate.correct(found, OPS.guide(frame))[22:28, 61:64].max() < 0.2


def test_reset_forgets() -> None:
    plate = CleanPlate(OPS)
    plate.capture()
    plate.correct(person(), scene())
    plate.reset()
    assert plate.capturing == 0
    plate.correct(person(), scene())
    assert known(plate).max() == 1
