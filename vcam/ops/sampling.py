"""A region of a frame stretched to a network's input."""

from __future__ import annotations

import cv2
import numpy as np

from vcam.frame import FloatArray, Frame, Pixels, Region, Size
from vcam.ops.colour import rgb_from_yuv
from vcam.ops.jit import kernel


def network_input(frame: Frame, region: Region, size: Size, scale: float, offset: float, planar: bool) -> FloatArray:
    """RGB · ``scale`` + ``offset`` of an I420 frame's region: float32 (1, 3, height, width), or (1, height, width, 3).

    Sampled bilinearly from full resolution: the Selfie networks do better on crisp input than on averaged one.
    """
    y, u, v = (cv2.resize(region.window(plane, part), (size.width, size.height),
                          interpolation=cv2.INTER_LINEAR).reshape(-1)
               for plane, part in zip(frame.planes(), (1, 2, 2), strict=True))
    matrix = rgb_from_yuv(frame.colour)
    if planar:
        out = np.empty((1, 3, size.height, size.width), np.float32)
        _planar_input(y, u, v, matrix, np.float32(scale), np.float32(offset), out.reshape(3, -1))
    else:
        out = np.empty((1, size.height, size.width, 3), np.float32)
        _interleaved_input(y, u, v, matrix, np.float32(scale), np.float32(offset), out.reshape(-1, 3))
    return out


@kernel
def _planar_input(y: Pixels, u: Pixels, v: Pixels, m: FloatArray, scale: np.float32, offset: np.float32,
                  out: FloatArray) -> None:
    for k in range(3):
        my, mu, mv, m1 = m[k, 0], m[k, 1], m[k, 2], m[k, 3]
        row = out[k]
        for x in range(np.uint64(y.shape[0])):
            value = my * np.float32(y[x]) + mu * np.float32(u[x]) + mv * np.float32(v[x]) + m1
            row[x] = min(max(value, np.float32(0)), np.float32(255)) * scale + offset


@kernel
def _interleaved_input(y: Pixels, u: Pixels, v: Pixels, m: FloatArray, scale: np.float32, offset: np.float32,
                       out: FloatArray) -> None:
    for x in range(np.uint64(y.shape[0])):
        for k in range(3):
            value = m[k, 0] * np.float32(y[x]) + m[k, 1] * np.float32(u[x]) + m[k, 2] * np.float32(v[x]) + m[k, 3]
            out[x, k] = min(max(value, np.float32(0)), np.float32(255)) * scale + offset
