"""Who and what belongs to the picture: everybody or the main person only, and things that the user pointed at.

A thing is found by its colour around the point, and found again in each frame: where it was while it stands still,
and by its colours next to where it was once it moves. Kept things count as person, dropped ones as background, except
where something of other colour is before them.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vcam.errors import UsageError
from vcam.frame import FloatArray, Pixels
from vcam.ops import DeviceArray, Guide, Ops

# How far Y, U and V may be from those at the point for a sample to belong to the thing there.
_TOLERANCE = (26, 10, 10)
# Distance of colour (Y, U, V) within which a sample still is the thing; how many colours a thing has.
_SAME = 24.0
_COLOURS = 4
# A thing may cover this share of the grid, grow by this factor, and counts as standing still above this likeness.
_LARGEST, _GROWTH, _STILL = 0.4, 1.3, 0.7
_AROUND = np.ones((3, 3), np.uint8)
_STEP = np.ones((5, 5), np.uint8)


@dataclass(slots=True, eq=False)
class Thing:
    """What was pointed at: uint8 mask (height, width) at first and now, the picture then, its colours (n, 3)."""

    keep: bool
    first: Pixels
    now: Pixels
    picture: Pixels
    colours: FloatArray


class Subject:
    """Rules that evidence is put through."""

    def __init__(self, ops: Ops) -> None:
        self._ops = ops
        self.only_main = False
        self.reset()

    def reset(self) -> None:
        """Another source: nothing that was pointed at is there any more."""
        self._things: list[Thing] = []
        self._main: Pixels | None = None
        self._guide: Guide | None = None

    def point_at(self, x: float, y: float, keep: bool) -> None:
        """Keep or drop the thing at a point of the picture, from the next frame on.

        Args:
            x, y: 0–1 from the left and from the top.

        Raises:
            UsageError: outside the picture, no picture yet, or what is there is no thing but half of the picture.
        """
        if not (0 <= x < 1 and 0 <= y < 1):
            raise UsageError(f"point {x:g}, {y:g} is outside the picture", "both go from 0 to 1")
        if self._guide is None:
            raise UsageError("there is no picture yet to point at", "try again once the camera is on")
        picture = self._picture(self._guide)
        mask = _thing_at(picture, int(x * picture.shape[1]), int(y * picture.shape[0]))
        if mask.mean() > _LARGEST:
            raise UsageError(f"what is at {x:g}, {y:g} fills {mask.mean():.0%} of the picture: not a thing",
                             "point at a spot whose colour differs from what is around it")
        self._things.append(Thing(keep, mask, mask, picture, _colours(picture[mask > 0])))

    def forget(self) -> None:
        """Nothing is kept or dropped any more."""
        self._things.clear()

    @property
    def things(self) -> int:
        return len(self._things)

    def apply(self, evidence: DeviceArray, guide: Guide) -> DeviceArray:
        """Evidence (float32, grid) by the rules."""
        self._guide = guide
        if not (self._things or self.only_main):
            return evidence
        found, picture = np.array(self._ops.to_host(evidence)), self._picture(guide)
        if self.only_main:
            self._main = _main_piece(found, self._main)
            found *= cv2.dilate(self._main, _STEP)
        for thing in self._things:
            thing.now = _find(thing, picture)
            if thing.keep:
                np.maximum(found, thing.now, out=found)
            else:
                found *= 1 - cv2.dilate(thing.now, _AROUND)
        return self._ops.to_device(found)

    def _picture(self, guide: Guide) -> Pixels:
        """Y, U, V (height, width, 3) of the guide."""
        return np.ascontiguousarray(np.moveaxis(self._ops.to_host(guide.planes), 0, 2))


def _thing_at(picture: Pixels, x: int, y: int) -> Pixels:
    """uint8 mask of what has one colour around a sample, without holes."""
    height, width = picture.shape[:2]
    mask = np.zeros((height + 2, width + 2), np.uint8)
    cv2.floodFill(cv2.medianBlur(picture, 3), mask, (x, y), (0, 0, 0), _TOLERANCE, _TOLERANCE,
                  4 | cv2.FLOODFILL_FIXED_RANGE | cv2.FLOODFILL_MASK_ONLY)
    return _filled(mask[1:-1, 1:-1])


def _filled(mask: Pixels) -> Pixels:
    """The mask with what its outer outlines enclose."""
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, _STEP)
    outlines, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return cv2.drawContours(np.zeros_like(mask), outlines, -1, 1, cv2.FILLED)


def _colours(samples: Pixels) -> FloatArray:
    """The few colours that a thing consists of: float32 (up to 4, 3)."""
    values = samples.astype(np.float32)
    if len(values) <= _COLOURS:
        return values
    until = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_MAX_ITER, 10, 1.0)
    cv2.setRNGSeed(1)
    _, _, centres = cv2.kmeans(values, _COLOURS, None, until, 1, cv2.KMEANS_PP_CENTERS)
    return np.asarray(centres, np.float32)


def _find(thing: Thing, picture: Pixels) -> Pixels:
    """uint8 mask of the thing in a new picture."""
    if thing.first.shape != picture.shape[:2]:
        return np.zeros(picture.shape[:2], np.uint8)
    same = (np.abs(picture.astype(np.int16) - thing.picture).max(2) < _SAME).view(np.uint8) & thing.first
    if same.sum() >= _STILL * thing.first.sum():
        return cv2.morphologyEx(same, cv2.MORPH_CLOSE, _AROUND)
    near = cv2.dilate(thing.now if thing.now.any() else thing.first, _STEP) > 0
    distances = np.abs(picture[near].astype(np.float32)[:, None] - thing.colours).max(2).min(1)
    found = np.zeros(picture.shape[:2], np.uint8)
    found[near] = distances < _SAME
    found = cv2.morphologyEx(found, cv2.MORPH_OPEN, _AROUND)
    return found if found.sum() <= _GROWTH * thing.first.sum() else found & cv2.dilate(thing.now, _AROUND)


def _main_piece(found: FloatArray, before: Pixels | None) -> Pixels:
    """uint8 mask of the main person: who was it before, or else the largest piece."""
    count, labels, pieces, _ = cv2.connectedComponentsWithStats((found > 0.5).view(np.uint8), connectivity=8)
    if count == 1:
        return np.zeros(found.shape, np.uint8)
    areas = pieces[:, cv2.CC_STAT_AREA].astype(np.float64)
    areas[0] = 0
    if before is not None and before.shape == found.shape and before.any():
        overlap = np.bincount(labels[before > 0], minlength=count).astype(np.float64)
        overlap[0] = 0
        if overlap.max() > 0:
            return (labels == int(overlap.argmax())).view(np.uint8)
    return (labels == int(areas.argmax())).view(np.uint8)
