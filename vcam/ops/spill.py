"""The difference between the person's colours and the room's around each sample of the matte's grid.

Where alpha is between 0 and 1, the camera saw a mixture C = alpha · F + (1 − alpha) · B. Solving for F directly
divides by alpha; F = C + (1 − alpha) · (F − B) with F − B taken from sure neighbours is stable for every alpha (the
idea of Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021, with one blur instead of two passes).
"""

from __future__ import annotations

import cv2
import numpy as np

from vcam.frame import FloatArray, Pixels
from vcam.ops.jit import kernel

# How far around, in steps of two samples; how much of the estimate is applied: all of it would double errors of alpha.
_WINDOW = (5, 5)
_STRENGTH = 0.7
_SURE = np.float32(0.9)


def difference(guide: Pixels, alpha: FloatArray, out: FloatArray) -> None:
    """Person minus room, Y, U and V in 0–255.

    Args:
        guide: uint8 (3, height, width).
        alpha: float32 (height, width) in 0–1.
        out: float32 (3, height, width).
    """
    height, width = alpha.shape
    sums = np.empty((8, (height + 1) // 2, (width + 1) // 2), np.float32)
    _weigh(guide, alpha, sums)
    for number in range(8):
        cv2.blur(sums[number], _WINDOW, sums[number], borderType=cv2.BORDER_REPLICATE)
    _subtract(sums)
    for found, target in zip(sums[:3], out, strict=True):
        cv2.resize(found, (width, height), target, interpolation=cv2.INTER_LINEAR)


@kernel
def _weigh(guide: Pixels, alpha: FloatArray, out: FloatArray) -> None:
    little, zero, gain = np.float32(1e-3), np.float32(0), np.float32(10)
    _, height, width = out.shape
    for row in range(height):
        for x in range(np.uint64(width)):
            a = alpha[2 * row, x + x]
            person = max((a - _SURE) * gain, zero) + little
            room = max((np.float32(1) - _SURE - a) * gain, zero) + little
            y, u, v = (np.float32(guide[0, 2 * row, x + x]), np.float32(guide[1, 2 * row, x + x]),
                       np.float32(guide[2, 2 * row, x + x]))
            out[0, row, x], out[1, row, x], out[2, row, x], out[3, row, x] = person, person * y, person * u, person * v
            out[4, row, x], out[5, row, x], out[6, row, x], out[7, row, x] = room, room * y, room * u, room * v


@kernel
def _subtract(sums: FloatArray) -> None:
    """Person minus room into the first three planes."""
    strength = np.float32(_STRENGTH)
    _, height, width = sums.shape
    for row in range(height):
        for x in range(np.uint64(width)):
            person, room = strength / sums[0, row, x], strength / sums[4, row, x]
            for k in range(3):
                sums[k, row, x] = sums[k + 1, row, x] * person - sums[k + 5, row, x] * room
