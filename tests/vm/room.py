"""What the webcam sees: a person in a room of one loud colour, so that a few pixels of the room give a leak away.

She wears a badge that is brighter in every picture, by which a picture is known again.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.parts import ROOM, room_share
from vcam.frame import Colour, FloatArray, FramePool, Pixels, Size, i420_planes, i420_shape
from vcam.ops.colour import i420_to_bgr
from vcam.sources import SourceOptions, demo

SIZES = (Size(320, 180), Size(640, 360))
COUNT = 10
GREEN = (64, 177, 0)  # the background "green", as BGR
_CARD = (46, 36, 30)
# Places in every picture: top, bottom, left and right as shares of it.
_BODY = (0.78, 0.97, 0.27, 0.36)
_BADGE = (0.87, 0.96, 0.45, 0.52)


def draw(folder: Path) -> None:
    """Write the pictures, I420 one after another, where ``pictures`` finds them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "room", lambda size: np.full((size.height, size.width, 3), ROOM, np.uint8))
        for size in SIZES:
            source = demo.DemoSource("", SourceOptions(size, colour=Colour.BT601), FramePool())
            source.open()
            drawn = [_badged(source.read().pixels, 40 + 20 * number) for number in range(COUNT)]
            _file(folder, size).write_bytes(b"".join(pixels.tobytes() for pixels in drawn))


def _badged(pixels: Pixels, brightness: int) -> Pixels:
    """An I420 picture with a grey badge."""
    for plane, level in zip(i420_planes(pixels), (brightness, 128, 128), strict=True):
        _part(plane, _BADGE)[:] = level
    return pixels


def pictures(folder: Path, size: Size) -> list[Pixels]:
    """The pictures of that size, I420."""
    return list(np.fromfile(_file(folder, size), np.uint8).reshape(COUNT, *i420_shape(size)))


def _file(folder: Path, size: Size) -> Path:
    return folder / f"room-{size}.yuv"


class Sights:
    """Tells what a picture shows.

    Args:
        folder: of the webcam's pictures.
    """

    def __init__(self, folder: Path) -> None:
        first = i420_to_bgr(pictures(folder, SIZES[0])[0], Colour.BT601)
        self._body = _mean(first)

    def is_composite(self, picture: Pixels) -> bool:
        """The person, in her own colours, before the background: of a BGR picture (height, width, 3) of any size."""
        return share(picture, GREEN, 24) > 0.4 and float(np.abs(_mean(picture) - self._body).max()) < 16

    def is_card(self, picture: Pixels) -> bool:
        """The placeholder."""
        return share(picture, _CARD, 40) > 0.6

    def shows_room(self, picture: Pixels) -> bool:
        """The raw picture, or so much of it that somebody would see it."""
        return room_share(picture) > 0.001


def share(picture: Pixels, colour: tuple[int, int, int], distance: int) -> float:
    """How much of a picture is within ``distance`` levels of a colour, 0 … 1; one in nine of its pixels is asked."""
    few = picture[::3, ::3].astype(np.int16)
    return float((np.abs(few - np.array(colour, np.int16)).max(2) < distance).mean())


def same(picture: Pixels, others: list[Pixels]) -> bool:
    """Whether a picture is among others of its size, but for what compression does to it."""
    return any(abs(float(_part(picture, _BADGE).mean()) - float(_part(other, _BADGE).mean())) < 8
               and float(np.abs(picture.astype(np.int16) - other).mean()) < 4 for other in others)


def _mean(picture: Pixels) -> FloatArray:
    """Her colour."""
    return np.asarray(_part(picture, _BODY).mean((0, 1)), np.float32)


def _part(picture: Pixels, place: tuple[float, float, float, float]) -> Pixels:
    height, width = picture.shape[:2]
    top, bottom, left, right = place
    return picture[int(top * height):int(bottom * height), int(left * width):int(right * width)]
