"""Words on pictures, in a font that has their letters.

Pillow's own font, which is always there, knows little beyond ASCII. Words with other letters take the font of the
system that has most of them; where letters are missing still, they lose their accents or are left out.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from PIL import ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_OWN = ""
_SYSTEM = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "segoeui.ttf", "Arial Unicode.ttf", "Arial.ttf",
           "NotoSansCJK-Regular.ttc", "msyh.ttc", "PingFang.ttc")
_PLAIN = str.maketrans({"–": "-", "—": "-", "„": "“", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"})
_LEAST = 6


def line(draw: ImageDraw.ImageDraw, text: str, place: tuple[float, float], height: float, ink: tuple[int, int, int],
         width: float, anchor: str = "mm") -> None:
    """One line of text, made smaller, then shorter, until it fits ``width`` pixels.

    Args:
        place: of its middle, or of what Pillow's ``anchor`` says.
    """
    name, text = _lettering(" ".join(text.split()))
    height = max(height, _LEAST)
    while draw.textlength(text, _font(name, height)) > width:
        if height > _LEAST:
            height = max(height * 0.9, _LEAST)
        else:  # smaller cannot be read: shorten it
            text = text[:len(text) * 9 // 10 - 1].rstrip(" .…") + "…"
    draw.text(place, text, fill=ink, font=_font(name, height), anchor=anchor)


@lru_cache(maxsize=32)
def _lettering(text: str) -> tuple[str, str]:
    """Name of the font, and the text as that can write it."""
    name = min((_OWN, *_SYSTEM), key=lambda name: len(_missing(name, text)))
    if not _missing(name, text):
        return name, text
    plain = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    unknown = _missing(name, plain)
    return name, "".join(letter for letter in plain if letter not in unknown and not unicodedata.combining(letter))


def _missing(name: str, text: str) -> set[str]:
    """The letters that the font draws as it draws one that does not exist; all of them if there is no such font."""
    try:
        font = _font(name, 20)
    except OSError:
        return set(text)
    none = _drawn(font, "\uffff")
    return {letter for letter in set(text) if not letter.isspace() and _drawn(font, letter) == none}


def _drawn(font: Font, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(letter)
    return mask.size, bytes(mask)


@lru_cache(maxsize=64)
def _font(name: str, height: float) -> Font:
    return ImageFont.truetype(name, height) if name else ImageFont.load_default(height)
