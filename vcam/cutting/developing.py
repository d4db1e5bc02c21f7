"""From decoded frames of any layout to upright 8-bit BGR: deinterlaced, colours converted with full precision, HDR
mapped to what every screen can show, transparency kept apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import av
import numpy as np

from vcam.cutting.tonemap import TRANSFERS, to_standard
from vcam.frame import Pixels, Size

# FFmpeg's matrices (AVCOL_SPC_*) by the names that its scaler knows; 0 is RGB, 2 untagged.
_MATRICES = {1: "bt709", 4: "fcc", 5: "bt470", 6: "smpte170m", 7: "smpte240m", 9: "bt2020", 10: "bt2020"}
_FULL = 2
_FLAGS = "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One picture: BGR (height, width, 3); how opaque it was to begin with, (height, width), None: all of it; and when
    it is shown, in ticks."""

    bgr: Pixels
    opacity: Pixels | None
    tick: int


def developed(frames: Iterator[tuple[int, Any]], size: Size, interlaced: bool) -> Iterator[Shot]:
    """Shots of decoded frames with their ticks.

    Args:
        size: of the result, upright; frames of another size are scaled.
        interlaced: fields are woven into whole pictures.
    """
    bath: _Bath | None = None
    for tick, frame in frames:
        if bath is None or not bath.takes(frame):
            if bath is not None:
                yield from bath.rest()
            bath = _Bath(frame, size, interlaced)
        yield from bath.develop(tick, frame)
    if bath is not None:
        yield from bath.rest()


class _Bath:
    """A chain of FFmpeg's filters for frames of one kind."""

    def __init__(self, frame: Any, size: Size, interlaced: bool) -> None:
        self._kind = _kind(frame)
        self._turns = round(frame.rotation / 90) % 4
        self._transfer = int(frame.color_trc) if int(frame.color_trc) in TRANSFERS else None
        self._has_alpha = any(component.is_alpha for component in frame.format.components)
        lying = Size(size.height, size.width) if self._turns % 2 else size
        self._graph: Any = av.filter.Graph()
        wanted = "rgb48le" if self._transfer else "bgra" if self._has_alpha else "bgr24"
        chain = [self._graph.add_buffer(width=frame.width, height=frame.height, format=frame.format.name,
                                        time_base=Fraction(1, 1000))]
        if interlaced:
            chain.append(self._graph.add("bwdif", "mode=send_frame:deint=interlaced"))
        chain += [self._graph.add("scale", f"{lying.width}:{lying.height}:flags={_FLAGS}:{_colours(frame)}"),
                  self._graph.add("format", wanted), self._graph.add("buffersink")]
        for one, other in pairwise(chain):
            one.link_to(other)
        self._graph.configure()

    def takes(self, frame: Any) -> bool:
        return _kind(frame) == self._kind

    def develop(self, tick: int, frame: Any) -> Iterator[Shot]:
        frame.pts, frame.time_base = tick, Fraction(1, 1000)
        self._graph.push(frame)
        yield from self._ready()

    def rest(self) -> Iterator[Shot]:
        """What the filters still hold."""
        self._graph.push(None)
        yield from self._ready()

    def _ready(self) -> Iterator[Shot]:
        while True:
            try:
                frame = self._graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return
            yield self._shot(frame)

    def _shot(self, frame: Any) -> Shot:
        tick = round(frame.pts * Fraction(frame.time_base.numerator, frame.time_base.denominator) * 1000)
        pixels = np.rot90(frame.to_ndarray(), self._turns)
        if self._transfer is not None:
            return Shot(to_standard(np.ascontiguousarray(pixels), self._transfer), None, tick)
        opacity = np.ascontiguousarray(pixels[..., 3]) if self._has_alpha else None
        return Shot(np.ascontiguousarray(pixels[..., :3]), opacity, tick)


def _kind(frame: Any) -> tuple[object, ...]:
    return (frame.format.name, frame.width, frame.height, int(frame.colorspace), int(frame.color_range),
            int(frame.color_trc), frame.rotation)


def _colours(frame: Any) -> str:
    if frame.format.is_rgb:
        return "out_range=full"
    matrix = _MATRICES.get(int(frame.colorspace), "bt709" if frame.height >= 720 else "smpte170m")
    full = int(frame.color_range) == _FULL or frame.format.name.startswith("yuvj")
    return f"in_color_matrix={matrix}:in_range={'full' if full else 'limited'}:out_range=full"
