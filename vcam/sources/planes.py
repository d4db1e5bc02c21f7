"""From decoded video frames of any layout to I420 of a wanted size and colour, limited range."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from vcam.frame import Colour, FramePool, Pixels, Size, i420_planes, i420_shape
from vcam.ops.colour import recolour
from vcam.ops.fitting import Cover, cover, evened
from vcam.sources import SourceOptions

# FFmpeg's numbers of matrices (AVCOL_SPC_*) that vcam has itself; 0 is RGB, 2 untagged.
_TAGGED = {1: Colour.BT709, 5: Colour.BT601, 6: Colour.BT601}
_RGB, _UNTAGGED = 0, 2
# swscale's numbers of matrices (SWS_CS_*), by FFmpeg's.
_SCALER = {1: 1, 4: 4, 5: 5, 6: 5, 7: 7, 9: 9, 10: 9}
_SCALER_OF = {Colour.BT709: 1, Colour.BT601: 5}
_LIMITED, _FULL = 1, 2
_ROTATE = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}


def turned(size: Size, rotation: int) -> Size:
    """``size`` after ``rotation`` degrees."""
    return Size(size.height, size.width) if _quarter(rotation) in (90, 270) else size


def _quarter(rotation: int) -> int:
    return round(rotation / 90) * 90 % 360


class Converter:
    """Callable: a decoded frame to I420 pixels in pool memory, and their colour.

    Args:
        options: ``size`` and ``colour`` as wanted.
        pool: where frame memory comes from.
    """

    def __init__(self, options: SourceOptions, pool: FramePool) -> None:
        self._options = options
        self._pool = pool

    def __call__(self, frame: Any, size: Size) -> tuple[Pixels, Colour]:
        """``frame`` turned upright and filling ``size`` (even), limited range."""
        rotation = _quarter(frame.rotation)
        lying = turned(size, rotation)
        own = Size(frame.width, frame.height)
        plan = evened(own) if own.even() == lying else cover(own, lying)
        own_matrix = own_colour(frame)
        ready = _reformatted(frame, plan.scaled, own_matrix)
        pixels = self._pool.take(*i420_shape(size))
        for source, target in zip(_cut(ready, plan), i420_planes(pixels), strict=True):
            if rotation:
                cv2.rotate(source, _ROTATE[rotation], target)
            else:
                np.copyto(target, source)
        colour = self._options.colour or own_matrix
        if colour is not own_matrix:  # ours is faster than swscale's, and does not darken by rounding down
            recolour(pixels, own_matrix, colour, pixels)
        return pixels, colour


def own_colour(frame: Any) -> Colour:
    """The frame's matrix; what is untagged, or a matrix that vcam does not have, becomes what its height suggests."""
    return _TAGGED.get(int(frame.colorspace), Colour.for_height(frame.height))


def _reformatted(frame: Any, size: Size, colour: Colour) -> Any:
    """The frame itself if it is right already, else a scaled and converted one."""
    tag, full = int(frame.colorspace), _is_full(frame)
    matrix = _SCALER.get(tag, _SCALER_OF[Colour.for_height(frame.height)])
    same = frame.format.name in ("yuv420p", "yuvj420p") and (frame.width, frame.height) == (size.width, size.height)
    if same and not full and matrix == _SCALER_OF[colour]:
        return frame
    return frame.reformat(size.width, size.height, "yuv420p", src_colorspace=matrix,
                          dst_colorspace=_SCALER_OF[colour], src_color_range=_FULL if full else _LIMITED,
                          dst_color_range=_LIMITED)


def _is_full(frame: Any) -> bool:
    """Whether samples use the full range: tagged so, one of FFmpeg's 'j' formats, or RGB."""
    return int(frame.color_range) == _FULL or frame.format.name.startswith("yuvj") or bool(frame.format.is_rgb)


def _cut(frame: Any, plan: Cover) -> list[Pixels]:
    """Views of the planes of a yuv420p frame, cut as planned; lines may be longer than the picture is wide."""
    views = []
    for index, plane in enumerate(frame.planes):
        lines = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        shift = 1 if index else 0
        x, y = plan.x >> shift, plan.y >> shift
        views.append(lines[y:y + (plan.size.height >> shift), x:x + (plan.size.width >> shift)])
    return views
