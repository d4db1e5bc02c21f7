"""Kernels of the second look: a closer view of a part of the person, every few frames, corrects the first one.

What the second look said differently is remembered as a difference and added in the frames in between, where neither
the picture nor the first look has changed since.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vcam.frame import FloatArray, Pixels, Region
from vcam.ops import temporal
from vcam.ops.jit import kernel

# The closer view counts double: where they contradict each other, a half transparent compromise would serve nobody.
_WEIGHT = 2 / 3
# The share of the region above its lower edge over which it fades out: the body goes on below.
_FADE = 0.3
# A change of colour (0–1) that is noise, and how quickly more of it makes the remembered difference void.
_NOISE, _GAIN = 0.02, 12.0
_1, _0 = np.float32(1), np.float32(0)


@dataclass(frozen=True, slots=True, eq=False)
class SecondLook:
    """What a second look said, and on which frame: float32 (height, width) difference to the first look, the first
    look itself, uint8 (3, height, width) the guide."""

    difference: FloatArray
    first: FloatArray
    guide: Pixels


def taken(first: FloatArray, second: FloatArray, guide: Pixels, rows: slice, columns: slice) -> SecondLook:
    """Two looks at one frame (both float32, grid); the second one only at ``rows`` and ``columns``."""
    difference = np.zeros_like(first)
    seen = (rows, columns)
    np.subtract(second[seen], first[seen], out=difference[seen])
    if rows.stop < first.shape[0]:
        fading = max(int((rows.stop - rows.start) * _FADE), 1)
        difference[rows.stop - fading:rows.stop, columns] *= np.linspace(1, 0, fading, dtype=np.float32)[:, None]
    return SecondLook(difference, first, guide)


def corrected(first: FloatArray, guide: Pixels, look: SecondLook) -> FloatArray:
    """A frame's first look (float32, grid) with what the second one, now or a few frames ago, had to add."""
    change = temporal.change(guide, look.guide)
    out = np.empty_like(first)
    _correct(first, look.first, look.difference, change, out)
    return out


def rows_and_columns(region: Region, factor: int) -> tuple[slice, slice]:
    """Where ``region`` lies on the grid."""
    return (slice(region.top // factor, -(-region.bottom // factor)),
            slice(region.left // factor, -(-region.right // factor)))


@kernel
def _correct(first: FloatArray, then: FloatArray, difference: FloatArray, change: FloatArray, out: FloatArray) -> None:
    noise, gain, weight, two = np.float32(_NOISE), np.float32(_GAIN), np.float32(_WEIGHT), np.float32(2)
    height, width = first.shape
    for row in range(height):
        for x in range(np.uint64(width)):
            still = min(max(_1 - gain * (change[row, x] - noise), _0), _1)
            alike = max(_1 - two * abs(first[row, x] - then[row, x]), _0)
            out[row, x] = min(max(first[row, x] + weight * still * alike * difference[row, x], _0), _1)
