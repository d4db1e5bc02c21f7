"""Local linear model of a matte in the colours of its frame: the colour guided filter, on the matte's grid.

He, Sun, Tang, "Guided Image Filtering" (TPAMI 2013), section 3.5 (colour guide), computed at low resolution and
applied at full resolution as in He, Sun, "Fast Guided Filter" (arXiv 1505.00996). The guide is YUV; the
regularisation is the image of the isotropic one in RGB, so the result is that of an RGB guide.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vcam.frame import Colour, FloatArray, Pixels
from vcam.ops.colour import yuv_from_rgb
from vcam.ops.jit import kernel

RADIUS = 2
WINDOW = 2 * RADIUS + 1
WIDEST_GRID = 256
# The share of the fit in the matte; the rest is the aligned alpha itself, between the grid's samples. A fit follows
# every pixel's noise, the grid none: together they err and flicker less than either.
SHARE = 0.65

# Scratch rows lie one behind the other in one flat array, at constant offsets: a row for each of the 13 moments
# of a window, then one for each of the 4 coefficients.
_STRIDE = WIDEST_GRID + 2 * RADIUS
_ROWS = 17
_Y, _U, _V, _P, _PY, _PU, _PV, _YY, _YU, _YV, _UU, _UV, _VV, _AY, _AU, _AV, _B = (
    np.uint64(row * _STRIDE) for row in range(_ROWS))
_MOMENTS = np.uint64(13 * _STRIDE)
_1, _2, _3, _4 = (np.uint64(n) for n in range(1, 5))


def regularisation(colour: Colour, epsilon: float) -> FloatArray:
    """``epsilon`` (variance of RGB in 0–1) as a (3, 3) matrix on YUV in 0–1."""
    matrix = yuv_from_rgb(colour)[:, :3].astype(np.float64)
    return (epsilon * (matrix @ matrix.T)).astype(np.float32)


def scratch() -> FloatArray:
    """Working memory of ``linear_model``; one per thread."""
    return np.zeros((WINDOW + 2, _ROWS * _STRIDE), np.float32)


@dataclass(frozen=True, slots=True)
class Box:
    """The samples of rows ``top`` … ``bottom`` − 1 and columns ``left`` … ``right`` − 1 of a grid."""

    top: int
    bottom: int
    left: int
    right: int

    def grown(self, steps: int, grid: tuple[int, ...]) -> Box:
        """With so many samples more on every side, as far as the grid (height, width) goes."""
        return Box(max(self.top - steps, 0), min(self.bottom + steps, grid[0]),
                   max(self.left - steps, 0), min(self.right + steps, grid[1]))

    def of(self, planes: FloatArray) -> FloatArray:
        """Its part of planes (…, height, width), as a view."""
        return planes[..., self.top:self.bottom, self.left:self.right]


def box_around(cells: NDArray[np.bool_]) -> Box | None:
    """The samples that chosen cells (height + 1, width + 1) lie between; None if none is chosen."""
    left, top, width, height = cv2.boundingRect(cells.view(np.uint8))
    if not width:
        return None
    rows, columns = cells.shape[0] - 1, cells.shape[1] - 1
    return Box(max(top - 1, 0), min(top + height, rows), max(left - 1, 0), min(left + width, columns))


def linear_model(guide: Pixels, alpha: FloatArray, ridge: FloatArray, memory: FloatArray, box: Box,
                 out: FloatArray, share: float = 1.0) -> None:
    """Coefficients of ``alpha`` as a function of the guide's colours.

    Args:
        guide: uint8 (3, height, width), Y, U, V; at most 256 wide.
        alpha: float32 (height, width) in 0–1.
        ridge: (3, 3) of ``regularisation``.
        memory: from ``scratch``.
        box: where they are wanted; ``out`` is meaningless elsewhere.
        out: float32 (4, height, width): factors of Y, U, V in 0–255, and the constant.
        share: the function's; what is missing to 1 is ``alpha`` itself.
    """
    raw = np.empty((4, *alpha.shape), np.float32)
    wider = box.grown(RADIUS, alpha.shape)
    _fit(guide, alpha, ridge, np.float32(share), memory[:WINDOW], memory[WINDOW:], wider.top, wider.bottom, wider.left,
         wider.right, raw)
    for plane, target in zip(wider.of(raw), wider.of(out), strict=True):
        cv2.blur(plane, (WINDOW, WINDOW), target, borderType=cv2.BORDER_REPLICATE)
    if share < 1:
        cv2.scaleAdd(box.of(alpha), 1 - share, box.of(out[3]), box.of(out[3]))


def align(guide: Pixels, model: FloatArray, box: Box, out: FloatArray) -> None:
    """The model's alpha on its own grid, eased (smoothstep) to a clear edge, within its bounds.

    Args:
        guide: uint8 (3, height, width).
        model: float32 (6, height, width): the four of ``linear_model``, lowest and highest alpha.
        box: where ``out`` is written.
        out: float32 (height, width).
    """
    _align(guide, model, box.top, box.bottom, box.left, box.right, out)


@kernel
def _align(guide: Pixels, model: FloatArray, top: int, bottom: int, left: int, right: int, out: FloatArray) -> None:
    zero, one, two, three = np.float32(0), np.float32(1), np.float32(2), np.float32(3)
    for row in range(top, bottom):
        for x in range(np.uint64(left), np.uint64(right)):
            alpha = (model[0, row, x] * np.float32(guide[0, row, x]) + model[1, row, x] * np.float32(guide[1, row, x])
                     + model[2, row, x] * np.float32(guide[2, row, x]) + model[3, row, x])
            t = min(max(alpha, zero), one)
            out[row, x] = min(max(t * t * (three - two * t), model[4, row, x]), model[5, row, x])


@kernel
def _fit(guide: Pixels, alpha: FloatArray, ridge: FloatArray, share: np.float32, ring: FloatArray, work: FloatArray,
         top: int, bottom: int, left: int, right: int, raw: FloatArray) -> None:
    """Solve every window of a box; ``ring`` holds the products of the last WINDOW rows, ``work`` sums and means."""
    height, whole = alpha.shape
    first, last = max(left - RADIUS, 0), min(right + RADIUS, whole)
    width = last - first
    each = np.float32(1 / WINDOW ** 2)
    for row in range(top - RADIUS, bottom + RADIUS):
        inside = min(max(row, 0), height - 1)
        slot = ring[(row + RADIUS) % WINDOW]
        _products(guide[0, inside, first:last], guide[1, inside, first:last], guide[2, inside, first:last],
                  alpha[inside, first:last], slot[RADIUS:], np.uint64(width))
        _repeat_ends(slot, width)
        done = row - RADIUS
        if done >= top:
            _down(ring[0], ring[1], ring[2], ring[3], ring[4], work[0], np.uint64(width + 2 * RADIUS))
            _across(work[0], work[1], each, np.uint64(width))
            _solve(work[1], ridge, share, np.uint64(width))
            for k in range(4):
                start = (13 + k) * _STRIDE + left - first
                raw[k, done, left:right] = work[1, start:start + right - left]


@kernel
def _products(gy: Pixels, gu: Pixels, gv: Pixels, alpha: FloatArray, s: FloatArray, width: np.uint64) -> None:
    scale = np.float32(1 / 255)
    for x in range(width):
        y, u, v = np.float32(gy[x]) * scale, np.float32(gu[x]) * scale, np.float32(gv[x]) * scale
        p = alpha[x]
        s[_Y + x], s[_U + x], s[_V + x], s[_P + x] = y, u, v, p
        s[_PY + x], s[_PU + x], s[_PV + x] = y * p, u * p, v * p
        s[_YY + x], s[_YU + x], s[_YV + x] = y * y, y * u, y * v
        s[_UU + x], s[_UV + x], s[_VV + x] = u * u, u * v, v * v


@kernel
def _repeat_ends(s: FloatArray, width: int) -> None:
    for moment in range(13):
        first = moment * _STRIDE + RADIUS
        for spare in range(1, RADIUS + 1):
            s[first - spare] = s[first]
            s[first + width - 1 + spare] = s[first + width - 1]


@kernel
def _down(r0: FloatArray, r1: FloatArray, r2: FloatArray, r3: FloatArray, r4: FloatArray, out: FloatArray,
          width: np.uint64) -> None:
    for start in range(np.uint64(0), _MOMENTS, np.uint64(_STRIDE)):
        for x in range(start, start + width):
            out[x] = r0[x] + r1[x] + r2[x] + r3[x] + r4[x]


@kernel
def _across(s: FloatArray, out: FloatArray, share: np.float32, width: np.uint64) -> None:
    for start in range(np.uint64(0), _MOMENTS, np.uint64(_STRIDE)):
        for x in range(start, start + width):
            out[x] = (s[x] + s[x + _1] + s[x + _2] + s[x + _3] + s[x + _4]) * share


@kernel
def _solve(m: FloatArray, ridge: FloatArray, share: np.float32, width: np.uint64) -> None:
    """a = (covariance + ridge)⁻¹ cov(guide, alpha), by the adjugate; b = mean(alpha) − a · mean(guide); their share."""
    scale = np.float32(1 / 255)
    r00, r01, r02, r11, r12, r22 = ridge[0, 0], ridge[0, 1], ridge[0, 2], ridge[1, 1], ridge[1, 2], ridge[2, 2]
    for x in range(width):
        y, u, v, p = m[_Y + x], m[_U + x], m[_V + x], m[_P + x]
        py, pu, pv = m[_PY + x] - y * p, m[_PU + x] - u * p, m[_PV + x] - v * p
        yy, yu, yv = m[_YY + x] - y * y + r00, m[_YU + x] - y * u + r01, m[_YV + x] - y * v + r02
        uu, uv, vv = m[_UU + x] - u * u + r11, m[_UV + x] - u * v + r12, m[_VV + x] - v * v + r22
        c00, c01, c02 = uu * vv - uv * uv, uv * yv - yu * vv, yu * uv - uu * yv
        c11, c12, c22 = yy * vv - yv * yv, yu * yv - yy * uv, yy * uu - yu * yu
        inverse = share / (yy * c00 + yu * c01 + yv * c02)
        ay = (c00 * py + c01 * pu + c02 * pv) * inverse
        au = (c01 * py + c11 * pu + c12 * pv) * inverse
        av = (c02 * py + c12 * pu + c22 * pv) * inverse
        m[_AY + x], m[_AU + x], m[_AV + x] = ay * scale, au * scale, av * scale
        m[_B + x] = share * p - ay * y - au * u - av * v
