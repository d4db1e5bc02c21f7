"""Test pictures with known colours."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vcam.frame import Colour, Frame, PixelFormat, Pixels, Rendered, Size, i420_shape
from vcam.ops.colour import bgr_to_i420

# Blue, green, red. Strong enough to tell the two matrices apart: they differ by up to 30 levels on these.
BARS: tuple[tuple[int, int, int], ...] = (
    (235, 235, 235), (20, 210, 215), (200, 190, 30), (40, 180, 40), (190, 40, 190), (40, 30, 200), (200, 50, 30),
    (16, 16, 16))


def bars(size: Size) -> Pixels:
    """BGR (height, width, 3): eight upright bars of ``BARS``."""
    columns = np.arange(size.width) * len(BARS) // size.width
    row = np.array(BARS, np.uint8)[columns]
    return np.ascontiguousarray(np.broadcast_to(row, (size.height, size.width, 3)))


def bar_colours(bgr: Pixels) -> NDArray[np.float64]:
    """The mean colour (bar, channel) in the middle of each bar of a BGR picture of any size."""
    height, width = bgr.shape[:2]
    middle = bgr[height // 4:height * 3 // 4]
    step = width / len(BARS)
    return np.array([middle[:, int((i + .3) * step):int((i + .7) * step)].mean((0, 1)) for i in range(len(BARS))])


def farthest(bgr: Pixels) -> float:
    """How far the worst channel of the worst bar is from what it should be, in levels."""
    return float(np.abs(bar_colours(bgr) - np.array(BARS)).max())


def rendered(bgr: Pixels, colour: Colour, seq: int = 0, pts: Fraction | None = None,
             kind: Literal["composite", "card", "raw"] = "composite") -> Rendered:
    """A BGR picture as the I420 picture a sink is sent; 30 a second unless ``pts`` says otherwise."""
    height, width = bgr.shape[:2]
    pixels = np.empty(i420_shape(Size(width, height)), np.uint8)
    bgr_to_i420(bgr, colour, pixels)
    when = Fraction(seq, 30) if pts is None else pts
    return Rendered(Frame(pixels, PixelFormat.I420, seq, when, colour=colour), kind)


def bars_rendered(size: Size, colour: Colour, seq: int = 0, pts: Fraction | None = None) -> Rendered:
    """The bars as a picture for a sink."""
    return rendered(bars(size), colour, seq, pts)
