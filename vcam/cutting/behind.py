"""What is shown behind the person, for formats without transparency or because the user wants it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from PIL import ImageColor

from vcam.backdrops import VIDEOS, Fit, number
from vcam.backdrops.blur import DEFAULT_STRENGTH
from vcam.backdrops.library import find
from vcam.backdrops.pictures import fitted, load_bgr
from vcam.cutting.developing import Shot
from vcam.cutting.film import Facts, read_facts, shots
from vcam.errors import UsageError
from vcam.frame import Pixels, Size
from vcam.registry import split

_GREEN, _USUAL = "#00b140", "#35404d"
_STRONGEST = 0.05  # the sigma of the strongest blur, as a share of the height
_BLUR_HEIGHT = 270  # a blur is computed on a picture of about this height


class Behind(Protocol):
    """Gives the background of a shot at ``seconds`` of the film: BGR (height, width, 3)."""

    def at(self, seconds: Fraction, picture: Pixels, alpha: Pixels) -> Pixels: ...


def make_behind(spec: str, size: Size, fit: Fit = Fit.COVER) -> Behind:
    """The background that ``spec`` names, as for ``vcam run``, for pictures of ``size``.

    Raises:
        UsageError, BackdropError, CutoutError: unknown, or it cannot be read.
    """
    scheme, argument = split(spec)
    if not scheme and spec in ("blur", "green", "colour", "color"):
        scheme, argument = spec, ""
    if scheme == "blur":
        return _Blur(number(argument, DEFAULT_STRENGTH, 1, 100, "blur strength"), size)
    if scheme in ("colour", "color", "green"):
        return _Still(_coloured(argument or (_GREEN if scheme == "green" else _USUAL), size))
    if scheme not in ("", "picture", "video"):
        raise UsageError(f"background '{spec}' is not for a cut-out", "try blur:60, colour:#204060, green, a picture "
                         "or a video")
    path = find(argument if scheme else spec)
    if scheme == "video" or path.suffix.lower() in VIDEOS:
        return _Film(path, size, fit)
    return _Still(fitted(load_bgr(path), size, fit))


def over(colours: Pixels, alpha: Pixels, background: Pixels) -> Pixels:
    """The person over a background, BGR: colours are straight."""
    share = alpha.astype(np.float32) * np.float32(1 / 255)
    return cv2.blendLinear(colours, background, share, 1 - share)


def _coloured(name: str, size: Size) -> Pixels:
    try:
        red, green, blue = ImageColor.getrgb(name)[:3]
    except ValueError as error:
        raise UsageError(f"'{name}' is not a colour", "try colour:#204060 or colour:navy") from error
    return np.full((size.height, size.width, 3), (blue, green, red), np.uint8)


class _Still:
    def __init__(self, picture: Pixels) -> None:
        self._picture = picture

    def at(self, seconds: Fraction, picture: Pixels, alpha: Pixels) -> Pixels:
        del seconds, picture, alpha
        return self._picture


class _Blur:
    """The room out of focus, as if the person were not there: blurred without the person's weight."""

    def __init__(self, strength: float, size: Size) -> None:
        step = max(round(size.height / _BLUR_HEIGHT), 1)
        self._small = (max(size.width // step, 1), max(size.height // step, 1))
        self._sigma = max(_STRONGEST * self._small[1] * strength / 100, 0.5)

    def at(self, seconds: Fraction, picture: Pixels, alpha: Pixels) -> Pixels:
        del seconds
        small = cv2.resize(picture, self._small, interpolation=cv2.INTER_AREA).astype(np.float32)
        room = 255 - cv2.dilate(cv2.resize(alpha, self._small, interpolation=cv2.INTER_AREA), np.ones((3, 3), np.uint8))
        weight = room.astype(np.float32)[..., None] / 255 + np.float32(1e-3)
        total = cv2.GaussianBlur(small * weight, (0, 0), self._sigma, borderType=cv2.BORDER_REPLICATE)
        sums = cv2.GaussianBlur(weight, (0, 0), self._sigma, borderType=cv2.BORDER_REPLICATE)
        blurred = np.clip(np.rint(total / sums[..., None]), 0, 255).astype(np.uint8)
        return cv2.resize(blurred, picture.shape[1::-1], interpolation=cv2.INTER_CUBIC)


class _Film:
    """A film that starts again at its end; any moment of it can be asked for, later ones cheaply."""

    def __init__(self, path: Path, size: Size, fit: Fit) -> None:
        self._facts: Facts = read_facts(path)
        self._size, self._fit = size, fit
        self._length = (self._facts.end - self._facts.times[0]) * self._facts.tick
        self._pairs: Iterator[tuple[Shot, Shot | None]] = iter(())
        self._shown: tuple[Shot, Shot | None] | None = None

    def at(self, seconds: Fraction, picture: Pixels, alpha: Pixels) -> Pixels:
        del picture, alpha
        tick = self._facts.times[0] + int(max(seconds, Fraction(0)) % self._length / self._facts.tick)
        if self._shown is None or tick < self._shown[0].tick:
            self._seek(tick)
        while self._shown is not None and self._shown[1] is not None and self._shown[1].tick <= tick:
            self._shown = next(self._pairs)
        assert self._shown is not None
        return fitted(self._shown[0].bgr, self._size, self._fit)

    def _seek(self, tick: int) -> None:
        times = self._facts.times
        begin = max((time for time in times if time <= tick), default=times[0])
        self._pairs = _pairs(shots(self._facts, begin, self._facts.end))
        self._shown = next(self._pairs)


def _pairs(film: Iterator[Shot]) -> Iterator[tuple[Shot, Shot | None]]:
    """Each shot with the one after it."""

    def with_end() -> Iterator[Shot | None]:
        yield from film
        yield None

    for one, other in pairwise(with_end()):
        assert one is not None
        yield one, other
