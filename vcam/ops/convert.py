"""Layout conversion into and out of I420."""

from __future__ import annotations

import cv2
import numpy as np

from vcam.frame import Pixels, i420_planes
from vcam.ops.jit import kernel


def nv12_to_i420(nv12: Pixels, out: Pixels) -> None:
    """NV12 (height * 3 / 2, width) to I420 of the same shape."""
    y, u, v = i420_planes(out)
    height = y.shape[0]
    y[:] = nv12[:height]
    chroma = nv12[height:].reshape(u.shape[0], u.shape[1], 2)
    u[:], v[:] = cv2.split(chroma)


def yuyv_to_i420(yuyv: Pixels, out: Pixels) -> None:
    """YUYV (height, width * 2) to I420 (height * 3 / 2, width): the chroma of two lines is averaged."""
    _unpack_yuyv(yuyv, *i420_planes(out))


@kernel
def _unpack_yuyv(yuyv: Pixels, y: Pixels, u: Pixels, v: Pixels) -> None:
    two, four = np.uint64(2), np.uint64(4)
    for row in range(y.shape[0]):
        line, luma = yuyv[row], y[row]
        for x in range(np.uint64(y.shape[1])):
            luma[x] = line[x * two]
    for row in range(u.shape[0]):
        above, below = yuyv[2 * row], yuyv[2 * row + 1]
        for x in range(np.uint64(u.shape[1])):
            first, second = x * four + np.uint64(1), x * four + np.uint64(3)
            u[row, x] = (np.uint16(above[first]) + np.uint16(below[first]) + np.uint16(1)) >> np.uint16(1)
            v[row, x] = (np.uint16(above[second]) + np.uint16(below[second]) + np.uint16(1)) >> np.uint16(1)


def i420_to_nv12(i420: Pixels, out: Pixels) -> None:
    """I420 (height * 3 / 2, width) to NV12 of the same shape; nothing is lost."""
    y, u, v = i420_planes(i420)
    height = y.shape[0]
    out[:height] = y
    cv2.merge((u, v), out[height:].reshape(u.shape[0], u.shape[1], 2))


def i420_to_yuyv(i420: Pixels, out: Pixels) -> None:
    """I420 (height * 3 / 2, width) to YUYV (height, width * 2): two lines share their chroma."""
    _pack_yuyv(*i420_planes(i420), out)


@kernel
def _pack_yuyv(y: Pixels, u: Pixels, v: Pixels, yuyv: Pixels) -> None:
    one, two, three, four = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)
    for row in range(y.shape[0]):
        line, luma, blue, red = yuyv[row], y[row], u[row // 2], v[row // 2]
        for x in range(np.uint64(u.shape[1])):
            line[x * four] = luma[x * two]
            line[x * four + one] = blue[x]
            line[x * four + two] = luma[x * two + one]
            line[x * four + three] = red[x]
