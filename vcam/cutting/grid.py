"""The grid on which mattes are made: about 320 samples along a picture's longer side, whatever the picture's size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from vcam.frame import FloatArray, Pixels, Region, Size

_LONGEST = 320
_STRIP = 48  # lines of pixels


@dataclass(frozen=True, slots=True)
class Grid:
    """One sample per ``factor`` × ``factor`` pixels of a picture of ``size``; the last ones may reach beyond it."""

    size: Size
    factor: int

    @classmethod
    def of(cls, size: Size) -> Grid:
        """The grid for pictures of ``size``."""
        return cls(size, max(-(-max(size.width, size.height) // _LONGEST), 1))

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in samples."""
        return -(-self.size.height // self.factor), -(-self.size.width // self.factor)

    def reduced(self, picture: Pixels) -> Pixels:
        """A picture (height, width[, channels]) on the grid: uint8 (height, width[, channels]), means of the pixels."""
        height, width = self.shape
        down, right = height * self.factor - self.size.height, width * self.factor - self.size.width
        if down or right:
            picture = cv2.copyMakeBorder(picture, 0, down, 0, right, cv2.BORDER_REPLICATE)
        return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)

    def enlarged(self, plane: FloatArray, rows: slice, columns: slice) -> FloatArray:
        """Part of a float32 plane on the grid at the picture's size: pixels of ``rows`` and ``columns``, which begin at
        multiples of ``factor``."""
        step = self.factor
        height, width = plane.shape
        top, left = max(rows.start // step - 1, 0), max(columns.start // step - 1, 0)  # one more at each side
        part = plane[top:min(-(-rows.stop // step) + 1, height), left:min(-(-columns.stop // step) + 1, width)]
        whole = cv2.resize(part, (part.shape[1] * step, part.shape[0] * step), interpolation=cv2.INTER_LINEAR)
        y, x = rows.start - top * step, columns.start - left * step
        return whole[y:y + rows.stop - rows.start, x:x + columns.stop - columns.start]

    def strips(self, rows: slice) -> Iterator[slice]:
        """Few lines of pixels at a time, so that what is computed of them fits the processor's cache."""
        lines = max(_STRIP // self.factor, 1) * self.factor
        for top in range(rows.start, rows.stop, lines):
            yield slice(top, min(top + lines, rows.stop))

    def placed(self, probability: FloatArray, region: Region) -> FloatArray:
        """A network's probability of a region on the grid: float32; 0 where it did not look."""
        out = np.zeros(self.shape, np.float32)
        top, bottom = round(region.top / self.factor), -(-region.bottom // self.factor)
        left, right = round(region.left / self.factor), -(-region.right // self.factor)
        out[top:bottom, left:right] = cv2.resize(probability, (right - left, bottom - top),
                                                 interpolation=cv2.INTER_LINEAR)
        return out
