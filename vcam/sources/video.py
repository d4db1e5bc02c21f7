"""A video file as a source."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from vcam.errors import SourceError, VcamError
from vcam.frame import Frame, FramePool, PixelFormat, Size
from vcam.sources import SourceInfo, SourceOptions
from vcam.sources.planes import Converter, turned

MOST_DAMAGED = 30  # packets in a row
# A file must not make us connect anywhere: playlists may name addresses.
_LOCAL_ONLY = {"protocol_whitelist": "file,crypto,data"}
_ANY_RATE = Fraction(30)


class VideoSource:
    """The frames of a video file as I420, in their own time.

    Args:
        argument: path of the file.
        options: ``size`` is filled by scaling and cutting; ``fps`` is ignored (a file has its own);
            ``colour`` converts; ``loop`` starts again at the end, the clock running on.
        pool: where frame memory comes from.
    """

    def __init__(self, argument: str, options: SourceOptions, pool: FramePool) -> None:
        self._path = Path(argument).expanduser()
        self._options = options
        self._convert = Converter(options, pool)
        self._container: Any = None
        self._frames: Iterator[Any] = iter(())
        self._info: SourceInfo | None = None
        self._clock = StreamClock()
        self._seq = 0
        self._pending: Any = None

    @property
    def info(self) -> SourceInfo:
        if self._info is None:
            raise self._not_open()
        return self._info

    def open(self) -> None:
        """Open the file and decode its first frame, which tells its true size.

        Raises:
            SourceError: missing, not a video, damaged, or encoded in a way nobody here can decode.
        """
        self.close()
        self._start()
        first = next(self._frames, None)
        if first is None:
            self.close()
            raise SourceError(f"'{self._path}' has no frame that can be decoded", "check that it plays elsewhere")
        rate = frame_rate(self._container.streams.video[0])
        self._clock = StreamClock(1 / rate)
        self._seq, self._pending = 0, first
        size = self._options.size or turned(Size(first.width, first.height), first.rotation).even()
        if min(size.width, size.height) < 16:
            self.close()
            raise SourceError(f"'{self._path}' is only {first.width}x{first.height}", "give one of at least 16x16")
        self._info = SourceInfo(self._path.name, size, rate, live=False)

    def read(self) -> Frame | None:
        """The next frame; None after the last one if the source does not loop.

        Raises:
            SourceError: not open, or the file is too damaged to go on.
        """
        if self._container is None:
            raise self._not_open()
        decoded = self._take()
        if decoded is None:
            return None
        pts = self._clock.at(decoded)
        pixels, colour = self._convert(decoded, self.info.size)
        frame = Frame(pixels, PixelFormat.I420, self._seq, pts, 0, colour)
        self._seq += 1
        return frame

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        self._pending, self._frames = None, iter(())
        if self._container is not None:
            container, self._container = self._container, None
            container.close()

    def _take(self) -> Any:
        decoded, self._pending = self._pending, None
        decoded = decoded or next(self._frames, None)
        if decoded is None and self._options.loop:
            self.close()
            self._start()
            self._clock.restart()
            decoded = next(self._frames, None)
        return decoded

    def _start(self) -> None:
        self._container = _opened(self._path)
        stream = self._container.streams.video[0]
        self._frames = decodable(self._container.demux(stream), stream, self._path, SourceError)

    def _not_open(self) -> SourceError:
        return SourceError(f"'{self._path}' is not open", "open it before reading")


def decodable(packets: Iterator[Any], decoder: Any, path: Path, failure: type[VcamError]) -> Iterator[Any]:
    """Every frame that ``decoder`` can decode; damaged packets are skipped unless they go on and on.

    Raises:
        VcamError: they do; it is a ``failure``.
    """
    damaged = 0
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                return
            frames = decoder.decode(packet)
        except EOFError:
            return
        except av.FFmpegError as error:
            damaged += 1
            if damaged > MOST_DAMAGED:
                raise failure(f"'{path}' is too damaged to go on: {error.strerror}",
                              "try to repair it: ffmpeg -i FILE -c copy repaired.mkv") from error
            continue
        damaged = 0 if frames else damaged
        yield from frames


class StreamClock:
    """Turns a stream's timestamps into seconds from its start, always growing, running on across loops.

    Args:
        step: how long a frame lasts that does not say.
    """

    def __init__(self, step: Fraction = 1 / _ANY_RATE) -> None:
        self._step = step
        self._begin: Fraction | None = None
        self._last = -step
        self._offset = Fraction(0)

    def at(self, frame: Any) -> Fraction:
        """Seconds of a decoded frame."""
        if frame.pts is None or not frame.time_base:
            stamp = self._last + self._step
        else:
            own = frame.pts * Fraction(frame.time_base.numerator, frame.time_base.denominator)
            self._begin = own if self._begin is None else self._begin
            stamp = own - self._begin + self._offset
        if stamp <= self._last:
            stamp = self._last + self._step
        self._step, self._last = (stamp - self._last if self._last >= 0 else self._step), stamp
        return stamp

    def restart(self) -> None:
        """The next frame is the first one again."""
        self._offset, self._begin = self._last + self._step, None


def _opened(path: Path) -> Any:
    if not path.is_file():
        raise SourceError(f"video '{path}' does not exist", "check the path")
    if not path.stat().st_size:
        raise SourceError(f"video '{path}' is empty", "give another file")
    try:
        container = av.open(str(path), options=_LOCAL_ONLY)
    except (av.FFmpegError, OSError) as error:
        raise SourceError(f"video '{path}' cannot be read: {error.strerror}",
                          "check that it plays elsewhere, or that it is a video at all") from error
    if not container.streams.video:
        container.close()
        raise SourceError(f"'{path}' has no video stream", "give a file with a picture")
    container.streams.video[0].thread_type = "AUTO"
    return container


def frame_rate(stream: Any) -> Fraction:
    """Frames a second as a Fraction: PyAV before 19 gives Fraction or None, later an AVRational, falsy if unset."""
    for rate in (stream.average_rate, stream.guessed_rate):
        if rate:
            return Fraction(rate.numerator, rate.denominator)
    return _ANY_RATE
