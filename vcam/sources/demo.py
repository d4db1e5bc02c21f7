"""An animated portrait in a cluttered room, for machines without a camera."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np

from vcam.frame import FloatArray, FramePool, Pixels, i420_planes, i420_shape
from vcam.ops.colour import bgr_to_i420, yuv_from_rgb
from vcam.ops.jit import kernel
from vcam.sources import SourceOptions
from vcam.sources.demo_pictures import GRAIN, layers, person, room
from vcam.sources.steady import SteadySource

# Places in demo_person.webp, in its pixels: top of the hair, where the frame ends below, the axis of the head.
_HAIR, _GROUND, _AXIS = 32, 680, 430
_TALL, _AT = 0.79, 0.47  # of the frame: her height, and where her head is across
_SHIFTS = 64
_COARSE, _BAND = 8, 16  # pixels of a cell, cells of a band: of the boxes she is drawn in


class DemoSource(SteadySource):
    """A public-domain portrait (vcam/assets/NOTICE.md) swaying in front of a still room, with a sensor's noise.

    The picture depends on nothing but the frame's number, the rate, the size and the colour.

    Args:
        argument: unused.
        options: 1280x720 at 30 frames a second unless they say otherwise.
        pool: where frame memory comes from.
    """

    def __init__(self, argument: str, options: SourceOptions, pool: FramePool) -> None:
        super().__init__("demo", options, pool)
        self._scene: _Scene | None = None

    def prepare(self) -> None:
        self._scene = _Scene(self)

    def render(self, seq: int, pts: Fraction) -> tuple[Pixels, int]:
        assert self._scene is not None
        pixels = self.pool.take(*i420_shape(self.size))
        self._scene.draw(seq, float(pts), pixels)
        return pixels, 0

    def release(self) -> None:
        self._scene = None


class _Scene:
    """Everything of one size and colour that can be computed beforehand."""

    def __init__(self, source: DemoSource) -> None:
        size = self._size = source.size
        self._room = source.pool.take(*i420_shape(size))
        bgr_to_i420(room(size), source.colour, self._room)
        self._scale = _TALL * size.height / (_GROUND - _HAIR)
        self._layers = layers(person(self._scale), yuv_from_rgb(source.colour))
        noise = np.random.default_rng(1).normal(GRAIN, 0.8, (size.height + _SHIFTS, size.width + _SHIFTS))
        self._noise = np.clip(np.rint(noise), 0, 2 * GRAIN).astype(np.uint8)
        luma = i420_planes(self._room)[0]
        np.maximum(luma, 16 + GRAIN, out=luma)
        luma -= GRAIN
        self._boxes = [box for box in self._reach() if box.left < box.right]
        most = max((box.right - box.left) * (box.bottom - box.top) for box in self._boxes)
        self._scratch = np.empty((2, most), np.uint8)

    def draw(self, seq: int, seconds: float, out: Pixels) -> None:
        """Frame ``seq`` into ``out``, I420."""
        np.copyto(out, self._room)
        y, u, v = i420_planes(out)
        place = self._pose(seconds)
        # A chroma sample sits in the middle of its four pixels.
        halved = np.column_stack([place[:, :2], (place[:, 2] + place[:, :2] @ [0.5, 0.5] - 0.5) / 2])
        full, half = self._layers
        for box in self._boxes:
            self._over(full, place, box, (y,))
            self._over(half, halved, box.halved(), (u, v))
        row, column = (seq * 29) % _SHIFTS, (seq * 47 + seq // _SHIFTS * 5) % _SHIFTS
        cv2.add(y, self._noise[row:row + self._size.height, column:column + self._size.width], y)

    def _over(self, stack: list[Pixels], place: FloatArray, box: _Box, planes: tuple[Pixels, ...]) -> None:
        """Lay planes of her over the same planes of the room, within a box; the first layer is alpha."""
        matrix = place.copy()
        matrix[:, 2] -= (box.left, box.top)
        targets = [plane[box.top:box.bottom, box.left:box.right] for plane in planes]
        if box.opaque:
            for layer, target in zip(stack[1:], targets, strict=True):
                _warp(layer, matrix, target)
            return
        shape = targets[0].shape
        alpha, colour = (memory[:shape[0] * shape[1]].reshape(shape) for memory in self._scratch)
        _warp(stack[0], matrix, alpha)
        for layer, target in zip(stack[1:], targets, strict=True):
            _warp(layer, matrix, colour)
            _lay(colour, alpha, target)

    def _pose(self, seconds: float) -> FloatArray:
        """Matrix (2, 3) from her picture to the frame: sway, nod, lean, breath, as in a talk."""
        def wave(hertz: float, phase: float) -> float:
            return math.sin(2 * math.pi * hertz * seconds + phase)

        height = self._size.height
        tilt = math.radians(0.9 * wave(0.11, 0.5) + 0.45 * wave(0.37, 2.0))
        lean = 0.018 * wave(0.083, 0.0) + 0.006 * wave(0.29, 1.0)
        zoom = 1 + 0.004 * wave(0.25, 0.0) + 0.012 * wave(0.061, 1.5)
        sway = height * (0.010 * wave(0.13, 0.3) + 0.004 * wave(0.41, 1.0))
        nod = height * 0.0018 * wave(0.9, 0.0) * (1 + wave(0.17, 2.0))
        turn = zoom * np.array([[math.cos(tilt), lean - math.sin(tilt)], [math.sin(tilt), math.cos(tilt)]])
        foot = self._scale * np.array([_AXIS, _GROUND])
        aim = np.array([_AT * self._size.width + sway, height + nod])
        return np.column_stack([turn, aim - turn @ foot]).astype(np.float32)

    def _reach(self) -> Iterator[_Box]:
        """Boxes that hold all she can ever cover, apart from those that she always fills; some may be empty."""
        ever, always = self._coverage()
        width, height = self._size.width, self._size.height
        for row in range(0, len(ever), _BAND):
            seen = np.flatnonzero(ever[row:row + _BAND].any(axis=0))
            if not seen.size:
                continue
            left, right = int(seen[0]) * _COARSE, min(width, (int(seen[-1]) + 1) * _COARSE)
            start, stop = (_COARSE * side for side in _longest_run(always[row:row + _BAND].min(axis=0)))
            top, bottom = row * _COARSE, min(height, (row + _BAND) * _COARSE)
            if start == stop:
                yield _Box(left, top, right, bottom)
                continue
            yield _Box(left, top, start, bottom)
            yield _Box(start, top, min(stop, width), bottom, opaque=True)
            yield _Box(stop, top, right, bottom)

    def _coverage(self) -> tuple[Pixels, Pixels]:
        """For every cell of the frame, nonzero: she may get there; she never leaves any of it."""
        cells = (-(-self._size.width // _COARSE), -(-self._size.height // _COARSE))
        ever, always = np.zeros(cells[::-1], np.uint8), np.full(cells[::-1], 255, np.uint8)
        for step in range(600):
            patch = cv2.warpAffine(self._layers[0][0], self._pose(step / 4) / _COARSE, cells, flags=cv2.INTER_NEAREST)
            np.maximum(ever, patch, out=ever)
            np.minimum(always, patch, out=always)
        margin = np.ones((5, 5), np.uint8)
        return np.asarray(cv2.dilate(ever, margin), np.uint8), np.asarray(cv2.erode(always, margin) == 255, np.uint8)


@dataclass(frozen=True, slots=True)
class _Box:
    """Where she is drawn; all sides even. ``opaque``: nothing of the room shows there."""

    left: int
    top: int
    right: int
    bottom: int
    opaque: bool = False

    def halved(self) -> _Box:
        return _Box(self.left // 2, self.top // 2, self.right // 2, self.bottom // 2, self.opaque)


def _longest_run(flags: Pixels) -> tuple[int, int]:
    """Begin and end of the longest run of nonzero values; equal if there is none."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
    if not len(edges):
        return 0, 0
    begin, end = edges[np.argmax(edges[:, 1] - edges[:, 0])]
    return int(begin), int(end)


def _warp(layer: Pixels, place: FloatArray, out: Pixels) -> None:
    cv2.warpAffine(layer, place, (out.shape[1], out.shape[0]), out, cv2.INTER_LINEAR, cv2.BORDER_CONSTANT, (0,))


@kernel
def _lay(colour: Pixels, alpha: Pixels, target: Pixels) -> None:
    """``target`` = ``colour`` (weighted already) + ``target`` where ``alpha`` leaves it; all (rows, columns)."""
    rows, columns = target.shape
    for row in range(np.uint32(rows)):
        for x in range(np.uint32(columns)):
            rest = np.uint16(np.uint16(target[row, x]) * np.uint16(255 - alpha[row, x]) + np.uint16(128))
            rest = np.uint16(rest + (rest >> np.uint16(8))) >> np.uint16(8)  # divided by 255
            target[row, x] = np.uint8(colour[row, x] + np.uint8(rest))
