"""The verbs, put together from kernels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from vcam.errors import SegmenterError
from vcam.frame import Colour, FloatArray, Frame, Matte, Pixels, Region, Size, i420_shape
from vcam.ops import DeviceArray, EdgeSettings, Guide, Remembered, TemporalSettings, Tone, grid_factor
from vcam.ops.colour import rgb_from_yuv
from vcam.ops.cpu import CpuOps
from vcam.ops.evidence import _TOUCH
from vcam.ops.gpu import blur, outline, pieces, tone
from vcam.ops.gpu.device import Device, Tables, Uploads
from vcam.ops.gpu.plate import Plate, compare
from vcam.ops.second import _FADE, SecondLook

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def _working(verb: Callable[Concatenate[GpuOps, Arguments], Result],
             ) -> Callable[Concatenate[GpuOps, Arguments], Result]:
    """The verb, within ``device.working()``."""
    @wraps(verb)
    def call(ops: GpuOps, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        with ops.device.working():
            return verb(ops, *args, **kwargs)

    return call


class GpuOps:
    """See ``vcam.ops.Ops``. Arrays are the device's, also those of a blurred background and of a toned frame; a
    network's answer and any background may come from the host."""

    def __init__(self, device: Device) -> None:
        self.name = device.name
        self.device = device
        self._host = CpuOps()
        self._tables = Tables(device)
        self._frames = Uploads(device, 1)
        self._backgrounds = Uploads(device, 2)

    def prepare(self, frame: Frame, size: Size, colour: Colour, mirror: bool) -> Frame:
        return self._host.prepare(frame, size, colour, mirror)

    @_working
    def network_input(self, frame: Frame, region: Region, size: Size, scale: float, offset: float,
                      planar: bool) -> DeviceArray:
        shape = (1, 3, size.height, size.width) if planar else (1, size.height, size.width, 3)
        out = self.device.xp.empty(shape, np.float32)
        matrix = self._tables.get(("rgb", frame.colour), lambda: rgb_from_yuv(frame.colour))
        self.device.run("network_input", (size.height, size.width), self._uploaded(frame), frame.size.width,
                        frame.size.height, region.left, region.top, region.width, region.height, matrix, scale, offset,
                        planar, out, size.width, size.height)
        return out

    @_working
    def to_host(self, array: DeviceArray) -> NDArray[Any]:
        return array if self._is_host(array) else self.device.download(array)

    @_working
    def to_device(self, array: NDArray[Any]) -> DeviceArray:
        return self.device.upload(array) if self._is_host(array) else array

    @_working
    def guide(self, frame: Frame) -> Guide:
        factor, size = grid_factor(frame.size), frame.size
        levels = blur.grid_colours(self.device, self._uploaded(frame), size.width, size.height, factor)
        return Guide(levels[factor], factor, levels, frame.colour, size)

    @_working
    def evidence(self, probability: DeviceArray, region: Region, guide: Guide) -> DeviceArray:
        device, xp = self.device, self.device.xp
        answer = xp.ascontiguousarray(self.to_device(probability), np.float32)
        wrong = xp.zeros(1, np.int32)
        device.run("count_wrong", (answer.size,), answer, answer.size, wrong)
        rows, columns = guide.planes.shape[1:]
        out = xp.empty((rows, columns), np.float32)
        device.run("place", (rows, columns), answer, answer.shape[1], answer.shape[0], *_part(region, guide.factor),
                   out, columns, rows)
        if device.download(wrong)[0]:
            values = device.download(answer)
            raise SegmenterError(f"the network returned values from {np.nanmin(values):.3g} to "
                                 f"{np.nanmax(values):.3g}, not probabilities", "try another model: vcam models")
        return out

    @_working
    def joined(self, inside: DeviceArray, region: Region, outside: DeviceArray, guide: Guide) -> DeviceArray:
        rows, columns = outside.shape
        out = self.device.xp.empty((rows, columns), np.float32)
        self.device.run("joined", (rows, columns), inside, outside, *_part(region, guide.factor), out, columns, rows)
        return out

    @_working
    def extent(self, found: DeviceArray, guide: Guide, upper: float = 1.0) -> Region | None:
        left, top, right, bottom = pieces.extent(self.device, found, upper)
        if right == left:
            return None
        factor, size = guide.factor, guide.size
        right, bottom = min(right * factor, size.width), min(bottom * factor, size.height)
        return Region(left * factor, top * factor, right - left * factor, bottom - top * factor)

    @_working
    def second_look(self, first: DeviceArray, second: DeviceArray, region: Region, guide: Guide) -> SecondLook:
        rows, columns = first.shape
        part = _part(region, guide.factor)
        _, top, _, bottom = part
        fading = max(int((bottom - top) * _FADE), 1) if bottom < rows else 0
        difference = self.device.xp.empty((rows, columns), np.float32)
        self.device.run("difference_of", (rows, columns), first, second, *part, fading, difference, columns, rows)
        return SecondLook(difference, first, guide.planes)

    @_working
    def corrected(self, first: DeviceArray, guide: Guide, look: SecondLook) -> DeviceArray:
        if look.first.shape != first.shape:
            return first
        rows, columns = first.shape
        out = self.device.xp.empty((rows, columns), np.float32)
        self.device.run("correct_by_look", (rows, columns), first, look.first, look.difference, guide.planes,
                        look.guide, out, columns, rows)
        return out

    @_working
    def touches_edge(self, found: DeviceArray, region: Region, guide: Guide) -> bool:
        counts = self.device.xp.zeros(4, np.int32)
        left, top, right, bottom = _part(region, guide.factor)
        self.device.run("count_on_edges", (max(right - left, bottom - top),), found, found.shape[1], left, top, right,
                        bottom, counts)
        inside = (region.left > 0, region.top > 0, region.right < guide.size.width, region.bottom < guide.size.height)
        return any(side and count >= _TOUCH for side, count in zip(inside, self.device.download(counts), strict=True))

    @_working
    def compare(self, found: DeviceArray, guide: Guide, plate: Plate | None,
                empty: bool) -> tuple[DeviceArray, Plate]:
        if plate is None or plate.seen.shape != found.shape:
            plate = Plate.nothing(self.device, *found.shape)
        return compare(self.device, self._tables, found, guide, plate, empty), plate

    @_working
    def follow(self, now: DeviceArray, guide: Guide, last: Remembered | None, seconds: float,
               settings: TemporalSettings) -> tuple[DeviceArray, Remembered]:
        if last is None or last.guide.planes.shape != guide.planes.shape:
            last = Remembered(guide, now)  # nothing moved since: alpha is the eased probability
        weight = 1 - (1 - settings.still_weight) ** (max(seconds, 0.0) * 30)
        xp, run, shape = self.device.xp, self.device.run, now.shape
        filtered, motion, alpha, softened = (xp.empty(shape, np.float32) for _ in range(4))
        run("follow", shape, now, last.probability, guide.planes, last.guide.planes, weight, settings.noise,
            settings.gain, settings.centre, settings.half_width, filtered, motion, alpha, shape[1], shape[0])
        run("soften", shape, alpha, motion, softened, shape[1], shape[0])
        return softened, Remembered(guide, filtered)

    @_working
    def matte(self, alpha: DeviceArray, guide: Guide, seq: int, edges: EdgeSettings) -> Matte:
        return outline.matte(self.device, self._tables, alpha, guide, seq, edges)

    @_working
    def mean_colours(self, guide: Guide, matte: Matte, background: DeviceArray) -> tuple[FloatArray, FloatArray]:
        return tone.mean_colours(self.device, guide, matte.alpha, self._background(background))

    @_working
    def toned(self, frame: Frame, matte: Matte, background: DeviceArray, light: Tone) -> Frame:
        pixels = tone.toned(self.device, self._uploaded(frame), matte.factor, matte.alpha,
                            self._background(background), light)
        return replace(frame, pixels=pixels)

    @_working
    def composite(self, frame: Frame, matte: Matte, background: DeviceArray) -> Pixels:
        out = self.device.xp.empty(frame.pixels.shape, np.uint8)
        height, width = matte.size.height, matte.size.width
        rows, columns = matte.alpha.shape
        self.device.run("blend", (height // 2, width // 2), self._uploaded(frame), self._background(background), width,
                        height, matte.coefficients, matte.spill, matte.cells, columns, rows, matte.factor, out)
        return self.device.download(out)

    @_working
    def full_alpha(self, frame: Frame, matte: Matte) -> Pixels:
        height, width = matte.size.height, matte.size.width
        rows, columns = matte.alpha.shape
        out = self.device.xp.empty((height, width), np.uint8)
        self.device.run("full_alpha", (height, width), self._uploaded(frame), width, height, matte.coefficients,
                        matte.cells, columns, rows, matte.factor, out)
        return self.device.download(out)

    @_working
    def blurred_background(self, guide: Guide, matte: Matte, sigma: float) -> DeviceArray:
        out = self.device.xp.empty(i420_shape(guide.size), np.uint8)
        blur.blurred_background(self.device, self._tables, guide, matte.alpha, sigma, out)
        return out

    def _uploaded(self, frame: Frame) -> DeviceArray:
        # By the frame, not by its pixels: a source may write the next picture to the same memory.
        return self._frames.get(frame, frame.pixels) if self._is_host(frame.pixels) else frame.pixels

    def _background(self, pixels: DeviceArray) -> DeviceArray:
        return self._backgrounds.get(pixels, pixels) if self._is_host(pixels) else pixels

    def _is_host(self, array: DeviceArray) -> bool:
        return not isinstance(array, self.device.xp.ndarray)


def _part(region: Region, factor: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a region on the grid."""
    return region.left // factor, region.top // factor, -(-region.right // factor), -(-region.bottom // factor)
