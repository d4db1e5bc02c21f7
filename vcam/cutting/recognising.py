"""What kind of file it is: by what is in it, whatever its name says."""

from __future__ import annotations

from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image, ImageSequence, UnidentifiedImageError

from vcam.cutting.coding import FFV1, SegmentCoder
from vcam.cutting.film import LOCAL_ONLY
from vcam.errors import CutoutError
from vcam.frame import Size
from vcam.wholefile import replacing

_STILLS = frozenset({"JPEG", "MPO", "PNG", "WEBP", "AVIF", "HEIF", "BMP", "DIB", "TIFF", "GIF", "PPM", "TGA", "ICO",
                     "JPEG2000", "PCX", "QOI"})
_MOVING = frozenset({"GIF", "PNG", "WEBP", "AVIF"})  # others hold pages or small versions of the same
_LEAST_MS, _SLOW_MS = 10, 100  # what asks for less than this is shown at this by every browser


def is_film(path: Path) -> bool:
    """Whether a file holds moving pictures; an animated picture does.

    Raises:
        CutoutError: there is no such file, or nothing in it.
    """
    if not path.is_file():
        raise CutoutError(f"'{path}' does not exist" if not path.exists() else f"'{path}' is no file",
                          "check the name")
    if not path.stat().st_size:
        raise CutoutError(f"'{path}' is empty", "give another file")
    try:
        with Image.open(path) as image:
            return image.format not in _STILLS or (image.format in _MOVING and getattr(image, "n_frames", 1) > 1)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return path.suffix.lower() not in Image.registered_extensions() or _plays(path)


def _plays(path: Path) -> bool:
    """Whether FFmpeg takes it for a film, whatever its name says."""
    container: Any
    try:
        with closing(av.open(str(path), options=LOCAL_ONLY)) as container:
            name = container.format.name
            return bool(container.streams.video) and not name.endswith("_pipe") and name not in ("image2", "mjpeg")
    except (av.FFmpegError, OSError):
        return False


def playable(path: Path, copy: Path) -> Path:
    """The film itself, or if FFmpeg does not play such animated pictures, a lossless ``copy`` of it.

    Raises:
        CutoutError: it is damaged, or the copy cannot be written.
    """
    try:
        with Image.open(path) as image:
            if image.format not in ("WEBP", "AVIF"):
                return path
            with replacing(copy) as temporary:
                _copy(image, temporary)
    except (OSError, ValueError, SyntaxError) as error:
        if isinstance(error, UnidentifiedImageError):
            return path
        raise CutoutError(f"'{path}' cannot be read: {error}", "check that it plays elsewhere") from error
    return copy


def _copy(image: Image.Image, target: Path) -> None:
    coder = SegmentCoder(target, FFV1, Size(image.width, image.height), Fraction(25))
    now = 0
    for frame in ImageSequence.Iterator(image):
        frame.load()  # the duration is known only then
        pixels = np.asarray(frame.convert("RGBA"))
        coder.add(np.ascontiguousarray(pixels[..., 2::-1]), np.ascontiguousarray(pixels[..., 3]), Fraction(now, 1000))
        lasts = round(float(frame.info.get("duration", _SLOW_MS)))
        now += lasts if lasts > _LEAST_MS else _SLOW_MS
    coder.close()


def tags(path: Path) -> dict[str, str]:
    """What a film says of itself: title, date, place."""
    container: Any
    with closing(av.open(str(path), options=LOCAL_ONLY)) as container:
        return {key: value for key, value in container.metadata.items()
                if key not in ("major_brand", "minor_version", "compatible_brands", "encoder")}
