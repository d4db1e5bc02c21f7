"""H.264 for live viewers: x264, or the graphics card where it has proven that it works."""

from __future__ import annotations

import logging
import os
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

from vcam.errors import SinkError, UsageError
from vcam.frame import Colour, Pixels, Size, i420_shape
from vcam.sinks import OutputFormat, SinkOptions
from vcam.sinks.encoding import TICKS, describe

log = logging.getLogger(__name__)

PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")
# FFmpeg's encoders by the name that users give them; what each needs in order to hold nothing back.
HARDWARE: dict[str, tuple[str, dict[str, str]]] = {
    "nvenc": ("h264_nvenc", {"preset": "p4", "tune": "ull", "rc": "cbr", "zerolatency": "1", "delay": "0",
                              "forced-idr": "1"}),
    "qsv": ("h264_qsv", {"preset": "veryfast", "async_depth": "1", "low_delay_brc": "1", "forced_idr": "1"}),
    "amf": ("h264_amf", {"usage": "ultralowlatency", "rc": "cbr"}),
    "videotoolbox": ("h264_videotoolbox", {"realtime": "1"}),
}
_MOST_THREADS = 4  # each takes a slice of the picture, and slices cost quality
_BUFFER_SECONDS = 0.5  # how much of the bitrate a single picture may take at once
_USUAL_KBIT, _USUAL_PIXELS_A_SECOND = 2500, 1280 * 720 * 30
# The probe's pictures: how far decoded levels may be off on average, and how many pictures may be held back.
_FAR, _HELD_BACK, _PROBED = 12.0, 1, 8


class Encoder(NamedTuple):
    """``codec`` is FFmpeg's name, ``options`` its options; ``name`` is for people."""

    name: str
    codec: str
    options: dict[str, str]


def default_bitrate(output: OutputFormat) -> int:
    """kbit/s that give a good picture: 2500 at 720p30, 4800 at 1080p30."""
    share = float(output.size.width * output.size.height * output.fps) / _USUAL_PIXELS_A_SECOND
    return max(round(_USUAL_KBIT * share ** 0.8 / 50) * 50, 150)


def check_options(options: SinkOptions) -> None:
    """Raise UsageError unless preset and encoder are known."""
    if options.preset not in PRESETS:
        raise UsageError(f"preset '{options.preset}' is unknown to x264", f"use one of {', '.join(PRESETS)}")
    if options.encoder not in ("auto", "software", *HARDWARE):
        raise UsageError(f"encoder '{options.encoder}' is unknown",
                         f"use one of auto, software, {', '.join(HARDWARE)}")


def choose_encoder(options: SinkOptions, output: OutputFormat) -> Encoder:
    """The encoder to use.

    Raises:
        SinkError: the one asked for does not work here.
    """
    if options.encoder in HARDWARE:
        problem = probe(options.encoder, output.size)
        if problem:
            raise SinkError(f"encoder '{options.encoder}' does not work here: {problem}", "use the encoder auto")
        return _hardware(options.encoder)
    if options.encoder == "auto":
        for name in HARDWARE:
            if not probe(name, output.size):
                return _hardware(name)
    return software_encoder(options)


def software_encoder(options: SinkOptions) -> Encoder:
    """x264, which is always there."""
    threads = str(min(os.cpu_count() or 1, _MOST_THREADS))
    return Encoder("x264", "libx264", {"preset": options.preset, "tune": "zerolatency", "threads": threads,
                                       "sc_threshold": "0", "forced-idr": "1"})


def prepare(codec: VideoCodecContext, output: OutputFormat, options: SinkOptions) -> None:
    """Set an encoder up for live viewers, not open yet: a steady bitrate, nothing reordered."""
    describe(codec, output, options.keyframe_seconds * 2)  # StreamSink asks for them by the clock
    bits = (options.bitrate or default_bitrate(output)) * 1000
    codec.bit_rate = bits
    codec.max_b_frames = 0
    codec.options = {**codec.options, "maxrate": str(bits), "bufsize": str(int(bits * _BUFFER_SECONDS))}


@cache
def probe(name: str, size: Size) -> str:
    """Why an encoder of ``HARDWARE`` cannot be used, or empty: it encodes pictures which are decoded and compared."""
    try:
        problem = _trial(_hardware(name), OutputFormat(size, Fraction(30), Colour.for_height(size.height)))
    except (av.FFmpegError, OSError, ValueError, RuntimeError) as error:
        problem = getattr(error, "strerror", "") or str(error)
    log.debug("encoder %s: %s", name, problem or "works")
    return problem


def _hardware(name: str) -> Encoder:
    return Encoder(name, *HARDWARE[name])


def _trial(encoder: Encoder, output: OutputFormat) -> str:
    writer: Any = av.CodecContext.create(encoder.codec, "w")
    writer.options = dict(encoder.options)
    prepare(writer, output, SinkOptions())
    reader: Any = av.CodecContext.create("h264", "r")
    shown: list[Pixels] = []
    for turn in range(_PROBED):
        frame = av.VideoFrame.from_numpy_buffer(_trial_picture(output.size, turn), "yuv420p")
        frame.pts, frame.time_base = turn * TICKS // 30, Fraction(1, TICKS)
        packets = writer.encode(frame)
        if not packets and turn >= _HELD_BACK:
            return "it holds pictures back"
        shown += [decoded.to_ndarray(format="yuv420p") for packet in packets for decoded in reader.decode(packet)]
    shown += [decoded.to_ndarray(format="yuv420p") for decoded in reader.decode(None)]
    if len(shown) < _PROBED - _HELD_BACK:
        return f"of {_PROBED} pictures {len(shown)} came back"
    worst = max(float(np.abs(seen.astype(np.int16) - _trial_picture(output.size, turn)).mean())
                for turn, seen in enumerate(shown))
    return f"pictures come back {worst:.0f} levels off" if worst > _FAR else ""


def _trial_picture(size: Size, turn: int) -> Pixels:
    """I420: a slope of brightness that moves, between colours."""
    pixels = np.full(i420_shape(size), 128, np.uint8)
    luma = pixels[:size.height]
    luma[:] = (np.arange(size.width) * 200 // size.width + 20 + turn * 2).astype(np.uint8)
    pixels[size.height:size.height * 5 // 4] = 90
    return pixels
