"""Where the person is, over a whole film: cuts, and the region that the networks are shown.

A region stays the same for as long as it fits: networks answer steadily only to a steady question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from vcam.cutting.grid import Grid
from vcam.frame import FloatArray, Pixels, Region, Size
from vcam.ops.envelope import without_specks

# Room around the person, shares of the person's size, from near and from further away; and of the frame's.
_NEAR, _FAR, _OF_FRAME = 0.12, 0.35, 0.02
# A smaller part of the frame is too blurred to be worth a look of its own.
_SMALLEST = 0.25
# The region of several frames may be larger than the person by this factor; then a new one begins.
_ROOM = 1.5
_SHORTEST = 12  # frames that a region stays, but for cuts
# Mean change of the 16 × 9 signature (0–255) that is a cut, if it is also so many times the usual change.
_CUT, _UNUSUAL = 24.0, 4.0
_PERSON = 0.5

Extent = tuple[int, int, int, int]  # left, top, right, bottom in pixels


@dataclass(frozen=True, slots=True)
class Glance:
    """What the survey keeps of a frame: where the person is (None: nobody), and how much the picture differs from the
    one before (mean of its signature's samples, 0–255)."""

    tick: int
    extent: Extent | None
    change: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive frames from ``begin`` (ticks) on, looked at in the same two regions. ``cut``: it begins a scene."""

    begin: int
    near: Region
    far: Region
    cut: bool


def signature(picture: Pixels) -> Pixels:
    """The picture as 16 × 9 colours."""
    return cv2.resize(picture, (16, 9), interpolation=cv2.INTER_AREA)


def changes(signatures: Pixels, before: Pixels | None) -> FloatArray:
    """How much each of consecutive pictures differs from the one before: float32 (count,).

    Args:
        signatures: uint8 (count, 9, 16, 3).
        before: of the picture before all of them; None: there is none.
    """
    first = signatures[:1] if before is None else before[None]
    pictures = np.concatenate([first, signatures]).astype(np.float32)
    return np.abs(np.diff(pictures, axis=0)).mean(axis=(1, 2, 3))


def extent(found: FloatArray, grid: Grid) -> Extent | None:
    """What encloses the person in evidence on the grid."""
    solid = without_specks(cv2.convertScaleAbs(found, alpha=255)) > 255 * _PERSON
    left, top, width, height = cv2.boundingRect(solid.view(np.uint8))
    if not width:
        return None
    step = grid.factor
    return (left * step, top * step, min((left + width) * step, grid.size.width),
            min((top + height) * step, grid.size.height))


def stretches(glances: Sequence[Glance], size: Size) -> list[Stretch]:
    """Divide a film into stretches. ``glances`` are in order and at least one."""
    found: list[Stretch] = []
    cuts = _cuts(glances)
    begin = 0
    while begin < len(glances):
        end = _end_of_stretch(glances, begin, cuts)
        box = _union([glance.extent for glance in glances[begin:end]])
        near, far = (_region(box, size, margin) for margin in (_NEAR, _FAR))
        found.append(Stretch(glances[begin].tick, near, far, begin in cuts or begin == 0))
        begin = end
    return found


def _cuts(glances: Sequence[Glance]) -> frozenset[int]:
    if len(glances) < 2:
        return frozenset()
    change = np.array([glance.change for glance in glances], np.float32)
    around = np.array([np.median(change[max(i - 12, 1):i + 13]) for i in range(len(change))])
    return frozenset(int(i) for i in np.flatnonzero((change > _CUT) & (change > _UNUSUAL * around)) if i)


def _end_of_stretch(glances: Sequence[Glance], begin: int, cuts: frozenset[int]) -> int:
    """The first frame that does not fit any more."""
    box: Extent | None = None
    areas = people = 0
    for number in range(begin, len(glances)):
        if number > begin and number in cuts:
            return number
        here = glances[number].extent
        wider = _union((box, here))
        areas, people = areas + _area(here), people + (here is not None)
        if number - begin >= _SHORTEST and people and _area(wider) > _ROOM * areas / people:
            return number
        box = wider
    return len(glances)


def _area(box: Extent | None) -> int:
    return 0 if box is None else (box[2] - box[0]) * (box[3] - box[1])


def _union(boxes: Sequence[Extent | None]) -> Extent | None:
    there = [box for box in boxes if box is not None]
    if not there:
        return None
    return (min(b[0] for b in there), min(b[1] for b in there), max(b[2] for b in there), max(b[3] for b in there))


def _region(box: Extent | None, size: Size, margin: float) -> Region:
    even = size.even()
    if box is None:
        return Region.whole(even)
    left, right = _side(box[0], box[2], even.width, margin)
    top, bottom = _side(box[1], box[3], even.height, margin)
    return Region(left, top, right - left, bottom - top)


def _side(first: int, last: int, length: int, margin: float) -> tuple[int, int]:
    around = max(margin * (last - first) + _OF_FRAME * length, (_SMALLEST * length - (last - first)) / 2)
    return max(int(first - around), 0) & ~1, min(int(last + around) + 2, length) & ~1
