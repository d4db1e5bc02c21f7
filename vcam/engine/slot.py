"""The two ways from one thread to the next: the newest only, or every one within bounds."""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Latest(Generic[Item]):
    """Holds the newest item; an item nobody took in time is dropped and counted."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._item: Item | None = None
        self._closed = self._woken = False
        self.dropped = 0

    def put(self, item: Item) -> None:
        with self._condition:
            self.dropped += self._item is not None
            self._item = item
            self._condition.notify()

    def get(self, timeout: float) -> Item | None:
        """The newest item not taken yet; None after ``timeout`` seconds or once closed and empty."""
        with self._condition:
            self._condition.wait_for(lambda: self._item is not None or self._closed or self._woken, timeout)
            self._woken = False
            item, self._item = self._item, None
            return item

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
            return self._closed and self._item is None


class Bounded(Generic[Item]):
    """Holds every item in order, up to ``capacity``; what does not fit is dropped and counted, nobody waits."""

    def __init__(self, capacity: int) -> None:
        self._condition = threading.Condition()
        self._items: deque[Item] = deque()
        self._capacity = capacity
        self._closed = self._woken = False
        self.dropped = 0

    def put(self, item: Item) -> None:
        with self._condition:
            if len(self._items) >= self._capacity:
                self.dropped += 1
                return
            self._items.append(item)
            self._condition.notify()

    def get(self, timeout: float) -> Item | None:
        """The oldest item; None after ``timeout`` seconds or once closed and empty."""
        with self._condition:
            self._condition.wait_for(lambda: self._items or self._closed or self._woken, timeout)
            self._woken = False
            return self._items.popleft() if self._items else None

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
            return self._closed and not self._items
