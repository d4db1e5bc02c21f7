"""Encoders: shots with alpha into a segment of a film. Segments are joined later without being encoded again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from vcam.cutting.work import Unwritable
from vcam.frame import Colour, FloatArray, Pixels, Size, i420_planes, i420_shape
from vcam.ops.colour import bgr_to_i420, yuv_from_rgb
from vcam.ops.jit import kernel

TICKS = 90_000  # a second, in every segment
COLOUR = Colour.BT709
_BT709, _LIMITED, _FULL = 1, 1, 2
_KEY_SECONDS = 2

Planes = list[NDArray[Any]]
Filler = Callable[[Pixels, Pixels], Planes]


@dataclass(frozen=True, slots=True)
class Codec:
    """How pictures with alpha become packets.

    ``layout``: FFmpeg's name of the pixel format; ``planes``: from BGR (height, width, 3) and alpha (height, width)
    to its planes; ``even``: both sides must be; ``intra``: every picture stands alone.
    """

    name: str
    muxer: str
    layout: str
    planes: Filler
    options: dict[str, str]
    even: bool = False
    intra: bool = False
    full_range: bool = False


class SegmentCoder:
    """Writes one segment.

    Raises:
        Unwritable: it cannot be written or encoded.
    """

    def __init__(self, path: Path, codec: Codec, size: Size, fps: Fraction) -> None:
        self._path, self._codec = path, codec
        self._size = size.even() if codec.even else size
        self._duration = max(round(TICKS / fps), 1)
        try:
            self._container: Any = av.open(str(path), "w", format=codec.muxer)
            self._stream: Any = self._container.add_stream(codec.name, rate=fps, options=codec.options)
            self._open(self._stream.codec_context, fps)
        except (av.FFmpegError, OSError, ValueError) as error:
            raise self._error(error) from error

    def add(self, bgr: Pixels, alpha: Pixels, seconds: Fraction) -> None:
        """Encode a picture: BGR (height, width, 3), alpha (height, width), shown at ``seconds``."""
        size = self._size
        frame = av.VideoFrame(size.width, size.height, self._codec.layout)
        filled(frame, self._codec.planes(bgr[:size.height, :size.width], alpha[:size.height, :size.width]))
        frame.pts, frame.time_base = round(seconds * TICKS), Fraction(1, TICKS)
        if not self._codec.full_range:  # some encoders ask the frames, not their context
            frame.colorspace = frame.color_primaries = frame.color_trc = _BT709
            frame.color_range = _LIMITED
        try:
            self._mux(self._stream.encode(frame))
        except (av.FFmpegError, OSError, ValueError) as error:
            raise self._error(error) from error

    def close(self) -> None:
        """Write what is left."""
        try:
            self._mux(self._stream.encode(None))
            self._container.close()
        except (av.FFmpegError, OSError, ValueError) as error:
            raise self._error(error) from error

    def _open(self, context: Any, fps: Fraction) -> None:
        codec, size = self._codec, self._size
        context.width, context.height, context.pix_fmt = size.width, size.height, codec.layout
        context.time_base, context.thread_count = Fraction(1, TICKS), 1
        context.gop_size = 1 if codec.intra else max(round(fps * _KEY_SECONDS), 1)
        context.color_primaries = context.color_trc = _BT709
        if not codec.full_range:
            context.colorspace = _BT709
        context.color_range = _FULL if codec.full_range else _LIMITED
        context.open()

    def _mux(self, packets: Any) -> None:
        for packet in packets:
            packet.duration = self._duration
            self._container.mux(packet)

    def _error(self, error: Exception) -> Unwritable:
        reason = getattr(error, "strerror", "") or str(error)
        return Unwritable(f"'{self._path.parent}' cannot be written to: {reason}", "make room, then the same command")


def filled(frame: Any, planes: Planes) -> None:
    """Copy ``planes`` into a frame's."""
    for plane, source in zip(frame.planes, planes, strict=True):
        lines = np.frombuffer(plane, np.uint8)  # a palette has no lines
        lines = lines.reshape(-1, plane.line_size or lines.size)
        data = np.ascontiguousarray(source).view(np.uint8).reshape(source.shape[0], -1)
        lines[:data.shape[0], :data.shape[1]] = data


def yuv420(bgr: Pixels, alpha: Pixels) -> Planes:
    """Y, U, V; a missing last row or column is repeated for the chroma."""
    del alpha
    height, width = bgr.shape[:2]
    even = cv2.copyMakeBorder(bgr, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
    out = np.empty(i420_shape(Size(even.shape[1], even.shape[0])), np.uint8)
    bgr_to_i420(even, COLOUR, out)
    y, u, v = i420_planes(out)
    return [y[:height, :width], u, v]


def yuva420(bgr: Pixels, alpha: Pixels) -> Planes:
    """Y, U, V, alpha."""
    return [*yuv420(bgr, alpha), alpha]


def yuva444_10(bgr: Pixels, alpha: Pixels) -> Planes:
    """Y, U, V, alpha of 10 bits."""
    out = np.empty((4, *alpha.shape), np.uint16)
    matrix = (yuv_from_rgb(COLOUR) * 4).astype(np.float32)
    _to_ten_bits(np.ascontiguousarray(bgr).reshape(-1, 3), np.ascontiguousarray(alpha).reshape(-1), matrix,
                 out.reshape(4, -1))
    return list(out)


def bgra(bgr: Pixels, alpha: Pixels) -> Planes:
    """Four bytes a pixel."""
    return [np.dstack([bgr, alpha])]


def grey(bgr: Pixels, alpha: Pixels) -> Planes:
    """Alpha alone."""
    del bgr
    return [alpha]


def grey_420(bgr: Pixels, alpha: Pixels) -> Planes:
    """Alpha as a grey picture of limited range, which every player shows."""
    del bgr
    height, width = alpha.shape
    luma = cv2.convertScaleAbs(alpha, alpha=219 / 255, beta=16)
    chroma = np.full(((height + 1) // 2, (width + 1) // 2), 128, np.uint8)
    return [luma, chroma, chroma]


@kernel
def _to_ten_bits(bgr: Pixels, alpha: Pixels, m: FloatArray, out: NDArray[np.uint16]) -> None:
    half, last = np.float32(0.5), np.float32(1023)
    for x in range(np.uint64(alpha.shape[0])):
        b, g, r = np.float32(bgr[x, 0]), np.float32(bgr[x, 1]), np.float32(bgr[x, 2])
        for k in range(3):
            out[k, x] = np.uint16(min(m[k, 0] * r + m[k, 1] * g + m[k, 2] * b + m[k, 3] + half, last))
        out[3, x] = np.uint16(np.float32(alpha[x]) * (last / np.float32(255)) + half)


_VP9 = {"deadline": "good", "cpu-used": "4", "row-mt": "0", "crf": "20", "b": "0", "auto-alt-ref": "0",
        "lag-in-frames": "0"}
_H264 = {"preset": "medium", "crf": "16", "bf": "0"}
_PRORES = {"profile": "4444", "alpha_bits": "16", "vendor": "apl0"}
VP9_ALPHA = Codec("libvpx-vp9", "webm", "yuva420p", yuva420, _VP9)
VP9 = Codec("libvpx-vp9", "webm", "yuv420p", yuv420, _VP9)
PRORES = Codec("prores_ks", "mov", "yuva444p10le", yuva444_10, _PRORES, intra=True)
H264 = Codec("libx264", "mp4", "yuv420p", yuv420, _H264, even=True)
H264_ALPHA = Codec("libx264", "mp4", "yuv420p", grey_420, _H264, even=True)
FFV1 = Codec("ffv1", "matroska", "bgra", bgra, {"level": "3", "slicecrc": "1"}, intra=True, full_range=True)
FFV1_ALPHA = Codec("ffv1", "matroska", "gray", grey, {"level": "3", "slicecrc": "1"}, intra=True, full_range=True)
