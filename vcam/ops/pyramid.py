"""Halvings of a frame's planes: one pyramid serves the guide and the blur."""

from __future__ import annotations

import cv2

from vcam.frame import Pixels

Level = tuple[Pixels, Pixels, Pixels]


def build(planes: Level, factor: int) -> dict[int, Level]:
    """Y, U and V at equal sizes for 2, 4 … ``factor`` pixels per sample; edges are repeated to a multiple of it."""
    y, u, v = (_padded(plane, factor // part) for plane, part in zip(planes, (1, 2, 2), strict=True))
    levels = {2: (halved(y), u, v)}
    pixels = 2
    while pixels < factor:
        y, u, v = (halved(plane) for plane in levels[pixels])
        pixels *= 2
        levels[pixels] = (y, u, v)
    return levels


def _padded(plane: Pixels, multiple: int) -> Pixels:
    down, right = -plane.shape[0] % multiple, -plane.shape[1] % multiple
    if not (down or right):
        return plane
    return cv2.copyMakeBorder(plane, 0, down, 0, right, cv2.BORDER_REPLICATE)


def halved(plane: Pixels) -> Pixels:
    size = ((plane.shape[1] + 1) // 2, (plane.shape[0] + 1) // 2)
    return cv2.resize(plane, size, interpolation=cv2.INTER_AREA)
