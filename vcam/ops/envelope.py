"""Bounds for a matte: how far from the network's evidence colour alone may carry it.

A linear model extrapolates: a frame's edge of the colour of hair, next to hair, would be taken for hair. So alpha may
exceed zero only within one grid step of strong evidence of person, and fall below one only within one grid step of
strong evidence of background; faint evidence far from any strong one counts for nothing, nor do small pieces apart from
the person.
"""

from __future__ import annotations

import cv2
import numpy as np

from vcam.frame import BACKGROUND, MIXED, PERSON, FloatArray, Pixels
from vcam.ops.jit import kernel

# The strongest alpha around that is still nothing, and from which on everything is possible.
_NOTHING, _EVERYTHING = 0.3, 0.6

_t = np.clip((np.arange(256) / 255 - _NOTHING) / (_EVERYTHING - _NOTHING), 0, 1)
_HIGH = (_t * _t * (3 - 2 * _t)).astype(np.float32)
_LOW = (1 - _HIGH[::-1]).astype(np.float32)
_AROUND = np.ones((3, 3), np.uint8)


# A separate piece smaller than this share of the largest one is no person: a clock, a lamp, a reflection.
_SPECK = 0.06
# Alpha from which samples belong together, and the largest share of the grid that is never a person.
_PIECE, _NEVER = 64, 0.002


def without_specks(alpha: Pixels) -> Pixels:
    """``alpha`` (uint8) without small pieces apart from the person; a second person is no small piece."""
    # Every second sample is enough to tell pieces apart, at a quarter of the work.
    solid = (alpha[::2, ::2] >= _PIECE).view(np.uint8)
    count, labels, pieces, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    if count <= 2 and pieces[-1, cv2.CC_STAT_AREA] >= solid.size * _NEVER:
        return alpha
    areas = pieces[1:, cv2.CC_STAT_AREA]
    small = np.concatenate([[False], areas < max(areas.max(initial=0) * _SPECK, solid.size * _NEVER)])
    if not small.any():
        return alpha
    return _erased(alpha, small.astype(np.uint8)[labels], solid)


def _erased(alpha: Pixels, gone: Pixels, solid: Pixels) -> Pixels:
    """``alpha`` without what is ``gone`` (at half size) and its soft rim, unless that belongs to what stays."""
    rim, stays = cv2.dilate(gone, _AROUND), cv2.dilate(solid - gone, _AROUND)
    kept = 1 - cv2.resize(np.where(stays > 0, 0, rim), alpha.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return alpha * kept.astype(np.uint8)


def bounds(alpha: Pixels) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest alpha (float32, 0–1) at each sample of ``alpha`` (uint8)."""
    return cv2.LUT(cv2.erode(alpha, _AROUND), _LOW), cv2.LUT(cv2.dilate(alpha, _AROUND), _HIGH)


def cells(low: FloatArray, high: FloatArray) -> Pixels:
    """What the areas between samples can contain: uint8 (height - 1, width - 1) of bounds with their border."""
    found = np.empty((low.shape[0] - 1, low.shape[1] - 1), np.uint8)
    _classify(low, high, found)
    return found


@kernel
def _classify(low: FloatArray, high: FloatArray, out: Pixels) -> None:
    zero, one = np.float32(0), np.float32(1)
    for row in range(out.shape[0]):
        for x in range(out.shape[1]):
            most = max(high[row, x], high[row + 1, x], high[row, x + 1], high[row + 1, x + 1])
            least = min(low[row, x], low[row + 1, x], low[row, x + 1], low[row + 1, x + 1])
            out[row, x] = BACKGROUND if most <= zero else PERSON if least >= one else MIXED
