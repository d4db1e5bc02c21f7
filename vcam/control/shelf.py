"""Pictures that were shown lately stay decoded: going back to one takes no longer than exchanging it."""

from __future__ import annotations

from pathlib import Path

from vcam.backdrops import Backdrop
from vcam.backdrops.library import find
from vcam.backdrops.picture import PictureBackdrop
from vcam.config import Settings
from vcam.errors import UsageError
from vcam.frame import i420_shape
from vcam.pipeline import PipelineSettings

_MOST_PICTURES, _MOST_BYTES = 8, 24 << 20

_Key = tuple[object, ...]


class Shelf:
    """The latest pictures, each as it was made for a size and a way of fitting."""

    def __init__(self) -> None:
        self._kept: dict[_Key, Backdrop] = {}

    def take(self, settings: Settings, picture: PipelineSettings) -> Backdrop | None:
        """The chosen background, if it is here and its file has not changed since."""
        key = _key(settings, picture)
        backdrop = self._kept.pop(key, None) if key else None
        if key and backdrop is not None:
            self._kept[key] = backdrop  # the newest is last
        return backdrop

    def keep(self, settings: Settings, picture: PipelineSettings, backdrop: Backdrop) -> None:
        """Keep it for the next time, if it is a picture; the oldest ones go."""
        key = _key(settings, picture)
        if key is None or not isinstance(backdrop, PictureBackdrop):
            return
        self._kept[key] = backdrop
        height, width = i420_shape(picture.size)
        while len(self._kept) > max(min(_MOST_PICTURES, _MOST_BYTES // (height * width)), 1):
            del self._kept[next(iter(self._kept))]


def _key(settings: Settings, picture: PipelineSettings) -> _Key | None:
    """What the pixels depend on; None: not a file."""
    try:
        path: Path = find(settings.background, settings.backgrounds_folder)
        seen = path.stat()
    except (UsageError, OSError):
        return None
    return str(path), seen.st_mtime_ns, seen.st_size, picture.size, picture.colour, settings.fit
