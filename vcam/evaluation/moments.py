"""The worst moments of a clip as pictures: the person over green, and where the matte is wrong.

In an error map the picture is grey, red is background that is shown, and blue is person that is missing.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vcam.evaluation.footage import Shot
from vcam.frame import FloatArray, Pixels, Size

COUNT = 4
_WIDEST = 640
_QUALITY = 86
_GREEN = (64, 177, 0)  # BGR
_SHOWN, _MISSING = (38, 38, 226), (235, 96, 24)  # BGR
# Half-transparent errors of a level or two would not be seen if strength were in proportion.
_GAMMA = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """One frame: its number, how wrong it is (see ``scoring.Row.errors``), and its pictures as JPEG.

    ``error_map`` is None where there is nothing to compare with.
    """

    number: int
    error: float
    cutout: bytes
    error_map: bytes | None


class Moments:
    """Keeps the worst frame of each quarter of a clip: the worst of all would all be neighbours."""

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._count = 0
        self._worst: dict[int, tuple[float, int, Shot, Pixels]] = {}

    def add(self, error: float, shot: Shot, matte: Pixels) -> None:
        """The next frame."""
        part = self._count * COUNT // self._frames
        if part not in self._worst or error > self._worst[part][0]:
            self._worst[part] = (error, self._count, shot, matte)
        self._count += 1

    def drawn(self) -> tuple[Moment, ...]:
        """The moments, the worst first."""
        worst = sorted(self._worst.values(), key=lambda entry: (-entry[0], entry[1]))
        return tuple(_drawn(*entry) for entry in worst)


def _drawn(error: float, number: int, shot: Shot, matte: Pixels) -> Moment:
    wrong = None if shot.wanted is None else _jpeg(error_map(shot.picture, matte, shot.wanted))
    return Moment(number, error, _jpeg(cutout(shot.picture, matte)), wrong)


def cutout(picture: Pixels, matte: Pixels) -> Pixels:
    """The person of a BGR picture over green."""
    return _mixed(np.full_like(picture, _GREEN), picture, np.divide(matte, 255, dtype=np.float32))


def error_map(picture: Pixels, matte: Pixels, wanted: Pixels) -> Pixels:
    """Where ``matte`` is not as ``wanted``, over the BGR picture in pale grey."""
    grey = cv2.convertScaleAbs(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), alpha=0.55, beta=90)
    ground = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)
    shown, missing = _strength(matte, wanted), _strength(wanted, matte)
    return _mixed(_mixed(ground, np.full_like(picture, _SHOWN), shown), np.full_like(picture, _MISSING), missing)


def _strength(more: Pixels, less: Pixels) -> FloatArray:
    return np.divide(cv2.subtract(more, less), 255, dtype=np.float32) ** np.float32(_GAMMA)


def _mixed(below: Pixels, above: Pixels, share: FloatArray) -> Pixels:
    return cv2.blendLinear(above, below, share, 1 - share)


def fitted(picture: Pixels, widest: int, highest: int = 1 << 16) -> Pixels:
    """The picture, reduced if it is larger."""
    height, width = picture.shape[:2]
    scale = min(widest / width, highest / height)
    if scale >= 1:
        return picture
    size = Size(max(round(width * scale), 1), max(round(height * scale), 1))
    return cv2.resize(picture, (size.width, size.height), interpolation=cv2.INTER_AREA)


def _jpeg(picture: Pixels) -> bytes:
    return cv2.imencode(".jpg", fitted(picture, _WIDEST), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()
