"""Sinks: where rendered pictures go. A sink is a string everywhere: ``virtualcam:``, ``out.mp4``, ``-``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Protocol, cast, runtime_checkable

from vcam.address import shown_spec
from vcam.errors import UsageError
from vcam.frame import Colour, Rendered, Size
from vcam.registry import Entry, Registry, split

REGISTRY = Registry("sinks", (
    Entry("v4l2", "vcam.sinks.v4l2:V4l2Sink",
          "a virtual camera on Linux that every app can open (v4l2loopback)", example="v4l2:/dev/video10"),
    Entry("virtualcam", "vcam.sinks.virtualcam:VirtualCameraSink",
          "a virtual camera that every app can open (v4l2loopback, OBS, Unity Capture)",
          example="virtualcam:/dev/video10"),
    Entry("pipewire", "vcam.sinks.pipewire:PipewireSink",
          "a camera in PipeWire, without a kernel module (Linux; browsers, OBS, GNOME apps)", example="pipewire:vcam"),
    Entry("preview", "vcam.sinks.preview:PreviewSink", "a page on this machine with the live picture",
          example="preview:8765"),
    Entry("rtmp", "vcam.sinks.stream.rtmp:RtmpSink", "a stream to an RTMP server",
          example="rtmp://127.0.0.1/live/key"),
    Entry("rtmps", "vcam.sinks.stream.rtmp:RtmpsSink", "the same, encrypted", example="rtmps://host/app/key"),
    Entry("rtsp", "vcam.sinks.stream.rtsp:RtspSink", "a stream to an RTSP server that takes recordings",
          example="rtsp://127.0.0.1:8554/vcam"),
    Entry("rtsps", "vcam.sinks.stream.rtsp:RtspsSink", "the same, encrypted", example="rtsps://host/vcam"),
    Entry("udp", "vcam.sinks.stream.udp:UdpSink", "an MPEG transport stream in UDP packets",
          example="udp://127.0.0.1:5004"),
    Entry("srt", "vcam.sinks.stream.srt:SrtSink", "an SRT stream (needs libsrt)", example="srt://127.0.0.1:9000"),
    Entry("hls", "vcam.sinks.stream.hls:HlsSink", "HLS segments and playlist in a folder", example="hls:/var/www/vcam"),
    Entry("whip", "vcam.sinks.stream.whip:WhipSink", "WebRTC to a server that takes WHIP", extra="stream",
          example="whip:https://TOKEN@host/whip/room"),
    Entry("mjpeg", "vcam.sinks.mjpeg:MjpegSink", "Motion JPEG over HTTP, for other machines too",
          example="mjpeg:0.0.0.0:8080"),
    Entry("file", "vcam.sinks.file:FileSink", "a recording (.mp4, .mkv, .mov, .webm)", example="out.mp4"),
    Entry("stdout", "vcam.sinks.stdout:StdoutSink", "raw YUV4MPEG2 video on standard output", example="-"),
    Entry("null", "vcam.sinks.null:NullSink", "nowhere; counts what arrives", example="null:"),
))


class Delivery(StrEnum):
    """How pictures reach a sink: the newest one only, or every one through a bounded queue."""

    LATEST = "latest"
    EVERY = "every"


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """What a sink will be sent: I420 frames, limited range, of this size, colour and nominal frame rate."""

    size: Size
    fps: Fraction
    colour: Colour


@dataclass(frozen=True, slots=True)
class SinkOptions:
    """What the user asked of sinks that encode for others.

    Attributes:
        bitrate: kbit/s of the picture; 0: what suits its size and rate.
        keyframe_seconds: how often a picture stands for itself, so that viewers can begin there.
        preset: how hard x264 tries, in its own words.
        encoder: ``auto``, ``software``, or one of ``vcam.sinks.h264.HARDWARE``.
        audio: ``auto`` (silence where servers want sound), ``none``, ``silence``, or the path of a file.
    """

    bitrate: int = 0
    keyframe_seconds: float = 2.0
    preset: str = "veryfast"
    encoder: str = "auto"
    audio: str = "auto"


@runtime_checkable
class Configurable(Protocol):
    """A sink that follows ``SinkOptions``; told before it is opened."""

    def configure(self, options: SinkOptions) -> None: ...


class Sink(Protocol):
    """Takes rendered pictures. One thread calls ``open``, then ``send`` again and again, then ``close``.

    ``open`` and ``send`` raise SinkError. ``send`` may block; nobody else waits for it. A sink that keeps a picture
    keeps the array (its memory is recycled once nothing refers to it). ``close`` may be called twice and finishes
    what was begun. ``tags_colour`` False: viewers cannot be told the matrix, so it wants BT.601 (what they assume).
    """

    name: str
    delivery: Delivery
    tags_colour: bool

    def open(self, output: OutputFormat) -> None: ...
    def send(self, picture: Rendered) -> None: ...
    def close(self) -> None: ...
    @property
    def note(self) -> str:
        """One line for the user once open (where to look), or empty."""
    @property
    def watchers(self) -> int | None:
        """How many viewers there are now; None if nobody can tell, and so there may be some. Any thread may ask."""


def make_sink(spec: str, options: SinkOptions | None = None) -> Sink:
    """The sink that ``spec`` names, not opened yet.

    Raises:
        UsageError: unknown scheme or file type, or a folder that does not exist.
    """
    sink = _made(spec)
    if options is not None and isinstance(sink, Configurable):
        sink.configure(options)
    return sink


def _made(spec: str) -> Sink:
    scheme, argument = split(spec)
    if spec == "-":
        scheme, argument = "stdout", ""
    if scheme:
        return cast(Sink, REGISTRY.load(scheme)(argument))
    if not Path(spec).suffix:
        raise UsageError(f"sink '{shown_spec(spec)}' is neither a file with an ending nor a known sink",
                         "give out.mp4, v4l2:, virtualcam:, preview:, null: or -")
    return cast(Sink, REGISTRY.load("file")(spec))
