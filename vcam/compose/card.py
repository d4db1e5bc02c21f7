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
    icon = _camera(unit)
    image.paste(_ACCENT, (round(centre - icon.width / 2), round(y - 5.2 * unit - icon.height / 2)), icon)
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


def _camera(unit: float) -> Image.Image:
    """A camera with a stroke through it, as a mask; drawn large and reduced, for smooth edges."""
    big = 4 * unit
    mask = Image.new("L", (max(round(8 * big), 8), max(round(6.4 * big), 8)))
    draw = ImageDraw.Draw(mask)
    x, y, width = 4 * big, 3.2 * big, max(int(big * 0.32), 1)
    body = (x - 3.4 * big, y - 2 * big, x + 1.6 * big, y + 2 * big)
    draw.rounded_rectangle(body, big * 0.7, outline=255, width=width)
    draw.polygon([(x + 2.1 * big, y - 0.5 * big), (x + 3.6 * big, y - 1.5 * big), (x + 3.6 * big, y + 1.5 * big),
                  (x + 2.1 * big, y + 0.5 * big)], outline=255, width=width)
    draw.line((x - 3.4 * big, y + 2.8 * big, x + 3.2 * big, y - 2.8 * big), fill=255, width=width)
    return mask.resize((max(mask.width // 4, 2), max(mask.height // 4, 2)), Image.Resampling.LANCZOS)


def _line(draw: ImageDraw.ImageDraw, text: str, centre: tuple[float, float], height: float, ink: tuple[int, int, int],
          width: int) -> None:
    """One line of centred text, made smaller, then shorter, until it fits."""
    while draw.textlength(text, ImageFont.load_default(max(height, 6))) > width * 0.92:
        if height > 6:
            height *= 0.9
        else:  # smaller cannot be read: shorten it
            text = text[:len(text) * 9 // 10 - 1].rstrip(" .…") + "…"
    font = ImageFont.load_default(max(height, 6))
    draw.text(centre, text, fill=ink, font=font, anchor="mm")
