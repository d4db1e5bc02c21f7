"""The two ways from one thread to the next: the newest only, or every one within bounds."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import deque
from typing import Generic, TypeVar

Item = TypeVar("Item")


class _Slot(ABC, Generic[Item]):
    """What both have in common: waiting, waking, closing, and counting what was dropped."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._closed = self._woken = False
        self.dropped = 0

    @abstractmethod
    def _store(self, item: Item) -> None: ...

    @abstractmethod
    def _take(self) -> Item | None: ...

    @abstractmethod
    def _has_item(self) -> bool: ...

    def put(self, item: Item) -> None:
        """Hand an item over; never waits."""
        with self._condition:
            self._store(item)
            self._condition.notify()

    def get(self, timeout: float) -> Item | None:
        """The next item; None after ``timeout`` seconds, when woken, or once closed and empty."""
        with self._condition:
            self._condition.wait_for(lambda: self._has_item() or self._closed or self._woken, timeout)
            self._woken = False
            return self._take()

    def wake(self) -> None:
        """Let a waiting ``get`` return at once, empty-handed if need be."""
        with self._condition:
            self._woken = True
            self._condition.notify_all()

    def close(self) -> None:
        """Nothing more will come."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()

    @property
    def finished(self) -> bool:
        """Closed, and nothing left to take."""
        with self._condition:
            return self._closed and not self._has_item()


class Latest(_Slot[Item]):
    """Holds the newest item; an item nobody took in time is dropped and counted."""

    def __init__(self) -> None:
        super().__init__()
        self._item: Item | None = None

    def _store(self, item: Item) -> None:
        self.dropped += self._item is not None
        self._item = item

    def _take(self) -> Item | None:
        item, self._item = self._item, None
        return item

    def _has_item(self) -> bool:
        return self._item is not None


class Bounded(_Slot[Item]):
    """Holds every item in order, up to ``capacity``; what does not fit is dropped and counted."""

    def __init__(self, capacity: int) -> None:
        super().__init__()
        self._items: deque[Item] = deque()
        self._capacity = capacity

    def _store(self, item: Item) -> None:
        if len(self._items) >= self._capacity:
            self.dropped += 1
        else:
            self._items.append(item)

    def _take(self) -> Item | None:
        return self._items.popleft() if self._items else None

    def _has_item(self) -> bool:
        return bool(self._items)
