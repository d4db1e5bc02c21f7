"""Where the network looks."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.parts import scene_frame
from vcam.frame import FloatArray, Frame, Region, Size
from vcam.ops.cpu import CpuOps
from vcam.segmenters.portrait import Portrait, surroundings, upper_part

OPS = CpuOps()
SIZE = Size(640, 480)
WHOLE = Region.whole(SIZE)
FRAME = scene_frame(0, SIZE)
GUIDE = OPS.guide(FRAME)


class Painted:
    """Finds what the test painted, and remembers where it was asked to look."""

    name, runtime = "painted", "tests"

    def __init__(self, *people: Region) -> None:
        self.asked: list[Region] = []
        self.paint(*people)

    def paint(self, *people: Region) -> None:
        self.truth = np.zeros((SIZE.height, SIZE.width), np.float32)
        for person in people:
            person.window(self.truth)[:] = 1  # type: ignore[arg-type]

    def segment(self, frame: Frame, region: Region) -> FloatArray:
        self.asked.append(region)
        seen = self.truth[region.top:region.bottom, region.left:region.right]
        return np.asarray(cv2.resize(seen, (64, 64), interpolation=cv2.INTER_AREA))

    def close(self) -> None:
        """Nothing is held."""


PERSON = Region(240, 200, 120, 280)


def watch(portrait: Portrait, frames: range) -> list[FloatArray]:
    return [np.asarray(portrait.look(Frame(FRAME.pixels, FRAME.format, n, Fraction(n, 30)), GUIDE)) for n in frames]


def inside(one: Region, other: Region) -> bool:
    return (one.left >= other.left and one.top >= other.top and one.right <= other.right
            and one.bottom <= other.bottom)


def test_it_looks_at_the_person_after_one_look_at_everything() -> None:
    painted = Painted(PERSON)
    watch(Portrait(OPS, painted, second_look=False), range(5))
    assert painted.asked[0] == WHOLE
    assert painted.asked[1] == painted.asked[4]
    assert inside(PERSON, painted.asked[1])
    assert painted.asked[1].width < SIZE.width / 2


def test_a_hand_that_reaches_out_is_seen_in_the_same_frame() -> None:
    painted = Painted(PERSON)
    portrait = Portrait(OPS, painted, second_look=False)
    watch(portrait, range(5))
    hand = Region(340, 300, 260, 60)
    painted.paint(PERSON, hand)
    evidence = watch(portrait, range(5, 6))[0]
    assert evidence[330 // GUIDE.factor, 580 // GUIDE.factor] > 0.9
    watch(portrait, range(6, 7))
    assert inside(hand, painted.asked[-1])


def test_who_comes_in_is_seen_within_half_a_second() -> None:
    painted = Painted(PERSON)
    portrait = Portrait(OPS, painted, second_look=False)
    watch(portrait, range(20))
    guest = Region(20, 160, 100, 320)
    painted.paint(PERSON, guest)
    seen = watch(portrait, range(20, 36))
    assert seen[-1][400 // GUIDE.factor, 60 // GUIDE.factor] > 0.9


def test_nobody_means_everything() -> None:
    painted = Painted()
    watch(Portrait(OPS, painted, second_look=False), range(6))
    assert set(painted.asked) == {WHOLE}


def test_what_always_crosses_the_edge_does_not_double_the_work() -> None:
    """A shelf that only the close look takes for person: the look at everything denies it, again and again."""
    class Fooled(Painted):
        def segment(self, frame: Frame, region: Region) -> FloatArray:
            answer = super().segment(frame, region)
            if region != WHOLE:
                answer[30:34, :] = 1
            return answer

    fooled = Fooled(PERSON)
    watch(Portrait(OPS, fooled, second_look=False), range(90))
    assert len(fooled.asked) < 90 * 1.4


def test_looks_in_vain_grow_seldom() -> None:
    """A poster that only the look at everything takes for a person."""
    class Fooled(Painted):
        def segment(self, frame: Frame, region: Region) -> FloatArray:
            self.paint(PERSON, Region(20, 20, 120, 160)) if region == WHOLE else self.paint(PERSON)
            return super().segment(frame, region)

    fooled = Fooled(PERSON)
    watch(Portrait(OPS, fooled, second_look=False), range(300))
    whole = [n for n, region in enumerate(fooled.asked) if region == WHOLE]
    assert len(whole) < 12


def test_a_pause_starts_anew() -> None:
    painted = Painted(PERSON)
    portrait = Portrait(OPS, painted, second_look=False)
    watch(portrait, range(5))
    watch(portrait, range(60, 61))
    assert painted.asked[-1] == WHOLE


class Hasty(Painted):
    """Takes a shelf at the head for hair, unless it looks closely."""

    def segment(self, frame: Frame, region: Region) -> FloatArray:
        near = region.height < 0.55 * SIZE.height
        self.paint(PERSON) if near else self.paint(PERSON, SHELF)
        return super().segment(frame, region)


SHELF = Region(360, 220, 60, 20)
AT_SHELF = (230 // 4, 390 // 4)


def test_a_closer_look_corrects_the_first_also_in_the_frames_between() -> None:
    seen = watch(Portrait(OPS, Hasty(PERSON)), range(12))
    alone = watch(Portrait(OPS, Hasty(PERSON), second_look=False), range(12))
    assert all(evidence[AT_SHELF] > 0.9 for evidence in alone[4:])
    assert all(evidence[AT_SHELF] < 0.5 for evidence in seen[4:])
    assert all(evidence[440 // 4, 300 // 4] > 0.9 for evidence in seen), "the body below the closer look"


def test_what_changes_is_not_corrected_by_an_old_look() -> None:
    portrait = Portrait(OPS, Hasty(PERSON))
    watch(portrait, range(13))
    other = FRAME.pixels.copy()
    Frame(other, FRAME.format, 0, Fraction(0)).planes()[0][210:250, 350:430] = 235
    frame = Frame(other, FRAME.format, 13, Fraction(13, 30))
    assert np.asarray(portrait.look(frame, OPS.guide(frame)))[AT_SHELF] > 0.9


def test_closer_looks_are_every_third_frame() -> None:
    painted = Painted(PERSON)
    watch(Portrait(OPS, painted), range(60))
    assert 60 + 60 // 3 <= len(painted.asked) <= 60 + 60 // 3 + 5


@given(st.integers(0, 500), st.integers(0, 400), st.integers(8, 640), st.integers(8, 480), st.sampled_from([4, 8, 16]))
def test_surroundings_are_inside_the_frame_on_the_grid(left: int, top: int, width: int, height: int,
                                                      factor: int) -> None:
    extent = Region(left, top, min(width, SIZE.width - left), min(height, SIZE.height - top))
    region = surroundings(extent, SIZE, factor)
    upper = upper_part(extent, SIZE, factor)
    assert inside(region, WHOLE) and inside(upper, WHOLE)
    assert inside(extent, region) and inside(extent, upper)
    assert upper.bottom - extent.bottom < factor or upper.bottom == SIZE.height
    assert region.left % factor == region.top % factor == 0
    assert region.right % factor == 0 or region.right == SIZE.width
    assert region.bottom % factor == 0 or region.bottom == SIZE.height
