"""Mattes on disk: lossless video (FFV1) for clips, PNG for stills."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import cv2

from vcam.errors import EvaluationError, UsageError
from vcam.evaluation.index import Clip
from vcam.frame import Pixels
from vcam.wholefile import replacing, write_whole


def prepare_folder(folder: Path) -> None:
    """Make the folder that mattes are kept in.

    Raises:
        UsageError: it cannot be made.
    """
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise UsageError(f"folder '{folder}' cannot be made: {error.strerror}", "give another one") from error


def matte_path(folder: Path, clip: Clip) -> Path:
    """Where a clip's mattes are kept."""
    return folder / f"{clip.name}{'.png' if clip.is_still else '.mkv'}"


@contextmanager
def keeper(folder: Path | None, clip: Clip) -> Iterator[Callable[[Pixels], None]]:
    """A function that keeps the clip's next matte, uint8 (height, width); without a folder it does nothing.

    The file appears when all is written, and not at all if anything fails.

    Raises:
        EvaluationError: it cannot be written.
    """
    if folder is None:
        yield lambda matte: None
        return
    path = matte_path(folder, clip)
    if clip.is_still:
        yield lambda matte: _write_png(path, matte)
        return
    with replacing(path) as temporary:
        recording = _Recording(path, temporary, clip)
        try:
            yield recording.add
            recording.finish()
        finally:
            recording.close()


class _Recording:
    def __init__(self, path: Path, temporary: Path, clip: Clip) -> None:
        self._path = path
        with _explained(path):
            self._container: Any = av.open(str(temporary), "w", format="matroska")
            self._stream = self._container.add_stream("ffv1", rate=clip.fps)
        self._stream.width, self._stream.height = clip.size.width, clip.size.height
        self._stream.pix_fmt = "gray"

    def add(self, matte: Pixels) -> None:
        with _explained(self._path):
            self._container.mux(self._stream.encode(av.VideoFrame.from_ndarray(matte, format="gray")))

    def finish(self) -> None:
        with _explained(self._path):
            self._container.mux(self._stream.encode(None))
            self._container.close()

    def close(self) -> None:
        self._container.close()


def _write_png(path: Path, matte: Pixels) -> None:
    with _explained(path):
        write_whole(path, cv2.imencode(".png", matte)[1].tobytes())


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, av.FFmpegError) as error:
        raise EvaluationError(f"matte '{path}' cannot be written: {error.strerror}", "choose another folder") from error
