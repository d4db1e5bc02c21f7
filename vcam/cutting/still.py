"""Pictures: read with everything that is in them, cut out, and saved without what nobody should learn from them."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageCms, ImageOps

from vcam.backdrops import Fit
from vcam.cutting.behind import make_behind, over
from vcam.cutting.developing import Shot
from vcam.cutting.film import SMALLEST_SIDE
from vcam.cutting.looking import Looks, Watcher
from vcam.cutting.shots import Glance, extent, stretches
from vcam.cutting.stages import cut
from vcam.cutting.targets import Format
from vcam.errors import CutoutError
from vcam.frame import LARGEST_SIDE, FloatArray, Pixels, Size
from vcam.ops import pick
from vcam.sources.picture import MOST_PIXELS, flattened
from vcam.wholefile import write_whole

# A smaller share of a picture is nobody.
EMPTY = 0.002
_NOW = Fraction(0)
_JPEG_QUALITY, _WEBP_QUALITY, _AVIF_QUALITY = 93, 90, 80
_ORIENTATION = 0x0112
_TRIM_MARGIN = 0.02  # of the longer side


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """A picture: BGR in sRGB, how opaque it was, and its EXIF block (upright, so without an orientation)."""

    bgr: Pixels
    opacity: Pixels | None
    exif: bytes

    @property
    def size(self) -> Size:
        return Size(self.bgr.shape[1], self.bgr.shape[0])


@dataclass(frozen=True, slots=True)
class Photo:
    """How a picture is to be cut out: a task for an engine; it gives back the share of the picture that is person.

    ``background`` empty: transparent. ``trim``: cut off what is empty. ``keeps_metadata``: also where it was taken.
    ``keeps_empty``: write it although nobody is in it.
    """

    source: Path
    target: Path
    format: Format
    looks: Looks
    runtime: str
    background: str
    fit: Fit
    trim: bool
    keeps_metadata: bool
    keeps_empty: bool

    def __call__(self, tick: Any) -> float:
        still = read_still(self.source)
        colours, alpha = cut_still(still, self.looks, self.runtime)
        share = float(alpha.mean() / 255)
        if self.keeps_empty or share >= EMPTY:
            self._write(still, colours, alpha)
        tick(1)
        return share

    def _write(self, still: Still, colours: Pixels, alpha: Pixels) -> None:
        part = _person(alpha) if self.trim else (slice(None), slice(None))
        seen: Pixels | None = alpha
        if self.format.name == "alpha":
            colours, seen = alpha, None
        elif self.background:
            behind = make_behind(self.background, still.size, self.fit).at(_NOW, still.bgr, alpha)
            colours, seen = over(colours, alpha, behind), None
        data = encoded(self.format.name, colours[part], None if seen is None else seen[part],
                       still.exif if self.keeps_metadata else b"")
        try:
            write_whole(self.target, data)
        except OSError as error:
            raise CutoutError(f"'{self.target}' cannot be written: {error.strerror}", "choose another place") from error


def read_still(path: Path) -> Still:
    """A picture, upright and in sRGB.

    Raises:
        CutoutError: it is no picture, damaged, too small or too large.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as opened:
                _check(path, Size(opened.width, opened.height))
                upright = ImageOps.exif_transpose(opened)
                exif = upright.getexif()
                exif.pop(_ORIENTATION, None)
                return Still(_colours(_in_srgb(upright)), _opacity(upright), exif.tobytes() if exif else b"")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise CutoutError(f"'{path}' cannot be read: {_first_line(path, error)}",
                          "open it in an image editor and save it as PNG or JPEG") from error


def _check(path: Path, size: Size) -> None:
    if min(size.width, size.height) < SMALLEST_SIDE:
        raise CutoutError(f"'{path}' is {size}: each side must be at least {SMALLEST_SIDE} pixels", "give a larger one")
    if max(size.width, size.height) > 2 * LARGEST_SIDE or size.width * size.height > MOST_PIXELS:
        raise CutoutError(f"'{path}' is {size}: that is too large", "scale it down first")


def _first_line(path: Path, error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if not path.stat().st_size:
        return "it is empty"
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def _in_srgb(image: Image.Image) -> Image.Image:
    """Colours of another profile (a telephone's P3, a scanner's) as every screen shows them."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return image
    try:
        converted = ImageCms.profileToProfile(image, ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                                              ImageCms.createProfile("sRGB"),
                                              outputMode="RGBA" if image.mode == "RGBA" else "RGB")
    except (ImageCms.PyCMSError, OSError):
        return image
    return converted or image


def _colours(image: Image.Image) -> Pixels:
    """BGR, whatever alpha says."""
    if not image.has_transparency_data:
        return flattened(image)
    return np.ascontiguousarray(np.asarray(image.convert("RGBA"))[..., 2::-1])


def _opacity(image: Image.Image) -> Pixels | None:
    if not image.has_transparency_data:
        return None
    return np.ascontiguousarray(np.asarray(image.convert("RGBA"))[..., 3])


def cut_still(still: Still, looks: Looks, runtime: str) -> tuple[Pixels, Pixels]:
    """The person's colours, straight BGR, and alpha. The network looks twice: the second time where the first found
    somebody."""
    watcher = Watcher(pick("cpu"), looks, still.size, runtime)
    found = watcher.whole(still.bgr)
    evidence: FloatArray = found
    for _ in range(2):
        glance = Glance(0, extent(found, watcher.grid), 0)
        stretch = stretches([glance], still.size)[0]
        evidence = found = watcher.exact(still.bgr, stretch.near, stretch.far)
    watcher.close()
    return cut(Shot(still.bgr, still.opacity, 0), evidence, watcher.grid)


def _person(alpha: Pixels) -> tuple[slice, slice]:
    """The part of the picture that holds the person, with a little room."""
    left, top, width, height = cv2.boundingRect((alpha > 0).view(np.uint8))
    if not width:
        return slice(None), slice(None)
    margin = round(_TRIM_MARGIN * max(width, height))
    return (slice(max(top - margin, 0), top + height + margin), slice(max(left - margin, 0), left + width + margin))


def encoded(name: str, colours: Pixels, alpha: Pixels | None, exif: bytes) -> bytes:
    """A file in a format; straight alpha, as all of them want it.

    Args:
        colours: BGR (height, width, 3), or grey (height, width).

    Raises:
        CutoutError: this Pillow cannot write the format.
    """
    if colours.ndim == 2:
        image = Image.fromarray(np.ascontiguousarray(colours))
    else:
        rgb = colours[..., ::-1]
        image = Image.fromarray(np.ascontiguousarray(rgb if alpha is None else np.dstack([rgb, alpha])))
    options: dict[str, Any] = {
        "png": {}, "alpha": {}, "jpeg": {"quality": _JPEG_QUALITY, "subsampling": 0},
        "webp": {"quality": _WEBP_QUALITY, "method": 4, "exact": True}, "avif": {"quality": _AVIF_QUALITY}}[name]
    out = io.BytesIO()
    try:
        image.save(out, "PNG" if name == "alpha" else name.upper(), **options, **({"exif": exif} if exif else {}))
    except (OSError, KeyError, ValueError) as error:
        raise CutoutError(f"a picture cannot be written as {name.upper()}: {error}",
                          "pip install --upgrade pillow, or choose another --format") from error
    return out.getvalue()
