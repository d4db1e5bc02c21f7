"""A photograph as a still camera."""

from __future__ import annotations

import warnings
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from vcam.errors import SourceError
from vcam.frame import FramePool, Pixels, Size, i420_shape
from vcam.ops.colour import bgr_to_i420
from vcam.ops.fitting import filled, within
from vcam.sources import SourceOptions
from vcam.sources.steady import SteadySource

LONGEST = 1920
MOST_PIXELS = 120_000_000
GREY = 128  # shows through transparent parts


class PictureSource(SteadySource):
    """A picture file, 30 times a second.

    Args:
        argument: path of the file; anything that Pillow reads.
        options: without a ``size`` it is the picture's own, at most 1920 pixels on the long side.
        pool: where frame memory comes from.
    """

    def __init__(self, argument: str, options: SourceOptions, pool: FramePool) -> None:
        self._path = Path(argument).expanduser()
        self._still: Pixels | None = None
        super().__init__(self._path.name, options, pool)

    def prepare(self) -> None:
        bgr = load_bgr(self._path)
        own = Size(bgr.shape[1], bgr.shape[0])
        self.size = self.options.size or within(own, LONGEST)
        if min(self.size.width, self.size.height) < 16:
            raise SourceError(f"picture '{self._path}' is only {own} pixels", "give one of at least 16x16")
        still = self.pool.take(*i420_shape(self.size))
        bgr_to_i420(filled(bgr, self.size), self.colour, still)
        self._still = still

    def render(self, seq: int, pts: Fraction) -> tuple[Pixels, int]:
        """The one picture, every time the same memory: frames are never changed once handed on."""
        assert self._still is not None
        return self._still, 0

    def release(self) -> None:
        self._still = None


def load_bgr(path: Path) -> Pixels:
    """The picture upright, as (height, width, 3) BGR; transparent parts are grey.

    Raises:
        SourceError: missing, not a picture, damaged, or far too large.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise Image.DecompressionBombError
                upright = ImageOps.exif_transpose(image)
                return flattened(upright)
    except FileNotFoundError:
        raise SourceError(f"picture '{path}' does not exist", "check the path") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise SourceError(f"picture '{path}' is unreasonably large", "scale it down to a few megapixels") from None
    except (OSError, ValueError, SyntaxError) as error:
        raise SourceError(f"picture '{path}' cannot be read: {_first_line(error)}",
                          "open it in an image editor and save it as PNG or JPEG") from error


def flattened(image: Image.Image, ground: int = GREY) -> Pixels:
    """A picture of any mode as 8-bit BGR (height, width, 3); ``ground`` shows through transparent parts."""
    if image.mode.startswith("I") or image.mode == "F":
        grey = _eight_bits(np.asarray(image))
        return np.repeat(grey[:, :, None], 3, axis=2)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        under = Image.new("RGBA", image.size, (ground, ground, ground, 255))
        image = Image.alpha_composite(under, image)
    return np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])


def _eight_bits(grey: np.ndarray) -> Pixels:
    """Greys of 16 bits, of 32 bits, or floating-point, as 8 bits."""
    values = grey.astype(np.float32)
    top = values.max(initial=0)
    full = 1 if top <= 1 else 255 if top <= 255 and grey.dtype.kind == "f" else 65535 if top <= 65535 else top
    return np.clip(np.rint(values * (255 / full)), 0, 255).astype(np.uint8)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
