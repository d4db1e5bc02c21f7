"""Where the newest of something is posted, for whoever wants to follow it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Generic, TypeVar

from vcam.engine.slot import Latest

Item = TypeVar("Item")

log = logging.getLogger(__name__)


class Board(Generic[Item]):
    """Tells followers of every item posted; any thread posts, any thread follows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._followers: dict[object, Callable[[Item], None]] = {}
        self._feeds: set[Feed[Item]] = set()

    def post(self, item: Item) -> None:
        """Tell every follower; one that fails is logged and does not keep it from the others."""
        for told in tuple(self._followers.values()):
            try:
                told(item)
            except Exception:
                log.exception("a follower failed")

    def follow(self, told: Callable[[Item], None]) -> Callable[[], None]:
        """Call ``told`` with every item, in the thread that posts it; returns what ends that."""
        key = object()
        with self._lock:
            self._followers = self._followers | {key: told}
        return lambda: self._leave(key)

    def feed(self) -> Feed[Item]:
        """The items for a thread of its own: the newest one only, if it does not keep up."""
        feed: Feed[Item] = Feed(self)
        with self._lock:
            self._feeds = self._feeds | {feed}
        return feed

    @property
    def watched(self) -> bool:
        """Whether anybody follows."""
        return bool(self._followers)

    def close(self) -> None:
        """End every feed."""
        for feed in self._feeds:
            feed.close()

    def _leave(self, key: object) -> None:
        with self._lock:
            self._followers = {other: told for other, told in self._followers.items() if other is not key}

    def _forget(self, feed: Feed[Item]) -> None:
        with self._lock:
            self._feeds = self._feeds - {feed}


class Feed(Generic[Item]):
    """Iterates over what is posted; a context manager that stops following at its end."""

    def __init__(self, board: Board[Item]) -> None:
        self._board = board
        self._slot: Latest[Item] = Latest()
        self._end = board.follow(self._slot.put)

    def get(self, seconds: float) -> Item | None:
        """The next item; None after ``seconds``, or once closed."""
        return self._slot.get(seconds)

    def close(self) -> None:
        """Stop following."""
        self._end()
        self._board._forget(self)
        self._slot.close()

    def __iter__(self) -> Iterator[Item]:
        while not self._slot.finished:
            item = self.get(60)
            if item is not None:
                yield item

    def __enter__(self) -> Feed[Item]:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()
