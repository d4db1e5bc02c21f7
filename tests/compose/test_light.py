"""The person in the background's light."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from tests.parts import PERSON, SIZE, is_person, scene_frame
from vcam.compose.light import AS_IT_IS, Light, LightSettings
from vcam.frame import Colour, Frame, PixelFormat, Pixels, i420_planes, i420_shape
from vcam.ops import EdgeSettings, Guide
from vcam.ops.colour import bgr_to_i420, i420_to_bgr
from vcam.ops.cpu import CpuOps

OPS = CpuOps()
FRAME = scene_frame()
GUIDE: Guide = OPS.guide(FRAME)
INNER = np.s_[SIZE.height // 2:, SIZE.width * 2 // 5:SIZE.width * 3 // 5]


def matte() -> object:
    truth = is_person().astype(np.float32)[GUIDE.factor // 2::GUIDE.factor, GUIDE.factor // 2::GUIDE.factor]
    return OPS.matte(truth.copy(), GUIDE, 0, EdgeSettings())


def background(bgr: tuple[int, int, int]) -> Pixels:
    out = np.empty(i420_shape(SIZE), np.uint8)
    bgr_to_i420(np.full((SIZE.height, SIZE.width, 3), bgr, np.uint8), Colour.BT601, out)
    return out


def lit(bgr: tuple[int, int, int], settings: LightSettings) -> Pixels:
    """BGR of the frame in the light of a place of one colour."""
    frame = Light(OPS).lit(FRAME, GUIDE, matte(), background(bgr), settings)  # type: ignore[arg-type]
    return i420_to_bgr(frame.pixels, Colour.BT601)


def test_without_effects_the_frame_is_the_frame() -> None:
    assert Light(OPS).lit(FRAME, GUIDE, matte(), background((0, 0, 0)), AS_IT_IS) is FRAME  # type: ignore[arg-type]


def test_a_bright_place_brightens_and_a_dark_one_darkens() -> None:
    plain = i420_to_bgr(FRAME.pixels, Colour.BT601)[INNER].mean()
    assert lit((240, 240, 240), LightSettings(match=1))[INNER].mean() > plain * 1.1
    assert lit((10, 10, 10), LightSettings(match=1))[INNER].mean() < plain * 0.9


def test_a_warm_place_warms() -> None:
    blue, _, red = (lit((20, 90, 200), LightSettings(match=1))[INNER] - np.array(PERSON, float)).mean((0, 1))
    assert red > blue + 8


@pytest.mark.parametrize("bgr", [(255, 255, 255), (0, 0, 0), (255, 0, 0), (0, 0, 255)])
def test_a_face_stays_a_face(bgr: tuple[int, int, int]) -> None:
    change = lit(bgr, LightSettings(match=1))[INNER].astype(int) - np.array(PERSON)
    assert np.abs(change).max() < 45


def test_light_wraps_around_the_outline_only() -> None:
    shown = lit((255, 255, 255), LightSettings(wrap=1)).astype(int)
    row, edge = SIZE.height * 3 // 4, SIZE.width // 4
    assert shown[row, edge + 3].mean() > np.mean(PERSON) + 30
    assert np.abs(shown[row, SIZE.width // 2] - np.array(PERSON)).max() < 4


def test_light_does_not_jump_with_a_background_that_does() -> None:
    light, person = Light(OPS), matte()
    settings = LightSettings(match=1)
    first = light.lit(FRAME, GUIDE, person, background((10, 10, 10)), settings)  # type: ignore[arg-type]
    second = light.lit(FRAME, GUIDE, person, background((250, 250, 250)), settings)  # type: ignore[arg-type]
    step = i420_planes(second.pixels)[0][INNER].mean() - i420_planes(first.pixels)[0][INNER].mean()
    assert 0 <= step < 5


def test_nobody_needs_no_light() -> None:
    nobody = OPS.matte(np.zeros(GUIDE.planes.shape[1:], np.float32), GUIDE, 0, EdgeSettings())
    frame = Light(OPS).lit(FRAME, GUIDE, nobody, background((9, 9, 9)), LightSettings(1, 1))
    assert isinstance(frame, Frame)
    assert (frame.format, frame.pts, frame.size) == (PixelFormat.I420, Fraction(0), SIZE)
    assert np.abs(frame.pixels.astype(int) - FRAME.pixels).max() <= 1
