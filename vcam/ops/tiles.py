"""Full-resolution kernels that spend work only where a frame is neither all background nor all person.

A matte's cells are copied from the background, copied from the person, or (MIXED) blended with an alpha that is
computed there alone, from the matte's coefficients and the frame's own pixels.
"""

from __future__ import annotations

import numpy as np

from vcam.frame import BACKGROUND, LARGEST_SIDE, MIXED, PERSON, FloatArray, Matte, Pixels
from vcam.ops.jit import kernel

# One flat scratch array: the coefficients of the grid rows above and below, the pixel row's Y, U, V, two alpha rows.
_STRIDE = LARGEST_SIDE + 64
_ROWS = 13
_A0, _A1, _A2, _A3, _B0, _B1, _B2, _B3, _Y, _U, _V, _ALPHA, _ALPHA2 = (np.uint64(k * _STRIDE) for k in range(_ROWS))
_1, _2 = np.uint64(1), np.uint64(2)

# Alpha below LOW is background, above 1 − LOW is person; in between it is eased (smoothstep). It hides what is
# left of the fit's noise where the network was sure.
LOW = 0.04

Planes = tuple[Pixels, Pixels, Pixels]


def scratch() -> FloatArray:
    """Working memory of the kernels below; one per thread."""
    return np.zeros(_ROWS * _STRIDE, np.float32)


def blend(person: Planes, background: Planes, matte: Matte, memory: FloatArray, out: Planes) -> None:
    """out = person · alpha + background · (1 − alpha), all I420 planes of the matte's size."""
    _blend(person, background, out, matte.coefficients, matte.cells, matte.factor, memory)


def full_alpha(person: Planes, matte: Matte, memory: FloatArray, out: Pixels) -> None:
    """The matte at full resolution: uint8 (height, width)."""
    _full_alpha(person, matte.coefficients, matte.cells, matte.factor, memory, out)


@kernel
def _blend(person: Planes, background: Planes, out: Planes, coefficients: FloatArray, cells: Pixels, factor: int,
           s: FloatArray) -> None:
    height, width = person[0].shape
    for i in range(cells.shape[0]):
        top, bottom = max(i * factor - factor // 2, 0), min(i * factor + factor - factor // 2, height)
        j = 0
        while j < cells.shape[1]:
            end = _run_end(cells, i, j)
            left, right = max(j * factor - factor // 2, 0), min(end * factor - factor // 2, width)
            if cells[i, j] == MIXED:
                _expand(coefficients, i, j, end, factor, s)
                for row in range(top, bottom, 2):
                    _blend_pair(person, background, out, i, row, left, right, factor, s)
            elif cells[i, j] == PERSON:
                _copy(person, out, top, bottom, left, right)
            else:
                _copy(background, out, top, bottom, left, right)
            j = end


@kernel
def _full_alpha(person: Planes, coefficients: FloatArray, cells: Pixels, factor: int, s: FloatArray,
                out: Pixels) -> None:
    height, width = out.shape
    for i in range(cells.shape[0]):
        top, bottom = max(i * factor - factor // 2, 0), min(i * factor + factor - factor // 2, height)
        j = 0
        while j < cells.shape[1]:
            end = _run_end(cells, i, j)
            left, right = max(j * factor - factor // 2, 0), min(end * factor - factor // 2, width)
            if cells[i, j] == MIXED:
                _expand(coefficients, i, j, end, factor, s)
                for row in range(top, bottom):
                    _alpha_row(person, i, row, left, right, factor, s, _ALPHA)
                    _store(s, np.uint64(factor // 2), out[row], np.uint64(left), np.uint64(right))
            else:
                out[top:bottom, left:right] = 0 if cells[i, j] == BACKGROUND else 255
            j = end


@kernel
def _run_end(cells: Pixels, i: int, j: int) -> int:
    end = j + 1
    while end < cells.shape[1] and cells[i, end] == cells[i, j]:
        end += 1
    return end


@kernel
def _copy(source: Planes, out: Planes, top: int, bottom: int, left: int, right: int) -> None:
    x0, x1 = np.uint64(left), np.uint64(right)
    for row in range(top, bottom):
        _copy_row(source[0][row], out[0][row], x0, x1)
    for row in range(top // 2, bottom // 2):
        _copy_row(source[1][row], out[1][row], x0 // _2, x1 // _2)
        _copy_row(source[2][row], out[2][row], x0 // _2, x1 // _2)


@kernel
def _copy_row(source: Pixels, out: Pixels, x0: np.uint64, x1: np.uint64) -> None:
    for x in range(x0, x1):
        out[x] = source[x]


@kernel
def _expand(coefficients: FloatArray, i: int, j: int, end: int, factor: int, s: FloatArray) -> None:
    """Interpolate grid rows i and i + 1 of the coefficients across the pixels of cells j … end − 1.

    Pixel x goes to index x + factor / 2, so that the half cell left of the frame needs no special case.
    """
    step = np.float32(1 / factor)
    for k in range(4):
        for side in range(2):
            base = (4 * side + k) * _STRIDE
            for cell in range(j, end):
                value = coefficients[k, i + side, cell]
                slope = (coefficients[k, i + side, cell + 1] - value) * step
                value += np.float32(0.5) * slope
                for x in range(factor):
                    s[base + cell * factor + x] = value + slope * np.float32(x)


@kernel
def _blend_pair(person: Planes, background: Planes, out: Planes, i: int, row: int, left: int, right: int, factor: int,
                s: FloatArray) -> None:
    """Two pixel rows and the chroma row they share."""
    _alpha_row(person, i, row, left, right, factor, s, _ALPHA)
    _alpha_row(person, i, row + 1, left, right, factor, s, _ALPHA2)
    at, x0, x1 = np.uint64(factor // 2), np.uint64(left), np.uint64(right)
    _mix(person[0][row], background[0][row], out[0][row], s, _ALPHA + at, x0, x1)
    _mix(person[0][row + 1], background[0][row + 1], out[0][row + 1], s, _ALPHA2 + at, x0, x1)
    _halve(s, at, x0, x1)
    half = row // 2
    _mix(person[1][half], background[1][half], out[1][half], s, _U, x0 // _2, x1 // _2)
    _mix(person[2][half], background[2][half], out[2][half], s, _U, x0 // _2, x1 // _2)


@kernel
def _alpha_row(person: Planes, i: int, row: int, left: int, right: int, factor: int, s: FloatArray,
               target: np.uint64) -> None:
    at, x0, x1 = np.uint64(factor // 2), np.uint64(left), np.uint64(right)
    _load(person[0][row], person[1][row // 2], person[2][row // 2], s, at, x0, x1)
    below = np.float32((row - i * factor + factor // 2) + 0.5) / np.float32(factor)
    _evaluate(s, target, below, x0 + at, x1 + at)


@kernel
def _load(y: Pixels, u: Pixels, v: Pixels, s: FloatArray, at: np.uint64, x0: np.uint64, x1: np.uint64) -> None:
    for x in range(x0, x1):
        s[_Y + at + x] = np.float32(y[x])
    for x in range(x0 // _2, x1 // _2):
        s[_U + at + x * _2] = s[_U + at + x * _2 + _1] = np.float32(u[x])
    for x in range(x0 // _2, x1 // _2):
        s[_V + at + x * _2] = s[_V + at + x * _2 + _1] = np.float32(v[x])


@kernel
def _evaluate(s: FloatArray, target: np.uint64, below: np.float32, x0: np.uint64, x1: np.uint64) -> None:
    above = np.float32(1) - below
    gain = np.float32(1 / (1 - 2 * LOW))
    offset = np.float32(-LOW / (1 - 2 * LOW))
    for x in range(x0, x1):
        alpha = ((s[_A0 + x] * above + s[_B0 + x] * below) * s[_Y + x]
                 + (s[_A1 + x] * above + s[_B1 + x] * below) * s[_U + x]
                 + (s[_A2 + x] * above + s[_B2 + x] * below) * s[_V + x]
                 + (s[_A3 + x] * above + s[_B3 + x] * below))
        t = min(max(alpha * gain + offset, np.float32(0)), np.float32(1))
        s[target + x] = t * t * (np.float32(3) - np.float32(2) * t)


@kernel
def _halve(s: FloatArray, at: np.uint64, x0: np.uint64, x1: np.uint64) -> None:
    """Alpha of the chroma samples, the mean of their four pixels, into the U row."""
    quarter = np.float32(0.25)
    for x in range(x0 // _2, x1 // _2):
        left = at + x * _2
        s[_U + x] = (s[_ALPHA + left] + s[_ALPHA + left + _1]
                     + s[_ALPHA2 + left] + s[_ALPHA2 + left + _1]) * quarter


@kernel
def _mix(person: Pixels, background: Pixels, out: Pixels, s: FloatArray, alpha: np.uint64, x0: np.uint64,
         x1: np.uint64) -> None:
    for x in range(x0, x1):
        back = np.float32(background[x])
        out[x] = np.uint8(back + (np.float32(person[x]) - back) * s[alpha + x] + np.float32(0.5))


@kernel
def _store(s: FloatArray, at: np.uint64, out: Pixels, x0: np.uint64, x1: np.uint64) -> None:
    for x in range(x0, x1):
        out[x] = np.uint8(s[_ALPHA + at + x] * np.float32(255) + np.float32(0.5))
