"""High dynamic range to standard: PQ and HLG in BT.2020 to BT.709 with sRGB-like gamma.

Transfer functions: SMPTE ST 2084 and ITU-R BT.2100. Highlights above diffuse white are compressed by luminance with
the extended curve of Reinhard et al., "Photographic Tone Reproduction for Digital Images" (2002), so hues stay.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vcam.frame import FloatArray, Pixels
from vcam.ops.jit import kernel

PQ, HLG = 16, 18  # ITU-T H.273
TRANSFERS = (PQ, HLG)
_DIFFUSE_WHITE = 203.0  # candelas per square metre (ITU-R BT.2408)
_PEAK = 1000.0
_TO_709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32)
_LEVELS = 4096


def to_standard(rgb: NDArray[np.uint16], transfer: int) -> Pixels:
    """RGB of 16 bits (height, width, 3), BT.2020, as BGR of 8 bits."""
    out = np.empty(rgb.shape, np.uint8)
    _map(rgb.reshape(-1, 3), _light(transfer), _gamma(), _TO_709, np.float32(_PEAK / _DIFFUSE_WHITE),
         out.reshape(-1, 3))
    return out


@lru_cache
def _light(transfer: int) -> FloatArray:
    """Light, 1 being diffuse white, by the top 12 bits of a sample."""
    v = np.linspace(0, 1, _LEVELS)
    if transfer == PQ:
        p = v ** (1 / 78.84375)
        light = 10000 * (np.maximum(p - 0.8359375, 0) / (18.8515625 - 18.6875 * p)) ** (1 / 0.1593017578125)
    else:
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        scene = np.where(v <= 0.5, v * v / 3, (np.exp((v - c) / a) + b) / 12)
        light = _PEAK * scene ** 1.2
    return (light / _DIFFUSE_WHITE).astype(np.float32)


@lru_cache
def _gamma() -> FloatArray:
    """Samples 0–255 by light 0–1."""
    light = np.linspace(0, 1, _LEVELS)
    srgb = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return (srgb * 255).astype(np.float32)


@kernel
def _map(rgb: NDArray[np.uint16], light: FloatArray, gamma: FloatArray, m: FloatArray, peak: np.float32,
         out: Pixels) -> None:
    zero, one, last = np.float32(0), np.float32(1), np.float32(_LEVELS - 1)
    for x in range(rgb.shape[0]):
        r, g, b = light[rgb[x, 0] >> 4], light[rgb[x, 1] >> 4], light[rgb[x, 2] >> 4]
        luminance = np.float32(0.2627) * r + np.float32(0.678) * g + np.float32(0.0593) * b
        scale = (one + luminance / (peak * peak)) / (one + luminance)
        # The curve halves diffuse white; twice its result is nearer to what a standard camera would have shown.
        scale = min(scale * np.float32(1.6), one)
        r, g, b = r * scale, g * scale, b * scale
        for k in range(3):
            value = min(max(m[k, 0] * r + m[k, 1] * g + m[k, 2] * b, zero), one)
            out[x, 2 - k] = np.uint8(gamma[int(value * last)] + np.float32(0.5))
