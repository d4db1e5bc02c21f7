"""Pictures from disk into I420 of a given size."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from vcam.backdrops import BackdropOptions, Fit
from vcam.errors import BackdropError
from vcam.frame import Pixels, Size, i420_shape
from vcam.ops.colour import bgr_to_i420
from vcam.ops.fitting import filled, scaled
from vcam.sources.picture import flattened

_REMEDY = "choose another picture: vcam backgrounds"


def load_bgr(path: Path) -> Pixels:
    """A picture as BGR (height, width, 3): upright, transparency over black.

    Raises:
        BackdropError: missing, damaged, not a picture, or absurdly large.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as opened:
                return flattened(ImageOps.exif_transpose(opened), ground=0)
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError,
            Image.DecompressionBombWarning) as error:
        raise BackdropError(f"picture '{path}' cannot be read: {_reason(path, error)}", _REMEDY) from error


def _reason(path: Path, error: BaseException) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "it is empty" if path.stat().st_size == 0 else "it is not a picture"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return "it has far too many pixels"
    return f"it is damaged ({str(error).rstrip('.') or type(error).__name__})"


def check_picture(path: Path) -> None:
    """Decode a small version of the picture: enough to know that it is one.

    Raises:
        BackdropError: it is not.
    """
    try:
        with Image.open(path) as opened:
            opened.draft("RGB", (64, 64))
            opened.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BackdropError(f"picture '{path}' cannot be read: {_reason(path, error)}", _REMEDY) from error


def fitted(bgr: Pixels, size: Size, fit: Fit) -> Pixels:
    """The picture in another shape: BGR (size.height, size.width, 3)."""
    if fit is Fit.COVER:
        return filled(bgr, size)
    if fit is Fit.CONTAIN:
        height, width = bgr.shape[:2]
        scale = min(size.width / width, size.height / height)
        inner = Size(max(round(width * scale), 1), max(round(height * scale), 1))
        out = np.zeros((size.height, size.width, 3), np.uint8)
        left, top = (size.width - inner.width) // 2, (size.height - inner.height) // 2
        out[top:top + inner.height, left:left + inner.width] = scaled(bgr, inner)
        return out
    return scaled(bgr, size)


def load_i420(path: Path, options: BackdropOptions) -> Pixels:
    """A picture as I420 pixels, ready to be blended.

    Raises:
        BackdropError: see ``load_bgr``.
    """
    out = np.empty(i420_shape(options.size), np.uint8)
    bgr_to_i420(fitted(load_bgr(path), options.size, options.fit), options.colour, out)
    return out
