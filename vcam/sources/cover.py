"""How a picture of one size fills another: scaled to cover it, the overhang cut off evenly at both sides."""

from __future__ import annotations

from dataclasses import dataclass

from vcam.frame import Size


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
    scaled = Size(_even_near(own.width * scale, area, wanted.width),
                  _even_near(own.height * scale, area, wanted.height))
    return Cover(scaled, _half_even(scaled.width - wanted.width), _half_even(scaled.height - wanted.height), wanted)


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
