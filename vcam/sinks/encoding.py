"""What recordings and streams share: time, colour tags, and how a picture becomes a frame for FFmpeg's encoders."""

from __future__ import annotations

from fractions import Fraction

import av
from av.video.codeccontext import VideoCodecContext

from vcam.frame import Colour, Rendered
from vcam.sinks import OutputFormat
from vcam.sinks.incoming import pixels_for

TICKS = 90_000  # a second
_LEAST_STEP = TICKS // 1000  # Matroska and FLV count milliseconds

# ITU-T H.273: primaries, transfer characteristics and matrix coefficients.
_TAGS = {Colour.BT601: (6, 6, 6), Colour.BT709: (1, 1, 1)}
_LIMITED = 1  # FFmpeg's AVCOL_RANGE_MPEG


class Timeline:
    """Turns presentation times in seconds into ticks that start at 0 and always grow by a millisecond or more."""

    def __init__(self, frame_time: Fraction) -> None:
        self._frame_ticks = max(round(frame_time * TICKS), _LEAST_STEP)
        self._origin: Fraction | None = None
        self._last = -_LEAST_STEP

    def ticks(self, pts: Fraction) -> int:
        """The tick of the next picture. A jump back of over a second is a source that began again: it goes on."""
        if self._origin is None:
            self._origin = pts
        wanted = round((pts - self._origin) * TICKS)
        if wanted < self._last - TICKS:
            wanted = self._last + self._frame_ticks
            self._origin = pts - Fraction(wanted, TICKS)
        self._last = max(wanted, self._last + _LEAST_STEP)
        return self._last


def describe(codec: VideoCodecContext, output: OutputFormat, keyframe_seconds: float) -> None:
    """Tell an encoder what it will be sent, tag the colour, and say how often a picture must stand for itself."""
    codec.width, codec.height, codec.pix_fmt = output.size.width, output.size.height, "yuv420p"
    codec.time_base = Fraction(1, TICKS)
    codec.framerate = output.fps
    codec.gop_size = max(round(output.fps * Fraction(keyframe_seconds).limit_denominator(1000)), 1)
    codec.color_primaries, codec.color_trc, codec.colorspace = _TAGS[output.colour]
    codec.color_range = _LIMITED


def video_frame(output: OutputFormat, picture: Rendered, timeline: Timeline) -> av.VideoFrame:
    """The picture, its memory shared, with its time in ticks.

    Raises:
        SinkError: it is not of the size agreed on.
    """
    frame = av.VideoFrame.from_numpy_buffer(pixels_for(output, picture), "yuv420p")
    frame.time_base = Fraction(1, TICKS)
    frame.pts = timeline.ticks(picture.frame.pts)
    return frame
