"""The backgrounds that can be chosen by name, and the way through them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vcam.backdrops import VIDEOS
from vcam.backdrops.library import Item, bundled_folder, items, user_folder
from vcam.errors import UsageError

RECENT = 8


@dataclass(frozen=True, slots=True)
class Known:
    """One background that can be chosen by name. ``category``: ``yours`` or ``bundled``."""

    name: str
    category: str
    kind: Literal["picture", "video"]


class Gallery:
    """What lies in the folders; looked up again when these change."""

    def __init__(self, folder: Path | None = None) -> None:
        self.use(folder)
        self._seen: tuple[object, ...] = ()
        self._items: list[Item] = []

    def use(self, folder: Path | None) -> None:
        """Look into another folder for the user's own; None: the usual one."""
        self._folder = folder
        self._places = (user_folder(folder), bundled_folder())

    def known(self) -> tuple[Known, ...]:
        """All of them, the user's own first."""
        return tuple(Known(item.name, item.origin, "video" if item.path.suffix.lower() in VIDEOS else "picture")
                     for item in self._read())

    def following(self, background: str, by: int, category: str = "") -> Iterator[str]:
        """The names after (``by`` 1) or before (-1) a background, all the way round to it.

        Raises:
            UsageError: there are none of that category.
        """
        found = [item for item in self._read() if category in ("", item.origin)]
        if not found:
            categories = sorted({item.origin for item in self._read()})
            raise UsageError(f"there are no backgrounds of the category '{category}'",
                             f"known: {', '.join(categories)}; vcam backgrounds lists them")
        names = [item.name for item in found]
        here = next((turn for turn, item in enumerate(found) if background in (item.name, str(item.path))), None)
        first = (0 if by > 0 else -1) if here is None else here + by
        for turn in range(len(names)):
            yield names[(first + turn * by) % len(names)]

    def _read(self) -> list[Item]:
        seen = (self._places, *(_changed(place) for place in self._places))
        if seen != self._seen:
            self._items, self._seen = items(self._folder), seen
        return self._items


def _changed(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def with_recent(recent: tuple[str, ...], background: str) -> tuple[str, ...]:
    """The last backgrounds, the newest first, after another one was chosen."""
    return (background, *(other for other in recent if other != background))[:RECENT]
