"""Colour bars with a clock, and a row of squares from which a program reads the frame's number."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np

from vcam.frame import FramePool, Pixels, Size, i420_planes, i420_shape
from vcam.ops.colour import bgr_to_i420
from vcam.sources import SourceOptions
from vcam.sources.steady import SteadySource

BLACK, WHITE = 16, 235
_BARS = ((191, 191, 191), (0, 191, 191), (191, 191, 0), (0, 191, 0), (191, 0, 191), (0, 0, 191), (191, 0, 0))  # BGR

# The stamp, in fractions of the picture: guard squares, 32 bits of the number, 8 bits of check sum, guard squares.
_OPENING = (1, 0, 1, 1)
_CLOSING = (0, 1)
_BITS, _CHECK_BITS = 32, 8
_CELLS = len(_OPENING) + _BITS + _CHECK_BITS + len(_CLOSING)
_LEFT, _RIGHT, _TOP, _BOTTOM = 0.04, 0.96, 0.02, 0.08
_CONTRAST = 60


class TestSource(SteadySource):
    """Colour bars (75 %), seconds.milliseconds of ``pts`` in large digits, and the stamp of ``seq``.

    Args:
        argument: unused.
        options: 1280x720 at 30 frames a second unless they say otherwise.
        pool: where frame memory comes from.
    """

    __test__ = False  # a part of vcam, not a test case

    def __init__(self, argument: str, options: SourceOptions, pool: FramePool) -> None:
        super().__init__("test picture", options, pool)
        self._card: Pixels | None = None

    def prepare(self) -> None:
        card = self.pool.take(*i420_shape(self.size))
        bgr_to_i420(_bars(self.size), self.colour, card)
        self._card = card

    def render(self, seq: int, pts: Fraction) -> tuple[Pixels, int]:
        assert self._card is not None
        pixels = self.pool.take(*self._card.shape)
        np.copyto(pixels, self._card)
        luma = i420_planes(pixels)[0]
        _write_clock(luma, pts)
        write_stamp(luma, seq)
        return pixels, 0

    def release(self) -> None:
        self._card = None


def _bars(size: Size) -> Pixels:
    """The still part: bars, and black behind the stamp and the clock."""
    picture = np.zeros((size.height, size.width, 3), np.uint8)
    top = round(0.1 * size.height)
    for index, colour in enumerate(_BARS):
        left, right = (size.width * i // len(_BARS) for i in (index, index + 1))
        picture[top:, left:right] = colour
    picture[round(0.4 * size.height):round(0.7 * size.height)] = 0
    return picture


def _write_clock(luma: Pixels, pts: Fraction) -> None:
    """Large digits in the middle of ``luma`` (height, width)."""
    height, width = luma.shape
    milliseconds = int(pts * 1000)
    text = f"{milliseconds // 1000}.{milliseconds % 1000:03d}"
    thick = max(1, height // 90)
    (wide, tall), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, 1, 1)
    scale = min(0.18 * height / tall, 0.9 * width / wide)
    at = (round(0.5 * width - 0.5 * wide * scale), round(0.55 * height + 0.5 * tall * scale))
    cv2.putText(luma, text, at, cv2.FONT_HERSHEY_DUPLEX, scale, (WHITE,), thick, cv2.LINE_AA)


def write_stamp(luma: Pixels, seq: int) -> None:
    """Write ``seq`` (modulo 2^32) into the top of ``luma`` (height, width), in place."""
    number = seq % (1 << _BITS)
    word = number << _CHECK_BITS | _check_sum(number)
    bits = (*_OPENING, *((word >> i) & 1 for i in reversed(range(_BITS + _CHECK_BITS))), *_CLOSING)
    height, width = luma.shape
    rows = slice(round(_TOP * height), round(_BOTTOM * height))
    edges = [round((_LEFT + (_RIGHT - _LEFT) * i / _CELLS) * width) for i in range(_CELLS + 1)]
    for bit, (left, right) in zip(bits, pairwise(edges), strict=True):
        luma[rows, left:right] = WHITE if bit else BLACK


def read_stamp(luma: Pixels) -> int | None:
    """The number that ``write_stamp`` wrote, from ``luma`` (height, width) of a whole picture at any scale.

    None if there is no stamp, or if it is too damaged to be sure.
    """
    height, width = luma.shape
    if width < 3 * _CELLS or height < 32:
        return None
    cells = _cell_means(luma)
    opening, closing = cells[:len(_OPENING)], cells[-len(_CLOSING):]
    low, high = min(opening.min(), closing.min()), max(opening.max(), closing.max())
    if high - low < _CONTRAST:
        return None
    bits = (cells > (float(low) + float(high)) / 2).astype(int).tolist()
    if tuple(bits[:len(_OPENING)]) != _OPENING or tuple(bits[-len(_CLOSING):]) != _CLOSING:
        return None
    word = int("".join(map(str, bits[len(_OPENING):-len(_CLOSING)])), 2)
    number = word >> _CHECK_BITS
    return number if _check_sum(number) == word & ((1 << _CHECK_BITS) - 1) else None


def _cell_means(luma: Pixels) -> np.ndarray:
    """Mean of the inner part of every square, (cells,)."""
    height, width = luma.shape
    margin = 0.3 * (_BOTTOM - _TOP)
    band = luma[round((_TOP + margin) * height):max(round((_BOTTOM - margin) * height),
                                                    round((_TOP + margin) * height) + 1)]
    line = band.mean(axis=0)
    pitch = (_RIGHT - _LEFT) * width / _CELLS
    starts = _LEFT * width + pitch * np.arange(_CELLS)
    return np.array([line[int(start + 0.3 * pitch + 0.5):int(start + 0.7 * pitch + 0.5) or 1].mean()
                     if int(start + 0.7 * pitch + 0.5) > int(start + 0.3 * pitch + 0.5)
                     else line[int(start + 0.5 * pitch)] for start in starts])


def _check_sum(number: int) -> int:
    """CRC-8 (polynomial x^8 + x^2 + x + 1) of 32 bits, complemented so that an empty row does not pass."""
    rest = number << _CHECK_BITS
    for bit in reversed(range(_CHECK_BITS, _BITS + _CHECK_BITS)):
        if rest >> bit & 1:
            rest ^= 0x107 << (bit - _CHECK_BITS)
    return rest ^ 0xFF
