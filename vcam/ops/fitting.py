"""How a picture of one size fills another: scaled to cover it, the overhang cut off evenly at both sides.

There are two orders of doing so. What can be sliced is cut first (``window``), so that nothing is scaled in vain; a
scaler that takes whole pictures only (FFmpeg's) scales first (``cover``). They agree within two pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2

from vcam.frame import Pixels, Size


def window(own: Size, wanted: Size) -> tuple[int, int, int, int]:
    """The largest centred part of ``own`` (each side at least 2) with ``wanted``'s aspect: (left, top, width, height),
    all even."""
    if own.width * wanted.height > wanted.width * own.height:
        width, height = own.height * wanted.width // wanted.height, own.height
    else:
        width, height = own.width, own.width * wanted.height // wanted.width
    width, height = max(width & ~1, 2), max(height & ~1, 2)
    return (own.width - width) // 2 & ~1, (own.height - height) // 2 & ~1, width, height


def filled(picture: Pixels, size: Size, enlarging: int = cv2.INTER_CUBIC) -> Pixels:
    """A packed picture (height, width, channels) filling ``size``; a view of it where cutting is enough.

    Args:
        enlarging: OpenCV's interpolation for pictures that are too small.
    """
    height, width = picture.shape[:2]
    if min(height, width) >= 2:
        left, top, width, height = window(Size(width, height), size)
        picture = picture[top:top + height, left:left + width]
    return scaled(picture, size, enlarging)


def scaled(picture: Pixels, size: Size, enlarging: int = cv2.INTER_CUBIC) -> Pixels:
    """A packed picture (height, width, channels) stretched to ``size``; itself if it has that size."""
    height, width = picture.shape[:2]
    if (width, height) == (size.width, size.height):
        return picture
    shrinking = height > size.height or width > size.width
    return cv2.resize(picture, (size.width, size.height), interpolation=cv2.INTER_AREA if shrinking else enlarging)


@dataclass(frozen=True, slots=True)
class Cover:
    """Scale to ``scaled``, then cut ``size`` out of it at (``x``, ``y``). All of them even."""

    scaled: Size
    x: int
    y: int
    size: Size


def cover(own: Size, wanted: Size) -> Cover:
    """The smallest even scaling of ``own`` that covers ``wanted`` and keeps the aspect within rounding.

    Args:
        own: what there is, each side at least 1.
        wanted: what is needed, even.
    """
    area = own.width * own.height
    scale = max(wanted.width * own.height, wanted.height * own.width)  # in units of 1 / area
    whole = Size(_even_near(own.width * scale, area, wanted.width), _even_near(own.height * scale, area, wanted.height))
    return Cover(whole, _half_even(whole.width - wanted.width), _half_even(whole.height - wanted.height), wanted)


def _even_near(numerator: int, denominator: int, least: int) -> int:
    """The even number nearest to the fraction, but not below ``least``."""
    return max(least, (numerator + denominator) // (2 * denominator) * 2)


def _half_even(overhang: int) -> int:
    """Half of it, rounded down to an even number (chroma sits on every second pixel)."""
    return overhang // 4 * 2


def evened(own: Size) -> Cover:
    """``own`` without its last column or row where it is odd."""
    return Cover(own, 0, 0, own.even())


def within(own: Size, longest: int) -> Size:
    """``own`` scaled down, if need be, until no side is longer than ``longest``; even."""
    scale = max(own.width, own.height, longest)
    return Size(_even_near(own.width * longest, scale, 2), _even_near(own.height * longest, scale, 2)) \
        if scale > longest else own.even()
