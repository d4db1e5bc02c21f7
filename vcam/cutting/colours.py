"""The person's own colours, without the room's.

Where alpha is between 0 and 1 the camera saw alpha · person + (1 − alpha) · room. The person is what was seen plus
(1 − alpha) · (person − room), both as seen nearby (see ``ops.spill``); nearby is looked for close first, and further
away where nothing sure is close. Outside the person nothing of the room is left, not even where alpha is 0: a player
that ignores alpha must not show it. There the outline's colours run on for a little, for players that scale, and fade
to black.
"""

from __future__ import annotations

import cv2
import numpy as np

from vcam.cutting.grid import Grid
from vcam.frame import FloatArray, Pixels
from vcam.ops.jit import kernel

_NEAR, _FAR = (5, 5), (21, 21)  # windows in samples of the grid
_LITTLE = np.float32(1e-3)
_SURE = np.float32(0.9)
_STRENGTH = np.float32(0.85)  # all of it would double alpha's errors


def foreground(picture: Pixels, alpha: Pixels, guide: Pixels, grid: Grid) -> Pixels:
    """The person's colours, BGR (height, width, 3), straight: not multiplied by alpha.

    Args:
        alpha: uint8 (height, width).
        guide: the picture on the grid.
    """
    person, room, fade = _nearby(guide, grid.reduced(alpha))
    out = np.zeros_like(picture)
    grids = [*np.moveaxis(person, 2, 0), *np.moveaxis(room, 2, 0), fade]
    width = slice(0, grid.size.width)
    for strip in grid.strips(slice(0, grid.size.height)):
        planes = [grid.enlarged(plane, strip, width) for plane in grids]
        if planes[-1].any() or alpha[strip].any():
            _clean(picture[strip].reshape(-1, 3), alpha[strip].reshape(-1), np.stack(planes).reshape(7, -1),
                   out[strip].reshape(-1, 3))
    return out


def _nearby(guide: Pixels, alpha: Pixels) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Colours of person and room around each sample, and how near the person is (1 … 0)."""
    values = alpha.astype(np.float32) * np.float32(1 / 255)
    person = np.clip((values - _SURE) / (1 - _SURE), 0, 1)
    room = np.clip((1 - _SURE - values) / (1 - _SURE), 0, 1)
    colours = guide.astype(np.float32)
    near_person = cv2.blur(cv2.dilate(values, np.ones((3, 3), np.uint8)), _NEAR, borderType=cv2.BORDER_REPLICATE)
    return _around(colours, person), _around(colours, room), np.clip(near_person * 2, 0, 1)


def _around(colours: FloatArray, weight: FloatArray) -> FloatArray:
    """Mean colour of what has weight, close by; where there is little, from further away."""
    close = _mean_colour(colours, weight, _NEAR)
    amount = np.clip(cv2.blur(weight, _NEAR, borderType=cv2.BORDER_REPLICATE) * 8, 0, 1)[..., None]
    wide = _mean_colour(colours, weight, _FAR)
    return wide + (close - wide) * amount


def _mean_colour(colours: FloatArray, weight: FloatArray, window: tuple[int, int]) -> FloatArray:
    weight = weight + _LITTLE
    total = cv2.blur(colours * weight[..., None], window, borderType=cv2.BORDER_REPLICATE)
    return total / cv2.blur(weight, window, borderType=cv2.BORDER_REPLICATE)[..., None]


@kernel
def _clean(picture: Pixels, alpha: Pixels, planes: FloatArray, out: Pixels) -> None:
    """Planes: the person's B, G, R nearby, the room's, and how near the person is."""
    zero, top, half, strength = np.float32(0), np.float32(255), np.float32(0.5), _STRENGTH
    for x in range(np.uint64(alpha.shape[0])):
        a = alpha[x]
        if a == 255:
            out[x, 0], out[x, 1], out[x, 2] = picture[x, 0], picture[x, 1], picture[x, 2]
        elif a == 0:
            for k in range(3):
                out[x, k] = np.uint8(planes[k, x] * planes[6, x] + half)
        else:
            rest = (np.float32(1) - np.float32(a) / top) * strength
            for k in range(3):
                value = np.float32(picture[x, k]) + rest * (planes[k, x] - planes[3 + k, x])
                out[x, k] = np.uint8(min(max(value, zero), top) + half)
