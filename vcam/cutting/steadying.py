"""Steady in time, looking both ways: what a frame's neighbours saw is carried along with the picture's movement.

Forward and backward through the chunk, evidence follows an exponential average that moves with the picture (dense
optical flow: Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016). Where the carried colours do
not fit the new frame, the past says nothing and only the frame itself counts: at a cut, everywhere. The mean of both
directions lags behind neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from vcam.frame import FloatArray, Pixels
from vcam.ops.jit import kernel

# Share of a new frame's evidence where the picture fits, at 30 frames a second; change of colour (0–1) that is noise,
# and how quickly the past loses its say above it.
_STILL, _NOISE, _GAIN = 0.2, 0.03, 8.0
_RATE = 30.0


def steadied(evidence: Sequence[Pixels], guides: Sequence[Pixels], fps: float,
             flow: bool = True) -> Iterator[FloatArray]:
    """The evidence of consecutive frames, steadied: float32, 0–1.

    Args:
        evidence: uint8 (height, width) for each frame.
        guides: the frames on the same grid: uint8 (height, width, 3), BGR.
        flow: follow movement; without it only what stands still is steadied, at a fifth of the time.
    """
    weight = 1 - (1 - _STILL) ** (_RATE / max(fps, 1.0))
    finder = _Flow() if flow else None
    back = list(_one_way(evidence[::-1], guides[::-1], weight, finder))
    for forth in _one_way(evidence, guides, weight, finder):
        yield cv2.addWeighted(forth, 0.5, back.pop(), 0.5, 0)


def _one_way(evidence: Sequence[Pixels], guides: Sequence[Pixels], weight: float,
             finder: _Flow | None) -> Iterator[FloatArray]:
    past: FloatArray | None = None
    for number, (seen, guide) in enumerate(zip(evidence, guides, strict=True)):
        found = seen.astype(np.float32) * np.float32(1 / 255)
        past = found if past is None else _carried(past, found, guides[number - 1], guide, weight, finder)
        yield past


def _carried(past: FloatArray, found: FloatArray, before: Pixels, guide: Pixels, weight: float,
             finder: _Flow | None) -> FloatArray:
    """The frame's own evidence and the past's, where it fits."""
    if finder is not None:
        there = finder.movement(before, guide)
        past, before = (cv2.remap(plane, *there, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
                        for plane in (past, before))
    changed = cv2.blur(cv2.absdiff(guide, before).max(axis=2), (3, 3))
    out = np.empty_like(found)
    _step(past, found, changed, np.float32(weight), out)
    return out


class _Flow:
    """Where each sample was in the frame before."""

    def __init__(self) -> None:
        self._finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)

    def movement(self, before: Pixels, now: Pixels) -> tuple[FloatArray, FloatArray]:
        grey_now, grey_before = (cv2.cvtColor(guide, cv2.COLOR_BGR2GRAY) for guide in (now, before))
        flow = self._finder.calc(grey_now, grey_before, None)
        height, width = flow.shape[:2]
        return (flow[..., 0] + np.arange(width, dtype=np.float32),
                flow[..., 1] + np.arange(height, dtype=np.float32)[:, None])


@kernel
def _step(past: FloatArray, found: FloatArray, changed: Pixels, weight: np.float32, out: FloatArray) -> None:
    gain, noise = np.float32(_GAIN / 255), np.float32(_NOISE * 255)
    zero, one = np.float32(0), np.float32(1)
    height, width = found.shape
    for row in range(height):
        for x in range(np.uint64(width)):
            motion = min(max(gain * (np.float32(changed[row, x]) - noise), zero), one)
            share = weight + (one - weight) * motion
            out[row, x] = past[row, x] + share * (found[row, x] - past[row, x])
