"""A network's answer on the matte's grid: placed where it looked, checked, measured."""

from __future__ import annotations

import cv2
import numpy as np

from vcam.errors import SegmenterError
from vcam.frame import FloatArray, Region, Size
from vcam.ops.envelope import without_specks

# Samples on a region's edge that must be person before the person is taken to reach beyond it.
_TOUCH = 2


def place(probability: FloatArray, region: Region, grid: tuple[int, int], factor: int) -> FloatArray:
    """``probability`` (any size) of ``region`` as float32 of ``grid`` (height, width); 0 where nobody looked.

    Raises:
        SegmenterError: it is no probability.
    """
    out = np.zeros(grid, np.float32)
    target = part(out, region, factor)
    target[:] = cv2.resize(_checked(probability), target.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return out


def part(grid: FloatArray, region: Region, factor: int) -> FloatArray:
    """The view of a grid that covers ``region`` (on the grid's lines, or up to the frame's end)."""
    return grid[region.top // factor:-(-region.bottom // factor), region.left // factor:-(-region.right // factor)]


def extent(evidence: FloatArray, upper: float, factor: int, size: Size) -> Region | None:
    """What encloses the ``upper`` share (0–1] of the person, without small pieces apart; None: there is nobody."""
    solid = (without_specks(cv2.convertScaleAbs(evidence, alpha=255)) > 127).view(np.uint8)
    left, top, width, height = cv2.boundingRect(solid)
    if not width:
        return None
    if upper < 1:
        height = max(int(height * upper), 1)
        left, _, width, _ = cv2.boundingRect(np.ascontiguousarray(solid[top:top + height]))
    right, bottom = min((left + width) * factor, size.width), min((top + height) * factor, size.height)
    return Region(left * factor, top * factor, right - left * factor, bottom - top * factor)


def touches_edge(evidence: FloatArray, region: Region, factor: int, size: Size) -> bool:
    """Whether the person reaches a side of ``region`` that is not the frame's."""
    seen = part(evidence, region, factor)
    sides = ((region.left > 0, seen[:, 0]), (region.top > 0, seen[0]),
             (region.right < size.width, seen[:, -1]), (region.bottom < size.height, seen[-1]))
    return any(inside and np.count_nonzero(line > 0.5) >= _TOUCH for inside, line in sides)


def _checked(probability: FloatArray) -> FloatArray:
    """Refuse what is not a probability: a network that went wrong must not decide what is shown."""
    least, most = probability.min(), probability.max()
    if not (least >= -0.001 and most <= 1.001):  # a NaN is neither
        raise SegmenterError(f"the network returned values from {np.nanmin(probability):.3g} to "
                             f"{np.nanmax(probability):.3g}, not probabilities", "try another model: vcam models")
    return probability
