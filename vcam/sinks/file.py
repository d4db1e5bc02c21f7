"""Recordings: H.264 in .mp4, .mkv and .mov, VP9 in .webm, written by FFmpeg through PyAV.

A recording grows under another name beside its target (``out.part.mp4``) and takes its name when it is complete,
so an older recording is never half replaced. It is written in fragments of two seconds: what is there after a
crash or a power cut plays.
"""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from pathlib import Path

import av
from av.container import OutputContainer
from av.video.stream import VideoStream

from vcam.errors import SinkError, UsageError
from vcam.frame import Rendered
from vcam.sinks import Delivery, OutputFormat
from vcam.sinks.encoding import Timeline, describe, video_frame

_FRAGMENT_S = 2


@dataclass(frozen=True, slots=True)
class _Kind:
    muxer: str
    codec: str
    options: dict[str, str]
    muxer_options: dict[str, str]


_H264 = {"preset": "veryfast", "crf": "20", "bf": "0"}  # B-frames would delay the first picture
_VP9 = {"deadline": "realtime", "cpu-used": "8", "row-mt": "1", "crf": "30", "b": "0"}
_BOXES = {"movflags": "+frag_keyframe+hybrid_fragmented"}
_CLUSTERS = {"cluster_time_limit": str(_FRAGMENT_S * 1000), "flush_packets": "1"}
_KINDS = {".mp4": _Kind("mp4", "libx264", _H264, _BOXES), ".mov": _Kind("mov", "libx264", _H264, _BOXES),
          ".mkv": _Kind("matroska", "libx264", _H264, _CLUSTERS), ".webm": _Kind("webm", "libvpx-vp9", _VP9, _CLUSTERS)}


class FileSink:
    """Records every picture, at its own time.

    Args:
        path: the file to write; its ending names the format.

    Raises:
        UsageError: unknown ending, a folder that does not exist, or a folder where the file should be.
        SinkError: the folder may not be written.
    """

    delivery = Delivery.EVERY
    tags_colour = True

    def __init__(self, path: str) -> None:
        self.name = path
        self._path = Path(path).expanduser().absolute()
        self._kind = _kind_of(self._path)
        _check_folder(self._path)
        self._saved: Path | None = None
        self._failed = False
        self._container: OutputContainer | None = None

    def open(self, output: OutputFormat) -> None:
        """Begin a recording. A second one of the same sink is saved beside the first (``out-2.mp4``).

        Raises:
            SinkError: the file cannot be created or the encoder cannot start.
        """
        self._target = self._path if self._saved is None else _first_free(self._path, "-{}", 2)
        self._part = self._reserve()
        self._output, self._timeline, self._count, self._failed = output, Timeline(1 / output.fps), 0, False
        try:
            self._container = av.open(str(self._part), "w", format=self._kind.muxer,
                                      container_options=self._kind.muxer_options)
            self._stream = self._start_stream(self._container, output)
        except (av.FFmpegError, OSError, ValueError) as error:
            self._container = None
            self._part.unlink(missing_ok=True)
            raise self._error(error) from error

    def send(self, picture: Rendered) -> None:
        """Encode ``picture``.

        Raises:
            SinkError: the disk is full or the encoder failed; what was recorded stays under its temporary name.
        """
        assert self._container is not None, "open() comes first"
        frame = video_frame(self._output, picture, self._timeline)
        try:
            self._container.mux(self._stream.encode(frame))
        except (av.FFmpegError, OSError, ValueError) as error:
            self._failed = True
            raise self._error(error) from error
        self._count += 1

    def close(self) -> None:
        """Complete the recording and give it its name; without a picture no file is left.

        Raises:
            SinkError: the end could not be written.
        """
        container, self._container = self._container, None
        if container is None:
            return
        try:
            if self._count and not self._failed:
                container.mux(self._stream.encode(None))
            container.close()
            if self._count and not self._failed:
                self._part.replace(self._target)
                self._saved = self._target
        except (av.FFmpegError, OSError, ValueError) as error:
            if not self._failed:
                self._failed = True
                raise self._error(error) from error
        finally:
            if not self._count:
                self._part.unlink(missing_ok=True)

    @property
    def watchers(self) -> int | None:
        """A recording is always wanted."""
        return None

    @property
    def note(self) -> str:
        if self._container is not None:
            return f"recording to {self._target}"
        if self._failed:
            return f"recording broke off: {self._part}" if self._count else ""
        return f"recording saved: {self._saved}" if self._saved is not None else ""

    def _start_stream(self, container: OutputContainer, output: OutputFormat) -> VideoStream:
        stream = container.add_stream(self._kind.codec, rate=output.fps, options=self._kind.options)
        assert isinstance(stream, VideoStream)
        describe(stream.codec_context, output, _FRAGMENT_S)
        stream.codec_context.open()
        return stream

    def _reserve(self) -> Path:
        """Create the temporary file, under a name that nothing had: the rest of a crash is not overwritten."""
        try:
            while True:
                part = _first_free(self._target, ".part{}", 1)
                try:
                    part.touch(exist_ok=False)
                except FileExistsError:
                    continue
                return part
        except OSError as error:
            raise self._error(error) from error

    def _error(self, error: Exception) -> SinkError:
        reason = getattr(error, "strerror", "") or str(error)
        kept = self._failed and self._count
        return SinkError(f"recording '{self.name}' cannot be written: {reason} in {self._path.parent}",
                         f"what was recorded is in {self._part.name}" if kept else "choose another folder")


def _kind_of(path: Path) -> _Kind:
    kind = _KINDS.get(path.suffix.lower())
    if kind is None:
        raise UsageError(f"recording '{path.name}' has an unknown ending '{path.suffix}'",
                         f"use one of {', '.join(_KINDS)}")
    return kind


def _check_folder(path: Path) -> None:
    if not path.parent.is_dir():
        raise UsageError(f"recording '{path.name}' cannot be written: there is no folder {path.parent}",
                         "create it, or choose another folder")
    if path.is_dir():
        raise UsageError(f"recording '{path.name}' cannot be written: {path} is a folder", "choose another name")
    if not os.access(path.parent, os.W_OK):
        raise SinkError(f"recording '{path.name}' cannot be written: Permission denied in {path.parent}",
                        "choose another folder")


def _first_free(path: Path, pattern: str, start: int) -> Path:
    """``path`` with ``pattern`` and the first number that is free (1 is not written) before its ending."""
    names = (path.with_name(path.stem + pattern.format(n if n > 1 else "") + path.suffix)
             for n in itertools.count(start))
    return next(name for name in names if not name.exists())
