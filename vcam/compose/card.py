"""The placeholder card: what a sink gets whenever there is no picture that may be shown."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from vcam.frame import Colour, Frame, PixelFormat, Pixels, Rendered, Size, i420_shape
from vcam.ops.colour import bgr_to_i420

_TOP, _BOTTOM = np.array([58, 46, 38]), np.array([34, 26, 22])  # BGR
_INK, _FAINT, _ACCENT = (236, 240, 244), (150, 162, 174), (86, 146, 214)  # RGB


def card(title: str, detail: str, size: Size, colour: Colour) -> Rendered:
    """A card with two lines of text, as a picture that may be shown; its ``seq`` and times are 0."""
    return Rendered(Frame(_pixels(title, detail, size, colour), PixelFormat.I420, 0, Fraction(0), 0, colour), "card")


@lru_cache(maxsize=8)
def _pixels(title: str, detail: str, size: Size, colour: Colour) -> Pixels:
    image = Image.fromarray(_ground(size)[..., ::-1])
    draw = ImageDraw.Draw(image)
    unit = min(size.height, size.width * 9 // 16) / 36
    centre, y = size.width / 2, size.height / 2
    _camera(draw, centre, y - 5.2 * unit, unit)
    _line(draw, title, (centre, y + 1.5 * unit), 2.6 * unit, _INK, size.width)
    _line(draw, detail, (centre, y + 5 * unit), 1.35 * unit, _FAINT, size.width)
    out = np.empty(i420_shape(size), np.uint8)
    bgr_to_i420(np.ascontiguousarray(np.asarray(image)[..., ::-1]), colour, out)
    return out


def _ground(size: Size) -> Pixels:
    """A vertical gradient, dithered so that it does not band."""
    t = np.linspace(0, 1, size.height)[:, None, None]
    noise = np.random.default_rng(1).uniform(-0.6, 0.6, (size.height, size.width, 1))
    return np.clip(_TOP * (1 - t) + _BOTTOM * t + noise, 0, 255).round().astype(np.uint8)


def _camera(draw: ImageDraw.ImageDraw, x: float, y: float, unit: float) -> None:
    """A camera with a stroke through it."""
    width = max(int(unit * 0.35), 1)
    draw.rounded_rectangle((x - 3.4 * unit, y - 2 * unit, x + 1.6 * unit, y + 2 * unit), unit * 0.7, outline=_ACCENT,
                           width=width)
    draw.polygon([(x + 2.1 * unit, y - 0.5 * unit), (x + 3.6 * unit, y - 1.5 * unit), (x + 3.6 * unit, y + 1.5 * unit),
                  (x + 2.1 * unit, y + 0.5 * unit)], outline=_ACCENT, width=width)
    draw.line((x - 3.4 * unit, y + 2.8 * unit, x + 3.2 * unit, y - 2.8 * unit), fill=_ACCENT, width=width)


def _line(draw: ImageDraw.ImageDraw, text: str, centre: tuple[float, float], height: float, ink: tuple[int, int, int],
          width: int) -> None:
    """One line of centred text, made smaller until it fits."""
    while True:
        font = ImageFont.load_default(max(height, 6))
        if height <= 6 or draw.textlength(text, font) <= width * 0.92:
            break
        height *= 0.9
    draw.text(centre, text, fill=ink, font=font, anchor="mm")
