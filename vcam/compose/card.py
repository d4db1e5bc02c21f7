"""The placeholder card: what a sink gets whenever there is no picture that may be shown."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from vcam.compose.lettering import line
from vcam.frame import Colour, Frame, PixelFormat, Pixels, Rendered, Size, i420_shape
from vcam.ops.colour import bgr_to_i420

_TOP, _BOTTOM = np.array([58, 46, 38]), np.array([34, 26, 22])  # BGR
_INK, _FAINT, _ACCENT = (236, 240, 244), (150, 162, 174), (86, 146, 214)  # RGB
_WIDEST = 0.92  # of a line of words, as a share of the width
# How much light the ground of a caption loses, and where that begins and is complete, in units above the foot. Over
# white it leaves a contrast of 8 to 1, and the most that print for weak eyes asks for is 7 (WCAG 2.2, 1.4.6).
_SHADE, _SHADE_BEGINS, _SHADE_FULL = 0.72, 14.0, 5.5


def card(title: str, detail: str, size: Size, colour: Colour) -> Rendered:
    """A card with two lines of text, as a picture that may be shown; its ``seq`` and times are 0."""
    return Rendered(Frame(_pixels(title, detail, size, colour), PixelFormat.I420, 0, Fraction(0), 0, colour), "card")


def picture_card(bgr: Pixels, text: str, size: Size, colour: Colour) -> Rendered:
    """The user's own picture as a card, with a line of text (or none) at its foot.

    Args:
        bgr: (size.height, size.width, 3).
    """
    assert bgr.shape == (size.height, size.width, 3), bgr.shape
    out = np.empty(i420_shape(size), np.uint8)
    bgr_to_i420(_captioned(bgr, text, size) if text else bgr, colour, out)
    return Rendered(Frame(out, PixelFormat.I420, 0, Fraction(0), 0, colour), "card")


def _captioned(bgr: Pixels, text: str, size: Size) -> Pixels:
    """The picture, darkened towards its foot so that light words can be read over any, and the words."""
    unit = _unit(size)
    rows = (np.arange(size.height, dtype=np.float32) - size.height) / unit  # 0 at the foot
    rise = np.clip((rows + _SHADE_BEGINS) / (_SHADE_BEGINS - _SHADE_FULL), 0, 1)
    light = 1 - _SHADE * rise * rise * (3 - 2 * rise)
    image = Image.fromarray((bgr[..., ::-1] * light[:, None, None] + 0.5).astype(np.uint8))
    centre = (size.width / 2, size.height - 3.6 * unit)
    line(ImageDraw.Draw(image), text, centre, 2.6 * unit, _INK, size.width * _WIDEST)
    return np.ascontiguousarray(np.asarray(image)[..., ::-1])


def _unit(size: Size) -> float:
    """The measure of everything on a card, in pixels: a 36th of the height, less in a narrow frame."""
    return min(size.height, size.width * 9 // 16) / 36


@lru_cache(maxsize=8)
def _pixels(title: str, detail: str, size: Size, colour: Colour) -> Pixels:
    image = Image.fromarray(_ground(size)[..., ::-1])
    draw = ImageDraw.Draw(image)
    unit = _unit(size)
    centre, y = size.width / 2, size.height / 2
    icon = _camera(unit)
    image.paste(_ACCENT, (round(centre - icon.width / 2), round(y - 5.2 * unit - icon.height / 2)), icon)
    line(draw, title, (centre, y + 1.5 * unit), 2.6 * unit, _INK, size.width * _WIDEST)
    line(draw, detail, (centre, y + 5 * unit), 1.35 * unit, _FAINT, size.width * _WIDEST)
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
