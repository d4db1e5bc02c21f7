"""Animated pictures: GIF, APNG and WebP, made from the lossless segments of a film."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from PIL import Image

from vcam.cutting.coding import bgra, filled
from vcam.cutting.developing import Shot
from vcam.cutting.film import read_facts, shots
from vcam.cutting.work import Unwritable
from vcam.frame import Pixels, Size

_GIF_TICK = Fraction(1, 100)
_GIF_LEAST = 2  # ticks: browsers show anything shorter at a tenth of a second
_TRANSPARENT = 255
_HALF = 128
_SAMPLES, _SAMPLE_SIDE = 32, 160
_BITS = 5  # of each channel that count for the nearest colour
_BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.int16) - 8
_APNG = {"pred": "paeth", "compression_level": "3"}
_WEBP = {"quality": "85", "compression_level": "4", "loop": "0"}

Timed = tuple[Fraction, Shot]


def animate(name: str, segments: Sequence[Path], target: Path, fps: Fraction, tick: Callable[[int], None]) -> None:
    """Write ``target`` in the format ``name``; ``tick`` hears of every picture.

    Raises:
        Unwritable: it cannot be written.
    """
    try:
        {"gif": _gif, "apng": _apng, "webp": _webp}[name](segments, target, fps, tick)
    except (av.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", "") or str(error)
        raise Unwritable(f"'{target.parent}' cannot be written to: {reason}",
                         "make room; the same command goes on where it was") from error


def _timed(segments: Sequence[Path]) -> Iterator[Timed]:
    for path in segments:
        facts = read_facts(path)
        for shot in shots(facts, facts.times[0], facts.end):
            yield shot.tick * facts.tick, shot


def _size(segments: Sequence[Path]) -> Size:
    return read_facts(segments[0]).size


def _apng(segments: Sequence[Path], target: Path, fps: Fraction, tick: Callable[[int], None]) -> None:
    with closing(_Writer(target, "apng", "apng", "rgba", _size(segments), fps, Fraction(1, 1000), _APNG,
                         {"plays": "0"})) as writer:
        for seconds, shot in _timed(segments):
            writer.add([np.dstack([shot.bgr[..., ::-1], _alpha(shot)])], seconds)
            tick(1)


def _webp(segments: Sequence[Path], target: Path, fps: Fraction, tick: Callable[[int], None]) -> None:
    with closing(_Writer(target, "webp", "libwebp_anim", "bgra", _size(segments), fps, Fraction(1, 1000), _WEBP,
                         {"loop": "0"})) as writer:
        for seconds, shot in _timed(segments):
            writer.add(bgra(shot.bgr, _alpha(shot)), seconds)
            tick(1)


def _gif(segments: Sequence[Path], target: Path, fps: Fraction, tick: Callable[[int], None]) -> None:
    palette = _palette(segments)
    with closing(_Writer(target, "gif", "gif", "pal8", _size(segments), fps, _GIF_TICK, {"gifflags": "-offsetting"},
                         {"loop": "0"})) as writer:
        last = -_GIF_LEAST
        for seconds, shot in _timed(segments):
            now = round(seconds / _GIF_TICK)
            if now - last >= _GIF_LEAST:
                writer.add([palette.indexed(shot), palette.table], seconds)
                last = now
            tick(1)


def _alpha(shot: Shot) -> Pixels:
    return np.full(shot.bgr.shape[:2], 255, np.uint8) if shot.opacity is None else shot.opacity


def _palette(segments: Sequence[Path]) -> _Palette:
    """255 colours that suit the person in pictures from all over the film."""
    per_segment = max(-(-_SAMPLES // len(segments)), 1)
    samples: list[Pixels] = []
    for path in segments[::max(len(segments) // _SAMPLES, 1)]:
        facts = read_facts(path)
        for begin in facts.times[::max(len(facts.times) // per_segment, 1)]:
            shot = next(shots(facts, begin, begin + 1))
            scale = min(_SAMPLE_SIDE / max(shot.bgr.shape[:2]), 1.0)
            small = cv2.resize(np.dstack([shot.bgr, _alpha(shot)]), None, fx=scale, fy=scale,
                               interpolation=cv2.INTER_AREA).reshape(-1, 4)
            samples.append(small[small[:, 3] >= _HALF, :3])
    colours = np.concatenate(samples)[:, ::-1]
    if not len(colours):
        colours = np.zeros((1, 3), np.uint8)
    few = Image.fromarray(np.ascontiguousarray(colours[None])).quantize(_TRANSPARENT, Image.Quantize.MEDIANCUT)
    return _Palette(np.array(few.getpalette(), np.uint8).reshape(-1, 3)[:_TRANSPARENT, ::-1])


class _Palette:
    """Few colours for many: ordered dithering, which stands still where the picture does."""

    def __init__(self, colours: Pixels) -> None:
        """``colours``: BGR (up to 255, 3)."""
        levels = (np.arange(1 << _BITS, dtype=np.float32) + 0.5) * (256 >> _BITS)
        every = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3)
        values = colours.astype(np.float32)
        distances = (values ** 2).sum(1) - 2 * every @ values.T
        self._nearest = distances.argmin(axis=1).astype(np.uint8)
        table = np.zeros((256, 4), np.uint8)
        table[:len(colours), :3] = colours
        table[:_TRANSPARENT, 3] = 255
        self.table = table.reshape(1, -1)  # as FFmpeg wants it: B, G, R, alpha of 256 colours

    def indexed(self, shot: Shot) -> Pixels:
        height, width = shot.bgr.shape[:2]
        pattern = np.tile(_BAYER, (-(-height // 4), -(-width // 4)))[:height, :width, None]
        b, g, r = np.moveaxis(np.clip(shot.bgr + pattern, 0, 255) >> (8 - _BITS), 2, 0)
        indices = self._nearest[(b << (2 * _BITS)) + (g << _BITS) + r]
        indices[_alpha(shot) < _HALF] = _TRANSPARENT
        return indices


class _Writer:
    """One stream of pictures of one layout."""

    def __init__(self, target: Path, muxer: str, codec: str, layout: str, size: Size, fps: Fraction, tick: Fraction,
                 options: dict[str, str], muxer_options: dict[str, str]) -> None:
        self._container: Any = av.open(str(target), "w", format=muxer, options=muxer_options)
        self._stream: Any = self._container.add_stream(codec, rate=fps, options=options)
        context: Any = self._stream.codec_context
        context.width, context.height, context.pix_fmt, context.time_base = size.width, size.height, layout, tick
        self._layout, self._size, self._tick = layout, size, tick

    def add(self, planes: list[Pixels], seconds: Fraction) -> None:
        frame = av.VideoFrame(self._size.width, self._size.height, self._layout)
        filled(frame, planes)
        frame.pts, frame.time_base = round(seconds / self._tick), self._tick
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        self._container.mux(self._stream.encode(None))
        self._container.close()
