"""An animated portrait in a cluttered room, for machines without a camera."""

from __future__ import annotations

import math
from fractions import Fraction
from importlib.resources import as_file, files

import cv2
import numpy as np
from PIL import Image

from vcam.errors import SourceError
from vcam.frame import FloatArray, FramePool, Pixels, Size, i420_planes, i420_shape
from vcam.ops.colour import bgr_to_i420, yuv_from_rgb
from vcam.ops.jit import kernel
from vcam.sources import SourceOptions
from vcam.sources.cover import cover
from vcam.sources.steady import SteadySource

# Places in demo_person.webp, in its pixels: top of the hair, where the frame ends below, the axis of the head.
_HAIR, _GROUND, _AXIS = 32, 680, 430
_TALL, _AT = 0.79, 0.47  # of the frame: her height, and where her head is across
_GRAIN = 3  # luma steps, the most that the sensor noise adds or takes
_SHIFTS = 64
_BAND = 16  # of the boxes she is drawn in, eights of rows


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
        bgr_to_i420(_room(size), source.colour, self._room)
        self._scale = _TALL * size.height / (_GROUND - _HAIR)
        self._layers = _layers(_person(self._scale), yuv_from_rgb(source.colour))
        noise = np.random.default_rng(1).normal(_GRAIN, 0.8, (size.height + _SHIFTS, size.width + _SHIFTS))
        self._noise = np.clip(np.rint(noise), 0, 2 * _GRAIN).astype(np.uint8)
        luma = i420_planes(self._room)[0]
        np.maximum(luma, 16 + _GRAIN, out=luma)
        luma -= _GRAIN
        self._boxes = self._reach()
        most = max((box[2] - box[0]) * (box[3] - box[1]) for box in self._boxes)
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
            self._over(half, halved, tuple(side // 2 for side in box), (u, v))
        row, column = (seq * 29) % _SHIFTS, (seq * 47 + seq // _SHIFTS * 5) % _SHIFTS
        cv2.add(y, self._noise[row:row + self._size.height, column:column + self._size.width], y)

    def _over(self, layers: list[Pixels], place: FloatArray, box: tuple[int, ...], planes: tuple[Pixels, ...]) -> None:
        """Lay planes of her over the same planes of the room, within a box; the first layer is alpha."""
        left, top, right, bottom = box
        matrix = place.copy()
        matrix[:, 2] -= (left, top)
        shape = (bottom - top, right - left)
        alpha, colour = (memory[:shape[0] * shape[1]].reshape(shape) for memory in self._scratch)
        _warp(layers[0], matrix, alpha)
        for layer, plane in zip(layers[1:], planes, strict=True):
            _warp(layer, matrix, colour)
            _lay(colour, alpha, plane[top:bottom, left:right])

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

    def _reach(self) -> list[tuple[int, int, int, int]]:
        """Left, top, right, bottom of boxes that hold all she can ever cover; even, within the frame."""
        coarse = 8
        size = (-(-self._size.width // coarse), -(-self._size.height // coarse))
        covered = np.zeros((size[1], size[0]), np.uint8)
        for step in range(600):
            place = self._pose(step / 4)
            place[:, :] /= coarse
            patch = cv2.warpAffine(self._layers[0][0], place, size, flags=cv2.INTER_NEAREST)
            np.maximum(covered, patch, out=covered)
        covered = np.asarray(cv2.dilate(covered, np.ones((5, 5), np.uint8)), np.uint8)
        boxes = []
        for top in range(0, size[1], _BAND):
            columns = np.flatnonzero(covered[top:top + _BAND].any(axis=0))
            if columns.size:
                boxes.append((int(columns[0]) * coarse, top * coarse,
                              min(self._size.width, (int(columns[-1]) + 1) * coarse),
                              min(self._size.height, (top + _BAND) * coarse)))
        return boxes


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


def _asset(name: str) -> Image.Image:
    with as_file(files("vcam") / "assets" / name) as path:
        try:
            with Image.open(path) as image:
                image.load()
                return image
        except OSError as error:
            raise SourceError(f"the demo's picture {name} cannot be read: {error}",
                              "pip install --force-reinstall vcam") from error


def _room(size: Size) -> Pixels:
    """The room as BGR, filling ``size``."""
    image = _asset("demo_room.jpg").convert("RGB")
    plan = cover(Size(*image.size), size)
    scaled = image.resize((plan.scaled.width, plan.scaled.height), Image.Resampling.BICUBIC)
    cut = scaled.crop((plan.x, plan.y, plan.x + size.width, plan.y + size.height))
    return np.ascontiguousarray(np.asarray(cut)[:, :, ::-1])


def _person(scale: float) -> FloatArray:
    """Her picture at the size it is shown in: red, green, blue, each weighted by alpha (0–1), and alpha."""
    picture = np.asarray(_asset("demo_person.webp").convert("RGBA"), np.float32)
    picture[:, :, :3] *= picture[:, :, 3:] / 255
    picture[:, :, 3] /= 255
    rows, columns = (max(2, round(side * scale / 2) * 2) for side in picture.shape[:2])
    resized = cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    resized[:, :, 3] = resized[:, :, 3].clip(0, 1)
    return np.asarray(resized, np.float32)


def _layers(person: FloatArray, matrix: FloatArray) -> tuple[list[Pixels], list[Pixels]]:
    """(alpha, Y) of (rows, columns), and (alpha, U, V) of half of both; the colours are weighted by alpha."""
    alpha = person[:, :, 3]
    luma, *chroma = (person[:, :, :3] @ row[:3] + row[3] * alpha for row in matrix)
    half = (alpha.shape[1] // 2, alpha.shape[0] // 2)
    small = [cv2.resize(plane, half, interpolation=cv2.INTER_AREA) for plane in (alpha * 255, *chroma)]
    return [_bytes(plane) for plane in (alpha * 255, np.maximum(luma - _GRAIN * alpha, 16 * alpha))], [_bytes(np.asarray(p)) for p in small]


def _bytes(plane: FloatArray) -> Pixels:
    return np.clip(np.rint(plane), 0, 255).astype(np.uint8)
