"""Motion JPEG straight to I420: the decoder's planes, their full range made limited, never a BGR picture between.

On a 720p frame this takes about 1.0 ms (4:2:0) or 0.6 ms (4:2:2) less than decoding to BGR and converting that.
"""

from __future__ import annotations

from typing import Any

import av
import numpy as np

from vcam.frame import Colour, FramePool, Pixels, Size, i420_planes, i420_shape
from vcam.ops.colour import recolour
from vcam.ops.jit import kernel
from vcam.sources import SourceOptions
from vcam.sources.planes import Converter


class MjpegDecoder:
    """Callable: the bytes of one JPEG (any shape, uint8) to I420 pixels, or None if they are damaged.

    JPEG pictures are BT.601 in full range (JFIF 1.02); what comes out is ``colour`` in limited range.

    Args:
        colour: the matrix wanted.
        pool: where frame memory comes from.
    """

    def __init__(self, colour: Colour, pool: FramePool) -> None:
        self.colour = colour
        self._pool = pool
        self._codec: Any = av.CodecContext.create("mjpeg", "r")
        self._codec.thread_count = 1
        self._anything = Converter(SourceOptions(colour=colour), pool)

    def __call__(self, data: Pixels) -> Pixels | None:
        payload: Any = np.ascontiguousarray(data).reshape(-1).data
        try:
            frames = self._codec.decode(av.Packet(payload))
        except (av.FFmpegError, ValueError):
            return None
        return self._converted(frames[-1]) if frames else None

    def _converted(self, frame: Any) -> Pixels:
        size = Size(frame.width, frame.height).even()
        if frame.format.name not in ("yuvj420p", "yuvj422p"):
            return self._anything(frame, size)[0]
        pixels = self._pool.take(*i420_shape(size))
        targets = i420_planes(pixels)
        lines = [np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size) for plane in frame.planes]
        _limit_luma(lines[0], targets[0])
        limit = _limit_chroma_420 if frame.format.name == "yuvj420p" else _limit_chroma_422
        for source, target in zip(lines[1:], targets[1:], strict=True):
            limit(source, target)
        if self.colour is not Colour.BT601:
            recolour(pixels, Colour.BT601, self.colour, pixels)
        return pixels


# Sixteen-bit fixed point: 220 / 256 is 219 / 255 within 0.0006, 225 / 256 is 224 / 255 within 0.0005; both ends
# (0 → 16, 255 → 235 or 240) and the chroma's middle (128 → 128) are exact, and nothing is off by more than one.

@kernel
def _limit_luma(source: Pixels, target: Pixels) -> None:
    rows, columns = target.shape
    for row in range(np.uint32(rows)):
        for x in range(np.uint32(columns)):
            value = np.uint16(np.uint16(source[row, x]) * np.uint16(220) + np.uint16(128))
            target[row, x] = np.uint8(np.uint16(value >> np.uint16(8)) + np.uint16(16))


@kernel
def _limit_chroma_420(source: Pixels, target: Pixels) -> None:
    rows, columns = target.shape
    for row in range(np.uint32(rows)):
        for x in range(np.uint32(columns)):
            value = np.uint16(np.uint16(source[row, x]) * np.uint16(225) + np.uint16(4096))
            target[row, x] = np.uint8(value >> np.uint16(8))


@kernel
def _limit_chroma_422(source: Pixels, target: Pixels) -> None:
    rows, columns = target.shape
    for row in range(np.uint32(rows)):
        upper = np.uint32(row * np.uint32(2))
        for x in range(np.uint32(columns)):
            pair = np.uint16(source[upper, x]) + np.uint16(source[upper + np.uint32(1), x])
            mean = np.uint16(np.uint16(pair + np.uint16(1)) >> np.uint16(1))
            target[row, x] = np.uint8(np.uint16(mean * np.uint16(225) + np.uint16(4096)) >> np.uint16(8))
