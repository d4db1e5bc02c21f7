"""The icons, drawn here: each says its state by its shape as well as by its colour, at 16 pixels, on light and dark."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image, ImageDraw

from vcam.app.tray.look import Look

SIZE = 64
_FINER = 8
_GRID = 32.0
_WHITE = (255, 255, 255, 255)
# Each stands out from a white panel and from a black one.
_TILES = {Look.LIVE: (15, 157, 118, 255), Look.PAUSED: (214, 132, 0, 255), Look.PROBLEM: (216, 52, 52, 255),
          Look.IDLE: (124, 134, 148, 255)}


def draw(look: Look, size: int = SIZE) -> Image.Image:
    """An RGBA picture of ``size`` × ``size`` pixels."""
    finer = size * _FINER
    picture = Image.new("RGBA", (finer, finer), (0, 0, 0, 0))
    pen = _Pen(picture, finer / _GRID)
    _SHAPES[look](pen, _TILES[look])
    return picture.resize((size, size), Image.Resampling.LANCZOS)


class _Pen:
    """Draws in units of a 32 × 32 grid."""

    def __init__(self, picture: Image.Image, unit: float) -> None:
        self._draw, self._unit = ImageDraw.Draw(picture), unit

    def box(self, left: float, top: float, right: float, bottom: float, radius: float, colour: tuple[int, ...]) -> None:
        self._draw.rounded_rectangle(self._scaled(left, top, right, bottom), radius * self._unit, colour)

    def frame(self, left: float, top: float, right: float, bottom: float, radius: float, width: float,
              colour: tuple[int, ...]) -> None:
        self._draw.rounded_rectangle(self._scaled(left, top, right, bottom), radius * self._unit, None, colour,
                                     round(width * self._unit))

    def oval(self, left: float, top: float, right: float, bottom: float, colour: tuple[int, ...]) -> None:
        self._draw.ellipse(self._scaled(left, top, right, bottom), colour)

    def half(self, left: float, top: float, right: float, bottom: float, colour: tuple[int, ...]) -> None:
        """The upper half of an ellipse."""
        self._draw.pieslice(self._scaled(left, top, right, bottom), 180, 360, colour)

    def _scaled(self, *numbers: float) -> list[float]:
        return [number * self._unit for number in numbers]


def _person(pen: _Pen, colour: tuple[int, ...]) -> None:
    pen.oval(10.5, 5.5, 21.5, 16.5, colour)
    pen.half(5.5, 18, 26.5, 38, colour)


def _live(pen: _Pen, tile: tuple[int, ...]) -> None:
    pen.box(1, 1, 31, 31, 7, tile)
    _person(pen, _WHITE)


def _paused(pen: _Pen, tile: tuple[int, ...]) -> None:
    pen.box(1, 1, 31, 31, 7, tile)
    pen.box(9, 8, 14, 24, 1.5, _WHITE)
    pen.box(18, 8, 23, 24, 1.5, _WHITE)


def _problem(pen: _Pen, tile: tuple[int, ...]) -> None:
    pen.box(1, 1, 31, 31, 7, tile)
    pen.box(13.5, 6, 18.5, 19, 2, _WHITE)
    pen.oval(13, 21, 19, 27, _WHITE)


def _idle(pen: _Pen, tile: tuple[int, ...]) -> None:
    """The tile is asleep: only its frame is filled."""
    pen.frame(1, 1, 31, 31, 7, 3, tile)
    pen.oval(11.5, 7.5, 20.5, 16.5, tile)
    pen.half(7.5, 18.5, 24.5, 35.5, tile)


_SHAPES: dict[Look, Callable[[_Pen, tuple[int, ...]], None]] = {
    Look.LIVE: _live, Look.PAUSED: _paused, Look.PROBLEM: _problem, Look.IDLE: _idle}
