"""Full-resolution kernels that spend work only where a frame is neither all background nor all person.

A matte's cells are left as the background, copied from the person, or (MIXED) blended with an alpha that is computed
there alone, from the matte's coefficients and the frame's own pixels.
"""

from __future__ import annotations

import numpy as np

from vcam.frame import BACKGROUND, LARGEST_SIDE, MIXED, PERSON, FloatArray, Matte, Pixels
from vcam.ops.jit import kernel

# One flat scratch array: the grid row above (six coefficients, three of spill) and the one below, the pixel row's Y, U
# and V, two alpha rows, two rows of spill.
_STRIDE = LARGEST_SIDE + 64
_MODEL, _SPILL = 6, 3
_PLANES = _MODEL + _SPILL
_ROWS = 2 * _PLANES + 7
(_A0, _A1, _A2, _A3, _A4, _A5, _AY, _AU, _AV, _B0, _B1, _B2, _B3, _B4, _B5, _BY, _BU, _BV,
 _Y, _U, _V, _ALPHA, _ALPHA2, _SPILL1, _SPILL2) = (np.uint64(k * _STRIDE) for k in range(_ROWS))
_1, _2 = np.uint64(1), np.uint64(2)
_LINE = np.uint64(64)

# Alpha below LOW is background, above 1 − LOW is person; in between it is eased (smoothstep). It hides what is
# left of the fit's noise where the network was sure.
LOW = 0.04


def scratch() -> FloatArray:
    """Working memory of the kernels below; one per thread."""
    return np.zeros(_ROWS * _STRIDE, np.float32)


def blend(person: Pixels, background: Pixels, matte: Matte, memory: FloatArray, out: Pixels) -> None:
    """out = colour · alpha + background · (1 − alpha), all I420 pixels of the matte's size.

    ``colour`` is the person's own: what the camera saw there is alpha · person + (1 − alpha) · room, and the room would
    glow through hair; so (1 − alpha) · (person − room), both as seen nearby, is added (the matte's ``spill``).
    The background is copied whole first: streaming through memory once is cheaper than visiting it cell by cell.
    """
    np.copyto(out, background)
    _blend(person.reshape(-1), background.reshape(-1), out.reshape(-1), matte.size.height, matte.size.width,
           matte.coefficients, matte.spill, matte.cells, matte.factor, memory)


def full_alpha(person: Pixels, matte: Matte, memory: FloatArray, out: Pixels) -> None:
    """The matte at full resolution: uint8 (height, width)."""
    _full_alpha(person.reshape(-1), matte.size.height, matte.size.width, matte.coefficients, matte.cells,
                matte.factor, memory, out.reshape(-1))


# Kernels take whole I420 frames as flat arrays and work by offset: a view per row would cost more than its pixels.


@kernel
def _blend(person: Pixels, background: Pixels, out: Pixels, height: int, width: int, coefficients: FloatArray,
           spill: FloatArray, cells: Pixels, factor: int, s: FloatArray) -> None:
    for i in range(cells.shape[0]):
        top, bottom = max(i * factor - factor // 2, 0), min(i * factor + factor - factor // 2, height)
        _fetch(person, cells, i, factor, height, width, top, bottom, s)
        j = 0
        while j < cells.shape[1]:
            end = _run_end(cells, i, j)
            left, right = max(j * factor - factor // 2, 0), min(end * factor - factor // 2, width)
            if cells[i, j] == MIXED:
                _expand(coefficients, i, j, end, factor, s, 0)
                _expand(spill, i, j, end, factor, s, _MODEL)
                for row in range(top, bottom, 2):
                    below = np.float32((row - i * factor + factor // 2) + 0.5) / np.float32(factor)
                    _blend_pair(person, background, out, height, width, row, left, right, below, factor, s)
            elif cells[i, j] == PERSON:
                _copy(person, out, height, width, top, bottom, left, right)
            j = end


@kernel
def _full_alpha(person: Pixels, height: int, width: int, coefficients: FloatArray, cells: Pixels, factor: int,
                s: FloatArray, out: Pixels) -> None:
    for i in range(cells.shape[0]):
        top, bottom = max(i * factor - factor // 2, 0), min(i * factor + factor - factor // 2, height)
        j = 0
        while j < cells.shape[1]:
            end = _run_end(cells, i, j)
            left, right = max(j * factor - factor // 2, 0), min(end * factor - factor // 2, width)
            if cells[i, j] == MIXED:
                _expand(coefficients, i, j, end, factor, s, 0)
            for row in range(top, bottom):
                if cells[i, j] == MIXED:
                    below = np.float32((row - i * factor + factor // 2) + 0.5) / np.float32(factor)
                    _alpha_row(person, height, width, row, left, right, below, factor, s, _ALPHA)
                    _store(s, np.uint64(factor // 2), out, np.uint64(row * width), np.uint64(left), np.uint64(right))
                else:
                    out[row * width + left:row * width + right] = 0 if cells[i, j] == BACKGROUND else 255
            j = end


@kernel
def _fetch(person: Pixels, cells: Pixels, i: int, factor: int, height: int, width: int, top: int, bottom: int,
           s: FloatArray) -> None:
    """Read a byte of every cache line of the person's rows: many misses at once, instead of one after another later."""
    first, last = 0, cells.shape[1]
    while first < last and cells[i, first] == BACKGROUND:
        first += 1
    while last > first and cells[i, last - 1] == BACKGROUND:
        last -= 1
    if first == last:
        return
    left, right = max(first * factor - factor // 2, 0), min(last * factor - factor // 2, width)
    total = 0
    for row in range(top, bottom):
        for x in range(np.uint64(row * width + left), np.uint64(row * width + right), _LINE):
            total += person[x]
    for plane in range(2):
        corner = height * width + plane * (height * width // 4)
        for row in range(top // 2, bottom // 2):
            start = corner + row * (width // 2)
            for x in range(np.uint64(start + left // 2), np.uint64(start + right // 2), _LINE):
                total += person[x]
    s[_ROWS * _STRIDE - 1] = np.float32(total)  # or the compiler would drop the reads


@kernel
def _run_end(cells: Pixels, i: int, j: int) -> int:
    end = j + 1
    while end < cells.shape[1] and cells[i, end] == cells[i, j]:
        end += 1
    return end


@kernel
def _copy(source: Pixels, out: Pixels, height: int, width: int, top: int, bottom: int, left: int, right: int) -> None:
    for row in range(top, bottom):
        _copy_row(source, out, np.uint64(row * width + left), np.uint64(row * width + right))
    half, chroma = width // 2, height * width
    for _plane in range(2):
        for row in range(top // 2, bottom // 2):
            start = chroma + row * half
            _copy_row(source, out, np.uint64(start + left // 2), np.uint64(start + right // 2))
        chroma += height * width // 4


@kernel
def _copy_row(source: Pixels, out: Pixels, first: np.uint64, last: np.uint64) -> None:
    for x in range(first, last):
        out[x] = source[x]


@kernel
def _expand(planes: FloatArray, i: int, j: int, end: int, factor: int, s: FloatArray, first: int) -> None:
    """Interpolate grid rows i and i + 1 of the planes across the pixels of cells j … end − 1, into planes ``first`` ….

    Pixel x goes to index x + factor / 2, so that the half cell left of the frame needs no special case.
    """
    step = np.float32(1 / factor)
    for k in range(planes.shape[0]):
        for side in range(2):
            base = (_PLANES * side + first + k) * _STRIDE
            for cell in range(j, end):
                value = planes[k, i + side, cell]
                slope = (planes[k, i + side, cell + 1] - value) * step
                value += np.float32(0.5) * slope
                for x in range(factor):
                    s[base + cell * factor + x] = value + slope * np.float32(x)


@kernel
def _blend_pair(person: Pixels, background: Pixels, out: Pixels, height: int, width: int, row: int, left: int,
                right: int, below: np.float32, factor: int, s: FloatArray) -> None:
    """Two pixel rows and the chroma row they share; ``below``: the first one's distance from the grid row above."""
    _alpha_row(person, height, width, row, left, right, below, factor, s, _ALPHA)
    _alpha_row(person, height, width, row + 1, left, right, below + np.float32(1 / factor), factor, s, _ALPHA2)
    at, x0, x1 = np.uint64(factor // 2), np.uint64(left), np.uint64(right)
    middle = below + np.float32(0.5 / factor)
    _spill_row(s, at, middle, x0, x1)
    _mix(person, background, out, np.uint64(row * width), s, _ALPHA + at, _SPILL1 + at, x0, x1)
    _mix(person, background, out, np.uint64((row + 1) * width), s, _ALPHA2 + at, _SPILL2 + at, x0, x1)
    _halve(s, at, x0, x1)
    chroma = height * width + row // 2 * (width // 2)
    _half_spill_row(s, at, middle, x0 // _2, x1 // _2)
    _mix(person, background, out, np.uint64(chroma), s, _U, _SPILL1, x0 // _2, x1 // _2)
    _mix(person, background, out, np.uint64(chroma + height * width // 4), s, _U, _SPILL2, x0 // _2, x1 // _2)


@kernel
def _alpha_row(person: Pixels, height: int, width: int, row: int, left: int, right: int, below: np.float32,
               factor: int, s: FloatArray, target: np.uint64) -> None:
    at, x0, x1 = np.uint64(factor // 2), np.uint64(left), np.uint64(right)
    chroma = height * width + row // 2 * (width // 2)
    _load(person, np.uint64(row * width), s, _Y + at, x0, x1)
    _load_chroma(person, np.uint64(chroma), s, _U + at, x0 // _2, x1 // _2)
    _load_chroma(person, np.uint64(chroma + height * width // 4), s, _V + at, x0 // _2, x1 // _2)
    _evaluate(s, target, below, x0 + at, x1 + at)


@kernel
def _load(pixels: Pixels, start: np.uint64, s: FloatArray, target: np.uint64, x0: np.uint64, x1: np.uint64) -> None:
    for x in range(x0, x1):
        s[target + x] = np.float32(pixels[start + x])


@kernel
def _load_chroma(pixels: Pixels, start: np.uint64, s: FloatArray, target: np.uint64, x0: np.uint64,
                 x1: np.uint64) -> None:
    for x in range(x0, x1):
        value = np.float32(pixels[start + x])
        s[target + x * _2] = value
        s[target + x * _2 + _1] = value


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
        low, high = s[_A4 + x] * above + s[_B4 + x] * below, s[_A5 + x] * above + s[_B5 + x] * below
        s[target + x] = min(max(t * t * (np.float32(3) - np.float32(2) * t), low), high)


@kernel
def _halve(s: FloatArray, at: np.uint64, x0: np.uint64, x1: np.uint64) -> None:
    """Alpha of the chroma samples, the mean of their four pixels, into the U row."""
    quarter = np.float32(0.25)
    for x in range(x0 // _2, x1 // _2):
        left = at + x * _2
        s[_U + x] = (s[_ALPHA + left] + s[_ALPHA + left + _1]
                     + s[_ALPHA2 + left] + s[_ALPHA2 + left + _1]) * quarter


@kernel
def _spill_row(s: FloatArray, at: np.uint64, below: np.float32, x0: np.uint64, x1: np.uint64) -> None:
    """What both pixel rows' luma needs to be the person's own, times alpha."""
    above, one = np.float32(1) - below, np.float32(1)
    for x in range(x0 + at, x1 + at):
        spill = s[_AY + x] * above + s[_BY + x] * below
        s[_SPILL1 + x] = spill * s[_ALPHA + x] * (one - s[_ALPHA + x])
        s[_SPILL2 + x] = spill * s[_ALPHA2 + x] * (one - s[_ALPHA2 + x])


@kernel
def _half_spill_row(s: FloatArray, at: np.uint64, below: np.float32, x0: np.uint64, x1: np.uint64) -> None:
    """The same for a chroma row, after ``_halve``."""
    above = np.float32(1) - below
    for x in range(x0, x1):
        pixel = at + x * _2
        share = s[_U + x] * (np.float32(1) - s[_U + x])
        s[_SPILL1 + x] = (s[_AU + pixel] * above + s[_BU + pixel] * below) * share
        s[_SPILL2 + x] = (s[_AV + pixel] * above + s[_BV + pixel] * below) * share


@kernel
def _mix(person: Pixels, background: Pixels, out: Pixels, start: np.uint64, s: FloatArray, alpha: np.uint64,
         spill: np.uint64, x0: np.uint64, x1: np.uint64) -> None:
    for x in range(x0, x1):
        back = np.float32(background[start + x])
        mixed = back + (np.float32(person[start + x]) - back) * s[alpha + x] + s[spill + x]
        out[start + x] = np.uint8(min(max(mixed, np.float32(0)), np.float32(255)) + np.float32(0.5))


@kernel
def _store(s: FloatArray, at: np.uint64, out: Pixels, start: np.uint64, x0: np.uint64, x1: np.uint64) -> None:
    for x in range(x0, x1):
        out[start + x] = np.uint8(s[_ALPHA + at + x] * np.float32(255) + np.float32(0.5))
