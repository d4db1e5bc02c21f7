"""Small video files made on the fly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from vcam.frame import Colour, Pixels, Size, i420_shape
from vcam.ops.colour import bgr_to_i420

TAGS = {Colour.BT709: 1, Colour.BT601: 6}


def flat(size: Size, bgr: Sequence[int], colour: Colour) -> Pixels:
    """I420 of one colour."""
    picture = np.empty((size.height, size.width, 3), np.uint8)
    picture[:] = bgr
    pixels = np.empty(i420_shape(size), np.uint8)
    bgr_to_i420(picture, colour, pixels)
    return pixels


def write_clip(path: Path, pictures: Iterable[Pixels], pts: Sequence[int] | None = None, tag: int | None = None,
               rotation: int | None = None, rate: int = 30, full_range: bool = False, crf: int = 0) -> Path:
    """H.264 of I420 pictures, lossless unless ``crf`` says how lossy.

    ``pts`` are thousandths of a second, ``tag`` is one of FFmpeg's matrices.
    """
    container: Any = av.open(str(path), "w")
    stream: Any = None
    for index, pixels in enumerate(pictures):
        if stream is None:
            stream = container.add_stream("libx264", rate=rate, options={"crf": str(crf), "preset": "ultrafast"})
            stream.width, stream.height = pixels.shape[1], pixels.shape[0] * 2 // 3
            stream.pix_fmt = "yuv420p"
            stream.codec_context.time_base = Fraction(1, 1000)
            if tag is not None:
                stream.codec_context.colorspace = tag
            stream.codec_context.color_range = 2 if full_range else 1
            if rotation is not None:
                if not hasattr(stream, "set_display_rotation"):
                    pytest.skip("PyAV before 18 cannot write a rotation")
                stream.set_display_rotation(rotation)
        frame = av.VideoFrame.from_ndarray(pixels, format="yuv420p")
        frame.pts = pts[index] if pts else round(index * 1000 / rate)
        frame.time_base = Fraction(1, 1000)
        container.mux(stream.encode(frame))
    container.mux(stream.encode())
    container.close()
    return path
