"""Sources: where frames come from. A source is a string everywhere: ``camera:0``, ``clip.mp4``, ``demo:``."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol, cast

from vcam.errors import UsageError
from vcam.frame import Colour, Frame, FramePool, Size
from vcam.registry import Entry, Registry, split

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".avif"})

REGISTRY = Registry("sources", (
    Entry("camera", "vcam.sources.camera:CameraSource", "a webcam, by number or by name", example="camera:0"),
    Entry("file", "vcam.sources.video:VideoSource", "a video file, played at its own speed", example="clip.mp4"),
    Entry("picture", "vcam.sources.picture:PictureSource", "a photograph, shown as a still camera", example="me.jpg"),
    Entry("rtsp", "vcam.sources.network:rtsp", "a network camera", example="rtsp://192.168.1.20/stream1"),
    Entry("rtsps", "vcam.sources.network:rtsps", "the same, encrypted", example="rtsps://192.168.1.20/stream1"),
    Entry("rtmp", "vcam.sources.network:rtmp", "a stream on an RTMP server", example="rtmp://127.0.0.1/live/key"),
    Entry("rtmps", "vcam.sources.network:rtmps", "the same, encrypted", example="rtmps://host/live/key"),
    Entry("http", "vcam.sources.network:http", "a camera or a stream on a web server (Motion JPEG, HLS, MPEG-TS)",
          example="http://192.168.1.20/video.mjpg"),
    Entry("https", "vcam.sources.network:https", "the same, encrypted", example="https://host/live.m3u8"),
    Entry("udp", "vcam.sources.network:udp", "an MPEG transport stream that comes in UDP packets",
          example="udp://127.0.0.1:5004"),
    Entry("srt", "vcam.sources.network:srt", "an SRT stream (needs libsrt)", example="srt://192.168.1.20:9000"),
    Entry("demo", "vcam.sources.demo:DemoSource", "an animated portrait, for machines without a camera",
          example="demo:"),
    Entry("test", "vcam.sources.test:TestSource", "colour bars with a clock", example="test:"),
    Entry("screen", "vcam.sources.screen:ScreenSource", "a monitor, by number", example="screen:1"),
))


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """What the user asked of a source. A source gets as near as it can and tells the truth in ``info``.

    ``size`` None: the source's own. ``fps`` None: the source's own. ``colour`` None: whatever is nearest to
    what the device gives; else the matrix that YUV frames should have, where the source converts anyway.
    """

    size: Size | None = None
    fps: Fraction | None = None
    colour: Colour | None = None
    loop: bool = True


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What a source really gives. ``live``: it sets the pace itself (a camera); others are paced by their pts."""

    name: str
    size: Size
    fps: Fraction
    live: bool


class Source(Protocol):
    """Yields frames. One thread calls ``open``, then ``read`` again and again, then ``close``.

    ``open`` raises SourceError. ``read`` returns the next frame, blocks at most as long as the device does, returns
    None at the end of a file and raises SourceError when the device is gone; it never sleeps to keep a pace. ``close``
    may be called at any time and twice; after it ``open`` may be called again.
    """

    @property
    def info(self) -> SourceInfo: ...
    def open(self) -> None: ...
    def read(self) -> Frame | None: ...
    def close(self) -> None: ...


def make_source(spec: str, options: SourceOptions, pool: FramePool) -> Source:
    """The source that ``spec`` names, not opened yet.

    Raises:
        UsageError: unknown scheme, or a path that does not exist.
    """
    scheme, argument = split(spec)
    if scheme:
        return cast(Source, REGISTRY.load(scheme)(argument, options, pool))
    if spec.isdigit():
        return cast(Source, REGISTRY.load("camera")(spec, options, pool))
    path = Path(spec).expanduser()
    if not path.is_file():
        raise UsageError(f"source '{spec}' is neither a file nor a known source",
                         "give a file, camera:0, demo:, test: or screen:; `vcam devices` lists the cameras")
    kind = "picture" if path.suffix.lower() in PICTURES else "file"
    return cast(Source, REGISTRY.load(kind)(str(path), options, pool))
