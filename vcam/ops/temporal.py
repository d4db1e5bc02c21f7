"""Kernels of the motion-adaptive temporal filter, on the matte's grid (small: a few thousand samples)."""

from __future__ import annotations

import cv2
import numpy as np

from vcam.frame import FloatArray, Pixels
from vcam.ops.jit import kernel


def follow(probability: FloatArray, guide: Pixels, last_probability: FloatArray, last_guide: Pixels,
           still_weight: float, noise: float, gain: float, centre: float,
           half_width: float) -> tuple[FloatArray, FloatArray]:
    """One step of the filter.

    Args:
        probability: float32 (height, width), the network's.
        guide, last_guide: uint8 (3, height, width), Y, U, V now and then.
        last_probability: float32 (height, width), filtered, of then.
        still_weight … half_width: see ``vcam.ops.TemporalSettings``; ``still_weight`` for the time that passed.

    Returns:
        The filtered probability and alpha, both float32 (height, width) in 0–1.
    """
    changed = change(guide, last_guide)
    filtered, motion, alpha = np.empty_like(changed), np.empty_like(changed), np.empty_like(changed)
    _step(probability, last_probability, changed, np.array([still_weight, noise, gain, centre, half_width], np.float32),
          filtered, motion, alpha)
    _soften(alpha, cv2.blur(alpha, (3, 3), borderType=cv2.BORDER_REPLICATE), motion)
    return filtered, alpha


def change(now: Pixels, then: Pixels) -> FloatArray:
    """Largest change of R, G and B (0–1) around each sample of two guides: float32 (height, width)."""
    out = np.empty(now.shape[1:], np.float32)
    _change(now, then, out)
    return cv2.blur(out, (3, 3), borderType=cv2.BORDER_REPLICATE)


def ease(probability: FloatArray, centre: float, half_width: float) -> FloatArray:
    """Alpha of a probability without a past: smoothstep of width 2 · ``half_width`` around ``centre``."""
    t = np.clip((probability - np.float32(centre - half_width)) / np.float32(2 * half_width), 0, 1)
    return t * t * (3 - 2 * t)


@kernel
def _change(now: Pixels, then: Pixels, out: FloatArray) -> None:
    """Largest change of R, G and B in 0–1, estimated from limited-range Y, U and V."""
    luma, blue, red = np.float32(1.164 / 255), np.float32(2.0 / 255), np.float32(1.6 / 255)
    height, width = out.shape
    for row in range(height):
        for x in range(np.uint64(width)):
            dy = abs(np.float32(now[0, row, x]) - np.float32(then[0, row, x])) * luma
            du = abs(np.float32(now[1, row, x]) - np.float32(then[1, row, x])) * blue
            dv = abs(np.float32(now[2, row, x]) - np.float32(then[2, row, x])) * red
            out[row, x] = max(dy, du, dv)


@kernel
def _step(probability: FloatArray, last: FloatArray, change: FloatArray, settings: FloatArray,
          filtered: FloatArray, motion: FloatArray, alpha: FloatArray) -> None:
    still, noise, gain, centre, half_width = settings[0], settings[1], settings[2], settings[3], settings[4]
    zero, half, one = np.float32(0), np.float32(0.5), np.float32(1)
    height, width = probability.shape
    for row in range(height):
        for x in range(np.uint64(width)):
            m = min(max(gain * (change[row, x] - noise), zero), one)
            p = last[row, x] + (still + (one - still) * m) * (probability[row, x] - last[row, x])
            reach = half_width + (half - half_width) * m
            t = min(max((p - centre + reach) / (reach + reach), zero), one)
            filtered[row, x] = p
            motion[row, x] = m
            alpha[row, x] = t * t * (np.float32(3) - np.float32(2) * t)


@kernel
def _soften(alpha: FloatArray, blurred: FloatArray, motion: FloatArray) -> None:
    height, width = alpha.shape
    for row in range(height):
        for x in range(np.uint64(width)):
            alpha[row, x] += (blurred[row, x] - alpha[row, x]) * motion[row, x]
