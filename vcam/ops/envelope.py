"""Bounds for a matte: how far from the network's evidence colour alone may carry it.

A linear model extrapolates: a frame's edge of the colour of hair, next to hair, would be taken for hair. So alpha may
exceed zero only within one grid step of strong evidence of person, and fall below one only within one grid step of
strong evidence of background; faint evidence far from any strong one counts for nothing.
"""

from __future__ import annotations

import cv2
import numpy as np

from vcam.frame import BACKGROUND, MIXED, PERSON, FloatArray, Pixels

# The strongest alpha around that is still nothing, and from which on everything is possible.
_NOTHING, _EVERYTHING = 0.3, 0.6

_t = np.clip((np.arange(256) / 255 - _NOTHING) / (_EVERYTHING - _NOTHING), 0, 1)
_HIGH = (_t * _t * (3 - 2 * _t)).astype(np.float32)
_LOW = (1 - _HIGH[::-1]).astype(np.float32)
_AROUND = np.ones((3, 3), np.uint8)


def bounds(alpha: Pixels) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest alpha (float32, 0–1) at each sample of ``alpha`` (uint8)."""
    return cv2.LUT(cv2.erode(alpha, _AROUND), _LOW), cv2.LUT(cv2.dilate(alpha, _AROUND), _HIGH)


def cells(low: FloatArray, high: FloatArray) -> Pixels:
    """What the areas between samples can contain: uint8 (height - 1, width - 1) of bounds with their border."""
    possible, certain = high > 0, low < 1
    found = np.full((low.shape[0] - 1, low.shape[1] - 1), MIXED, np.uint8)
    found[~_any_corner(possible)] = BACKGROUND
    found[~_any_corner(certain)] = PERSON
    return found


def _any_corner(mask: np.ndarray) -> np.ndarray:
    return mask[:-1, :-1] | mask[1:, :-1] | mask[:-1, 1:] | mask[1:, 1:]
