"""The pixel verbs on a CPU: OpenCV where it is best, numba kernels where nothing ready stays in YUV 4:2:0."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vcam.frame import (
    MIXED,
    Colour,
    FloatArray,
    Frame,
    FramePool,
    Matte,
    PixelFormat,
    Pixels,
    Region,
    Size,
    i420_planes,
    i420_shape,
)
from vcam.ops import (
    EdgeSettings,
    Guide,
    Remembered,
    TemporalSettings,
    Tone,
    envelope,
    evidence,
    grid_factor,
    guided,
    pyramid,
    spill,
    temporal,
    tiles,
    tone,
)
from vcam.ops.blur import blurred_background
from vcam.ops.colour import bgr_to_i420, recolour
from vcam.ops.convert import nv12_to_i420, yuyv_to_i420
from vcam.ops.fitting import window
from vcam.ops.plate import Learnt, compare
from vcam.ops.sampling import network_input
from vcam.ops.second import SecondLook, corrected, rows_and_columns, taken


class CpuOps:
    """See ``vcam.ops.Ops``."""

    name = "CPU"

    def __init__(self) -> None:
        cv2.setNumThreads(1)  # a second thread saves little time and doubles the CPU
        self._pool = FramePool()
        self._tiles = tiles.scratch()
        self._model = guided.scratch()
        self._ridges: dict[tuple[Colour, float], FloatArray] = {}

    def prepare(self, frame: Frame, size: Size, colour: Colour, mirror: bool) -> Frame:
        pixels, has = self._as_i420(frame, colour)
        if frame.size != size:
            pixels = self._cover(pixels, size)
        if mirror:
            pixels = self._mirrored(pixels)
        if has is not colour:
            target = self._pool.take(*pixels.shape)
            recolour(pixels, has, colour, target)
            pixels = target
        if pixels is frame.pixels:
            return frame
        return Frame(pixels, PixelFormat.I420, frame.seq, frame.pts, frame.captured_ns, colour)

    def network_input(self, frame: Frame, region: Region, size: Size, scale: float, offset: float,
                      planar: bool) -> FloatArray:
        return network_input(frame, region, size, scale, offset, planar)

    def to_host(self, array: NDArray[Any]) -> NDArray[Any]:
        return array

    def to_device(self, array: NDArray[Any]) -> NDArray[Any]:
        return array

    def guide(self, frame: Frame) -> Guide:
        factor = grid_factor(frame.size)
        levels = pyramid.build(frame.planes(), factor)
        return Guide(np.stack(levels[factor]), factor, levels, frame.colour, frame.size)

    def evidence(self, probability: FloatArray, region: Region, guide: Guide) -> FloatArray:
        return evidence.place(probability, region, guide.planes.shape[1:], guide.factor)

    def joined(self, inside: FloatArray, region: Region, outside: FloatArray, guide: Guide) -> FloatArray:
        result = outside.copy()
        evidence.part(result, region, guide.factor)[:] = evidence.part(inside, region, guide.factor)
        return result

    def extent(self, found: FloatArray, guide: Guide, upper: float = 1.0) -> Region | None:
        return evidence.extent(found, upper, guide.factor, guide.size)

    def second_look(self, first: FloatArray, second: FloatArray, region: Region, guide: Guide) -> SecondLook:
        return taken(first, second, guide.planes, *rows_and_columns(region, guide.factor))

    def corrected(self, first: FloatArray, guide: Guide, look: SecondLook) -> FloatArray:
        return first if look.first.shape != first.shape else corrected(first, guide.planes, look)

    def touches_edge(self, found: FloatArray, region: Region, guide: Guide) -> bool:
        return evidence.touches_edge(found, region, guide.factor, guide.size)

    def compare(self, found: FloatArray, guide: Guide, plate: Learnt | None,
                empty: bool) -> tuple[FloatArray, Learnt]:
        if plate is None or plate.seen.shape != found.shape:
            plate = Learnt.nothing(*found.shape)
        return compare(found, guide.planes, guide.colour, plate, empty), plate

    def follow(self, now: FloatArray, guide: Guide, last: Remembered | None, seconds: float,
               settings: TemporalSettings) -> tuple[FloatArray, Remembered]:
        if last is None or last.guide.planes.shape != guide.planes.shape:
            return temporal.ease(now, settings.centre, settings.half_width), Remembered(guide, now)
        weight = 1 - (1 - settings.still_weight) ** (max(seconds, 0.0) * 30)
        filtered, alpha = temporal.follow(now, guide.planes, last.probability, last.guide.planes, weight,
                                          settings.noise, settings.gain, settings.centre, settings.half_width)
        return alpha, Remembered(guide, filtered)

    def matte(self, alpha: FloatArray, guide: Guide, seq: int, edges: EdgeSettings) -> Matte:
        height, width = alpha.shape
        planes = np.zeros((9, height + 2, width + 2), np.float32)
        inside = planes[:, 1:-1, 1:-1]
        inside[4], inside[5] = envelope.bounds(envelope.without_specks(cv2.convertScaleAbs(alpha, alpha=255)))
        _repeat_edges(planes[4:6])
        cells = envelope.cells(planes[4], planes[5])
        np.minimum(np.maximum(alpha, inside[4], out=alpha), inside[5], out=alpha)
        box = guided.box_around(cells == MIXED)
        if box is not None:
            self._fit_twice(alpha, guide, edges, box, inside)
            spill.difference(guide.planes, alpha, inside[6:])
            _repeat_edges(planes[:4])
            _repeat_edges(planes[6:])
        return Matte(seq, cv2.convertScaleAbs(alpha, alpha=255), planes[:6], planes[6:], cells, guide.factor,
                     guide.size)

    def _fit_twice(self, alpha: FloatArray, guide: Guide, edges: EdgeSettings, box: guided.Box,
                   model: FloatArray) -> None:
        """Fill the first four planes of ``model``; ``alpha`` is aligned. Outside of the box it is 0 or 1 already."""
        wider = box.grown(2 * guided.RADIUS, alpha.shape)  # as far as the second fit looks
        guided.linear_model(guide.planes, alpha, self._ridge(guide.colour, edges.align), self._model, wider, model[:4])
        guided.align(guide.planes, model, wider, alpha)
        guided.linear_model(guide.planes, alpha, self._ridge(guide.colour, edges.fit), self._model, box, model[:4],
                            guided.SHARE)

    def mean_colours(self, guide: Guide, matte: Matte, background: Pixels) -> tuple[FloatArray, FloatArray]:
        return tone.mean_colours(guide, matte, background)

    def toned(self, frame: Frame, matte: Matte, background: Pixels, light: Tone) -> Frame:
        out = self._pool.take(*frame.pixels.shape)
        tone.toned(frame.pixels, light, out)
        if light.wrap:
            tone.wrap(out, matte, background, light.wrap)
        return Frame(out, frame.format, frame.seq, frame.pts, frame.captured_ns, frame.colour)

    def composite(self, frame: Frame, matte: Matte, background: Pixels) -> Pixels:
        out = self._pool.take(*frame.pixels.shape)
        tiles.blend(frame.pixels, background, matte, self._tiles, out)
        return out

    def full_alpha(self, frame: Frame, matte: Matte) -> Pixels:
        out = self._pool.take(frame.size.height, frame.size.width)
        tiles.full_alpha(frame.pixels, matte, self._tiles, out)
        return out

    def blurred_background(self, guide: Guide, matte: Matte, sigma: float) -> Pixels:
        out = self._pool.take(*i420_shape(guide.size))
        blurred_background(guide, matte.alpha, sigma, out)
        return out

    def _as_i420(self, frame: Frame, colour: Colour) -> tuple[Pixels, Colour]:
        if frame.format is PixelFormat.I420:
            return frame.pixels, frame.colour
        out = self._pool.take(*i420_shape(frame.size.even()))
        if frame.format is PixelFormat.BGR24:
            bgr_to_i420(frame.pixels[:out.shape[0] * 2 // 3, :out.shape[1]], colour, out)
            return out, colour
        (nv12_to_i420 if frame.format is PixelFormat.NV12 else yuyv_to_i420)(frame.pixels, out)
        return out, frame.colour

    def _cover(self, pixels: Pixels, size: Size) -> Pixels:
        out = self._pool.take(*i420_shape(size))
        left, top, width, height = window(Size(pixels.shape[1], pixels.shape[0] * 2 // 3), size)
        for plane, target, part in zip(i420_planes(pixels), i420_planes(out), (1, 2, 2), strict=True):
            seen = plane[top // part:(top + height) // part, left // part:(left + width) // part]
            shrinking = seen.shape[0] > target.shape[0]
            cv2.resize(seen, target.shape[::-1], dst=target,
                       interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR)
        return out

    def _mirrored(self, pixels: Pixels) -> Pixels:
        out = self._pool.take(*pixels.shape)
        for plane, target in zip(i420_planes(pixels), i420_planes(out), strict=True):
            cv2.flip(plane, 1, dst=target)
        return out

    def _ridge(self, colour: Colour, epsilon: float) -> FloatArray:
        key = (colour, epsilon)
        if key not in self._ridges:
            self._ridges[key] = guided.regularisation(colour, epsilon)
        return self._ridges[key]


def _repeat_edges(planes: FloatArray) -> None:
    """Give planes (n, height + 2, width + 2) a border: their outermost samples once more."""
    planes[:, 1:-1, 0], planes[:, 1:-1, -1] = planes[:, 1:-1, 1], planes[:, 1:-1, -2]
    planes[:, 0], planes[:, -1] = planes[:, 1], planes[:, -2]
