"""Pictures and mattes of clips, frame by frame, checked against what the index says of them.

Videos are decoded to BGR as OpenCV decodes them, so that figures compare with those of other programs.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from vcam.errors import EvaluationError
from vcam.evaluation.index import Clip
from vcam.frame import Pixels, Size

_LOCAL_ONLY = {"protocol_whitelist": "file,crypto,data"}
_MEND = "mend the file, or the index"


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A frame of a clip: its BGR picture (height, width, 3), and what its matte is compared with, if there is anything:
    uint8 (height, width)."""

    picture: Pixels
    wanted: Pixels | None


def pictures(clip: Clip) -> Iterator[Pixels]:
    """The clip's frames as BGR (height, width, 3).

    Raises:
        EvaluationError: the file is damaged, or is not what the index says.
    """
    count = 0
    for picture in _decoded(clip, clip.file, cv2.IMREAD_COLOR):
        _check_size(clip, clip.file, picture)
        count += 1
        yield picture
    if count != clip.frames:
        raise EvaluationError(f"clip '{clip.name}': {clip.file} has {_frames(count)}, the index says {clip.frames}",
                              _MEND)


def shots(clip: Clip) -> Generator[Shot, None, None]:
    """The clip's frames with what their mattes are compared with.

    Raises:
        EvaluationError: as ``pictures``, or the other matte is damaged or does not fit.
    """
    if clip.compared_with is None:
        yield from (Shot(picture, None) for picture in pictures(clip))
        return
    other = clip.compared_with
    for count, (picture, matte) in enumerate(zip_longest(pictures(clip), _mattes(clip, other))):
        if picture is None or matte is None:
            found = _frames(count) if matte is None else f"more than {_frames(count)}"
            raise EvaluationError(f"clip '{clip.name}': {other} has {found}, its clip {clip.frames}", _MEND)
        yield Shot(picture, matte)


def check(clip: Clip) -> None:
    """Decode the first frame of each of the clip's files.

    Raises:
        EvaluationError: one cannot be read or has not the size that the index says.
    """
    with closing(shots(clip)) as frames:
        next(frames)


def _mattes(clip: Clip, path: Path) -> Iterator[Pixels]:
    for matte in _decoded(clip, path, cv2.IMREAD_GRAYSCALE):
        _check_size(clip, path, matte)
        yield matte


def _check_size(clip: Clip, path: Path, picture: Pixels) -> None:
    found = Size(picture.shape[1], picture.shape[0])
    if found != clip.size:
        raise EvaluationError(f"clip '{clip.name}': {path} is {found}, the index says {clip.size}", _MEND)


def _decoded(clip: Clip, path: Path, flag: int) -> Iterator[Pixels]:
    try:
        yield from _still(path, flag) if clip.is_still else _video(path, flag)
    except (OSError, av.FFmpegError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise EvaluationError(f"clip '{clip.name}': {path} cannot be read: {reason}", _MEND) from error


def _still(path: Path, flag: int) -> Iterator[Pixels]:
    data = np.frombuffer(path.read_bytes(), np.uint8)
    picture = cv2.imdecode(data, flag) if data.size else None
    if picture is None:
        raise ValueError("it is not a picture")
    yield picture


def _video(path: Path, flag: int) -> Iterator[Pixels]:
    container: Any
    with av.open(str(path), container_options=_LOCAL_ONLY) as container:
        if not container.streams.video:
            raise ValueError("it has no video stream")
        for frame in container.decode(video=0):
            # A grey matte goes through BGR as well: that leaves its levels alone, and another layout's are converted.
            bgr = frame.to_ndarray(format="bgr24")
            yield bgr if flag == cv2.IMREAD_COLOR else np.ascontiguousarray(bgr[..., 0])


def _frames(count: int) -> str:
    return "1 frame" if count == 1 else f"{count} frames"
