"""Flicker without a truth: change of the matte that the movement of the picture does not explain.

The picture's movement is dense optical flow (Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV
2016). The matte of the frame before is carried along with it; what then differs is flicker, where the flow can be
trusted: it leads back to where it came from (Sundaram, Brox and Keutzer, "Dense Point Trajectories by GPU-Accelerated
Large Displacement Optical Flow", ECCV 2010) and to the same colour. This is the warping error of Lai et al., "Learning
Blind Video Temporal Consistency" (ECCV 2018), of mattes instead of pictures. Flow is never perfect at an outline, so
even the true matte has some; ``FLKx`` is what exceeds it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vcam.evaluation.metrics import Mask, outline
from vcam.frame import FloatArray, Pixels

_FARTHEST = 1.0  # pixels between where a pixel is and where its flow leads back to
_COLOUR_NOISE = 25  # of 255
_BAND = 8.0  # pixels
_LEAST_TRUSTED = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Movement:
    """Where each pixel of a frame was in the frame before: float32 ``x`` and ``y``, and whether that can be trusted."""

    x: FloatArray
    y: FloatArray
    trusted: Mask


class FlowFinder:
    """Finds the movement between two frames."""

    def __init__(self) -> None:
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def movement(self, before: Pixels, now: Pixels) -> Movement:
        """From two BGR pictures (height, width, 3)."""
        grey_before, grey_now = (cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) for picture in (before, now))
        back = self._flow.calc(grey_now, grey_before, None)
        forth = self._flow.calc(grey_before, grey_now, None)
        height, width = grey_now.shape
        x = np.arange(width, dtype=np.float32) + back[..., 0]
        y = np.arange(height, dtype=np.float32)[:, None] + back[..., 1]
        forth_there = cv2.remap(forth, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(1e3, 1e3))
        astray = np.hypot(forth_there[..., 0] + back[..., 0], forth_there[..., 1] + back[..., 1])
        inside = (x > 0) & (y > 0) & (x < width - 1) & (y < height - 1)
        return Movement(x, y, (astray < _FARTHEST) & _same_colour(before, now, x, y) & inside)


def _same_colour(before: Pixels, now: Pixels, x: FloatArray, y: FloatArray) -> Mask:
    carried = cv2.remap(before, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    difference = cv2.GaussianBlur(cv2.absdiff(carried, now), (0, 0), 1.0)
    return np.asarray(difference.max(axis=2) < _COLOUR_NOISE)


def flicker(before: Pixels, matte: Pixels, movement: Movement) -> float:
    """Unexplained change × 1000 in a band of 8 pixels around the outline: the whole of it, divided by the trusted share
    of the frame and by the area of that band."""
    values_before, values = (m.astype(np.float32) / 255 for m in (before, matte))
    carried = cv2.remap(values_before, movement.x, movement.y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    change = float(np.abs(values - carried)[movement.trusted].sum(dtype=np.float64))
    trusted = max(float(movement.trusted.mean()), _LEAST_TRUSTED)
    band = _BAND * max(int(outline(matte).sum()), 1)
    return change / trusted / band * 1e3
