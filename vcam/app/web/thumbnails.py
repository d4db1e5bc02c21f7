"""Small pictures of the backgrounds."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np

from vcam.backdrops import VIDEOS, Fit
from vcam.backdrops.library import items
from vcam.backdrops.pictures import fitted, load_bgr
from vcam.errors import BackdropError
from vcam.frame import LARGEST_SIDE, Pixels, Size

THUMBNAIL = Size(320, 180)
_QUALITY = (cv2.IMWRITE_JPEG_QUALITY, 82)
_KEPT = 256


class Thumbnails:
    """JPEGs of named backgrounds, made when first asked for. One thread at a time."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, int, int], bytes] = {}

    def of(self, name: str, folder: Path | None) -> bytes | None:
        """The one of a background that the gallery knows by that name; None: there is none.

        Raises:
            BackdropError: it cannot be read.
        """
        path = next((item.path for item in items(folder) if item.name == name), None)
        if path is None:
            return None
        seen = path.stat()
        key = (str(path), seen.st_mtime_ns, seen.st_size)
        if key not in self._made:
            self._made[key] = _thumbnail(path)
            while len(self._made) > _KEPT:
                del self._made[next(iter(self._made))]
        return self._made[key]


def first_frame(path: Path) -> Pixels:
    """The first picture of a video: BGR (height, width, 3).

    Raises:
        BackdropError: it is damaged, absurdly large, or has no pictures.
    """
    remedy = "choose another video: vcam backgrounds"
    try:
        with av.open(str(path)) as video:
            if not video.streams.video:
                raise BackdropError(f"video '{path}' has no pictures", remedy)
            stream = video.streams.video[0]
            if max(stream.width, stream.height) > LARGEST_SIDE:
                raise BackdropError(f"video '{path}' has far too many pixels", remedy)
            for frame in video.decode(stream):
                return np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise BackdropError(f"video '{path}' cannot be read: it is damaged or something else", remedy) from error
    raise BackdropError(f"video '{path}' is empty", remedy)


def _thumbnail(path: Path) -> bytes:
    bgr = first_frame(path) if path.suffix.lower() in VIDEOS else load_bgr(path)
    return cv2.imencode(".jpg", fitted(bgr, THUMBNAIL, Fit.COVER), _QUALITY)[1].tobytes()
