"""Two networks averaged: they err in different places, so half of the false blobs go."""

from __future__ import annotations

import cv2

from vcam.frame import FloatArray, Frame, Region
from vcam.ops import Ops
from vcam.segmenters import Segmenter


class AverageSegmenter:
    """The mean of two segmenters, at the first one's size."""

    name = "average"

    def __init__(self, first: Segmenter, second: Segmenter, ops: Ops) -> None:
        self._first, self._second, self._ops = first, second, ops
        self.runtime = first.runtime

    def segment(self, frame: Frame, region: Region) -> FloatArray:
        one, two = (self._ops.to_host(each.segment(frame, region)) for each in (self._first, self._second))
        two = cv2.resize(two, one.shape[::-1], interpolation=cv2.INTER_LINEAR)
        return cv2.addWeighted(one, 0.5, two, 0.5, 0)

    def close(self) -> None:
        self._first.close()
        self._second.close()
