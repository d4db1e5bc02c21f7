"""Colour: every conversion comes back, for both matrices, and agrees with OpenCV where OpenCV has the matrix."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.pictures import bars, farthest
from vcam.frame import Colour, Pixels, Size, i420_planes, i420_shape
from vcam.ops.colour import bgr_to_i420, i420_to_bgr, recolour, rgb_from_yuv
from vcam.ops.convert import nv12_to_i420, yuyv_to_i420

SIZE = Size(128, 32)


@pytest.mark.parametrize("colour", list(Colour))
def test_known_colours_come_back(colour: Colour) -> None:
    out = np.empty(i420_shape(SIZE), np.uint8)
    bgr_to_i420(bars(SIZE), colour, out)
    assert farthest(i420_to_bgr(out, colour)) <= 2


def test_bt601_is_opencvs() -> None:
    out = np.empty(i420_shape(SIZE), np.uint8)
    bgr_to_i420(bars(SIZE), Colour.BT601, out)
    expected = cv2.cvtColor(bars(SIZE), cv2.COLOR_BGR2YUV_I420)
    y, expected_y = i420_planes(out)[0], i420_planes(expected)[0]
    assert np.abs(y.astype(int) - expected_y).max() <= 1


@pytest.mark.parametrize("colour", list(Colour))
def test_white_and_black_are_limited_range(colour: Colour) -> None:
    matrix = rgb_from_yuv(colour).astype(np.float64)
    assert matrix @ [235, 128, 128, 1] == pytest.approx([255] * 3, abs=0.01)
    assert matrix @ [16, 128, 128, 1] == pytest.approx([0] * 3, abs=0.01)


@pytest.mark.parametrize(("source", "target"), [(Colour.BT601, Colour.BT709), (Colour.BT709, Colour.BT601)])
def test_recolouring_keeps_what_is_seen(source: Colour, target: Colour) -> None:
    pixels = np.empty(i420_shape(SIZE), np.uint8)
    bgr_to_i420(bars(SIZE), source, pixels)
    assert farthest(i420_to_bgr(pixels, target)) > 10, "the matrices must differ on these bars"
    recolour(pixels, source, target, pixels)
    assert farthest(i420_to_bgr(pixels, target)) <= 4


@settings(max_examples=30, deadline=None)
@given(arrays(np.uint8, (8, 16, 3)), st.sampled_from(list(Colour)))
def test_grey_levels_of_any_picture_come_back(picture: Pixels, colour: Colour) -> None:
    grey = np.repeat(picture[..., :1], 3, axis=2)
    out = np.empty((12, 16), np.uint8)
    bgr_to_i420(grey, colour, out)
    assert np.abs(i420_to_bgr(out, colour).astype(int) - grey).max() <= 2


@settings(max_examples=30, deadline=None)
@given(arrays(np.uint8, (12, 16)))
def test_layouts_hold_the_same_samples(i420: Pixels) -> None:
    y, u, v = i420_planes(i420)
    nv12 = np.vstack([y, np.dstack([u, v]).reshape(4, 16)])
    yuyv = np.empty((8, 32), np.uint8)
    yuyv[:, 0::2] = y
    yuyv[:, 1::4], yuyv[:, 3::4] = np.repeat(u, 2, axis=0), np.repeat(v, 2, axis=0)
    for convert, packed in ((nv12_to_i420, nv12), (yuyv_to_i420, yuyv)):
        out = np.empty_like(i420)
        convert(packed, out)
        assert (out == i420).all()
