"""Films: what a file holds, and any part of it, picture by picture."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from vcam.cutting.developing import Shot, developed
from vcam.cutting.tonemap import TRANSFERS
from vcam.errors import CutoutError
from vcam.frame import LARGEST_SIDE, Size
from vcam.sources.planes import turned
from vcam.sources.video import decodable, frame_rate

# A file must not make us connect anywhere: playlists may name addresses.
LOCAL_ONLY = {"protocol_whitelist": "file,crypto,data"}
SMALLEST_SIDE = 16


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a film.

    Attributes:
        size: upright, of square pixels.
        fps: nominal; the pictures' own times count.
        tick: seconds that a tick lasts.
        times: when pictures begin, in ticks, ascending.
        counted: the file does not say when; pictures are numbered, and a part is found by reading from the start.
        begin: seconds of the film's first moment, sound or picture.
        notes: what the user should know.
    """

    path: Path
    size: Size
    fps: Fraction
    tick: Fraction
    times: tuple[int, ...]
    counted: bool
    begin: Fraction
    interlaced: bool
    has_sound: bool
    notes: tuple[str, ...] = ()

    @property
    def step(self) -> int:
        """Ticks of a usual picture."""
        return max(round(1 / self.fps / self.tick), 1)

    @property
    def end(self) -> int:
        """The tick after the last picture."""
        return self.times[-1] + self.step


def read_facts(path: Path) -> Facts:
    """What a film holds, from its packets; only the first picture is decoded.

    Raises:
        CutoutError: it is no film, holds no picture, or one that is too small or too large.
    """
    with closing(_opened(path)) as container:
        times = _times(container)
    with closing(_opened(path)) as container:
        stream = container.streams.video[0]
        first = next(_decoded(container, path), None)
        if first is None or not times:
            raise CutoutError(f"'{path}' has no picture that can be decoded", "check that it plays elsewhere")
        size = turned(_square(stream, first), first.rotation)
        _check_size(path, size)
        rate, tick = frame_rate(stream), Fraction(stream.time_base.numerator, stream.time_base.denominator)
        known = [time for time in times if time is not None]
        counted = len(set(known)) < len(times)
        begin = Fraction(0) if counted or container.start_time is None else Fraction(container.start_time, av.time_base)
        return Facts(path, size, rate, 1 / rate if counted else tick,
                     tuple(range(len(times)) if counted else sorted(known)), counted, begin,
                     bool(first.interlaced_frame), bool(container.streams.audio),
                     _notes(first))


def shots(facts: Facts, begin: int, end: int) -> Iterator[Shot]:
    """The pictures whose ticks are from ``begin`` up to before ``end``.

    Raises:
        CutoutError: the file is too damaged to go on.
    """
    margin = facts.step if facts.interlaced else 0  # weaving looks at the neighbours
    first, last = begin - margin, end + margin
    with closing(_frames(facts, first)) as frames:
        for shot in developed(_between(frames, first, last), facts.size, facts.interlaced):
            if begin <= shot.tick < end:
                yield shot


def _frames(facts: Facts, begin: int) -> Generator[tuple[int, Any], None, None]:
    """Decoded frames with their ticks, from ``begin`` or before it on."""
    with closing(_opened(facts.path)) as container:
        frames = None if facts.counted or begin <= facts.times[0] else _from(facts, container, begin)
        if frames is not None:
            yield from frames
            return
    with closing(_opened(facts.path)) as container:  # there is nothing to seek by, or it leads astray
        yield from _timed(facts, container)


def _from(facts: Facts, container: Any, begin: int) -> Iterator[tuple[int, Any]] | None:
    """Frames from before ``begin`` on; None if seeking ends behind it."""
    try:
        container.seek(begin, stream=container.streams.video[0], backward=True)
    except (av.FFmpegError, OSError):
        return None
    frames = _timed(facts, container)
    first = next(frames, None)
    if first is None or first[0] > begin:
        return None
    return _chained(first, frames)


def _chained(first: tuple[int, Any], rest: Iterator[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
    yield first
    yield from rest


def _timed(facts: Facts, container: Any) -> Iterator[tuple[int, Any]]:
    for number, frame in enumerate(_decoded(container, facts.path)):
        if facts.counted:
            yield number, frame
        elif frame.pts is not None:
            yield frame.pts, frame


def _between(frames: Iterator[tuple[int, Any]], begin: int, end: int) -> Iterator[tuple[int, Any]]:
    last = begin - 1
    for tick, frame in frames:
        if tick >= end:
            return
        if tick > last:  # before begin, or a time that was there already
            last = tick
            yield tick, frame


def _decoded(container: Any, path: Path) -> Iterator[Any]:
    stream = container.streams.video[0]
    return decodable(container.demux(stream), _decoder(stream), path, CutoutError)


def _decoder(stream: Any) -> Any:
    """The stream's own, but for VP8 and VP9 with alpha, which FFmpeg's own decoders drop silently."""
    library = {"vp8": "libvpx", "vp9": "libvpx-vp9"}.get(stream.codec_context.name)
    tagged = {key.lower(): value for key, value in stream.metadata.items()}.get("alpha_mode") == "1"
    if library is None or not tagged:
        stream.thread_count = 1  # chunks are worked on side by side already
        return stream.codec_context
    return av.CodecContext.create(library, "r")


def _times(container: Any) -> list[int | None]:
    packets = container.demux(container.streams.video[0])
    times: list[int | None] = []
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:
            return times
        if packet is None:
            return times
        if packet.size and not packet.is_discard:
            times.append(packet.pts)


def _opened(path: Path) -> Any:
    if not path.stat().st_size:
        raise CutoutError(f"'{path}' is empty", "give another file")
    try:
        container = av.open(str(path), options=LOCAL_ONLY)
    except (av.FFmpegError, OSError) as error:
        raise CutoutError(f"'{path}' cannot be read: {error.strerror}",
                          "check that it is a video or a picture, and that it opens elsewhere") from error
    if not container.streams.video:
        container.close()
        raise CutoutError(f"'{path}' has no picture: it holds sound only", "give a video or a picture")
    return container


def _check_size(path: Path, size: Size) -> None:
    if min(size.width, size.height) < SMALLEST_SIDE or max(size.width, size.height) > LARGEST_SIDE:
        raise CutoutError(f"'{path}' is {size}: each side must be {SMALLEST_SIDE} to {LARGEST_SIDE} pixels",
                          "scale it first")


def _square(stream: Any, first: Any) -> Size:
    """The size with square pixels, of which there are no fewer: not every format can say that they are not."""
    own = stream.sample_aspect_ratio
    aspect = Fraction(own.numerator, own.denominator) if own else Fraction(1)
    if aspect >= 1:
        return Size(round(first.width * aspect), first.height)
    return Size(first.width, round(first.height / aspect))


def _notes(frame: Any) -> tuple[str, ...]:
    notes = []
    if int(frame.color_trc) in TRANSFERS:
        notes.append("high dynamic range is mapped to the standard one")
    if frame.interlaced_frame:
        notes.append("interlaced fields are woven together")
    return tuple(notes)
