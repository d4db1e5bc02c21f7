"""Colour conversion between 8-bit BGR and limited-range I420, for BT.601 and BT.709.

Matrices: ITU-R BT.601-7 and BT.709-6, section "derivation of luminance and colour difference signals", with
the limited-range quantisation of both (Y 16–235, U and V 16–240). Chroma is the mean of its 2 × 2 pixels.
"""

from __future__ import annotations

import cv2
import numpy as np

from vcam.frame import Colour, FloatArray, Pixels, i420_planes
from vcam.ops.jit import kernel

_LUMA_WEIGHTS = {Colour.BT601: (0.299, 0.114), Colour.BT709: (0.2126, 0.0722)}  # of red and of blue


def rgb_from_yuv(colour: Colour) -> FloatArray:
    """Matrix (3, 4) that takes limited-range (Y, U, V, 1) in 0–255 to full-range (R, G, B) in 0–255."""
    red, blue = _LUMA_WEIGHTS[colour]
    green = 1 - red - blue
    luma, chroma = 255 / 219, 255 / 224
    matrix = np.array([[luma, 0, 2 * (1 - red) * chroma],
                       [luma, -2 * (1 - blue) * blue / green * chroma, -2 * (1 - red) * red / green * chroma],
                       [luma, 2 * (1 - blue) * chroma, 0]])
    return np.column_stack([matrix, -matrix @ [16, 128, 128]]).astype(np.float32)


def yuv_from_rgb(colour: Colour) -> FloatArray:
    """Matrix (3, 4) that takes full-range (R, G, B, 1) in 0–255 to limited-range (Y, U, V) in 0–255."""
    matrix = np.linalg.inv(rgb_from_yuv(colour)[:, :3].astype(np.float64))
    return np.column_stack([matrix, [16, 128, 128]]).astype(np.float32)


def bgr_to_i420(bgr: Pixels, colour: Colour, out: Pixels) -> None:
    """Convert BGR (height, width, 3) to I420 ``out`` (height * 3 / 2, width); both sides even."""
    blue, green, red = cv2.split(bgr)
    y, u, v = i420_planes(out)
    _planes_to_yuv(red, green, blue, yuv_from_rgb(colour), y, u, v)


def i420_to_bgr(i420: Pixels, colour: Colour, out: Pixels | None = None) -> Pixels:
    """Convert I420 (height * 3 / 2, width) to BGR (height, width, 3); chroma is repeated, not interpolated."""
    y, u, v = i420_planes(i420)
    planes = np.empty((3, *y.shape), np.uint8)
    _planes_to_rgb(y, u, v, rgb_from_yuv(colour), planes)
    return cv2.merge([planes[2], planes[1], planes[0]], out)


def recolour(i420: Pixels, source: Colour, target: Colour, out: Pixels) -> None:
    """Convert I420 from one matrix to another; ``out`` may be ``i420`` itself."""
    y, u, v = i420_planes(i420)
    to_rgb = np.vstack([rgb_from_yuv(source).astype(np.float64), [0, 0, 0, 1]])
    _yuv_to_yuv(y, u, v, (yuv_from_rgb(target) @ to_rgb).astype(np.float32), *i420_planes(out))


@kernel
def _planes_to_yuv(red: Pixels, green: Pixels, blue: Pixels, m: FloatArray, y: Pixels, u: Pixels, v: Pixels) -> None:
    half = np.float32(0.5)
    quarter = np.float32(0.25)
    height, width = y.shape
    for row in range(np.uint32(height)):
        for x in range(np.uint32(width)):
            y[row, x] = np.uint8(m[0, 0] * np.float32(red[row, x]) + m[0, 1] * np.float32(green[row, x])
                                 + m[0, 2] * np.float32(blue[row, x]) + (m[0, 3] + half))
    for row in range(np.uint32(height // 2)):
        top = row * np.uint32(2)
        for x in range(np.uint32(width // 2)):
            left = x * np.uint32(2)
            r = (np.float32(red[top, left]) + np.float32(red[top, left + 1])
                 + np.float32(red[top + 1, left]) + np.float32(red[top + 1, left + 1])) * quarter
            g = (np.float32(green[top, left]) + np.float32(green[top, left + 1])
                 + np.float32(green[top + 1, left]) + np.float32(green[top + 1, left + 1])) * quarter
            b = (np.float32(blue[top, left]) + np.float32(blue[top, left + 1])
                 + np.float32(blue[top + 1, left]) + np.float32(blue[top + 1, left + 1])) * quarter
            u[row, x] = np.uint8(m[1, 0] * r + m[1, 1] * g + m[1, 2] * b + (m[1, 3] + half))
            v[row, x] = np.uint8(m[2, 0] * r + m[2, 1] * g + m[2, 2] * b + (m[2, 3] + half))


@kernel
def _byte(value: np.float32) -> np.uint8:
    return np.uint8(min(max(value + np.float32(0.5), np.float32(0)), np.float32(255)))


@kernel
def _planes_to_rgb(y: Pixels, u: Pixels, v: Pixels, m: FloatArray, out: Pixels) -> None:
    height, width = y.shape
    for row in range(np.uint32(height)):
        for x in range(np.uint32(width)):
            luma = np.float32(y[row, x])
            cu = np.float32(u[row // 2, x // 2])
            cv = np.float32(v[row // 2, x // 2])
            for channel in range(3):
                out[channel, row, x] = _byte(m[channel, 0] * luma + m[channel, 1] * cu
                                             + m[channel, 2] * cv + m[channel, 3])


@kernel
def _yuv_to_yuv(y: Pixels, u: Pixels, v: Pixels, m: FloatArray,
                out_y: Pixels, out_u: Pixels, out_v: Pixels) -> None:
    height, width = u.shape
    for row in range(np.uint32(height)):
        for x in range(np.uint32(width)):
            cu = np.float32(u[row, x])
            cv = np.float32(v[row, x])
            shift = m[0, 1] * cu + m[0, 2] * cv + m[0, 3]
            for dy in range(2):
                for dx in range(2):
                    out_y[2 * row + dy, 2 * x + dx] = _byte(m[0, 0] * np.float32(y[2 * row + dy, 2 * x + dx]) + shift)
            out_u[row, x] = _byte(m[1, 1] * cu + m[1, 2] * cv + m[1, 3])
            out_v[row, x] = _byte(m[2, 1] * cu + m[2, 2] * cv + m[2, 3])
