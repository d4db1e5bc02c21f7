"""Whether the camera should be on: only while somebody watches and the user is live."""

from __future__ import annotations

import threading
from collections.abc import Callable

from vcam.engine.clock import SECOND_NS, Clock

# Apps that poll open a device for a moment; the camera's light must not flash for them.
WATCHED_SECONDS = 0.3
# Apps that change a setting close the device and open it again.
UNWATCHED_SECONDS = 5.0
POLL_SECONDS = 0.1


class Gate:
    """Open while frames are wanted.

    Args:
        watched: whether any sink has, or may have, a viewer.
        on_demand: False: as if somebody always watched.
    """

    def __init__(self, clock: Clock, watched: Callable[[], bool], on_demand: bool) -> None:
        self._clock = clock
        self._watched = watched
        self._on_demand = on_demand
        self._open = threading.Event()
        self._open.set()
        self._demanded = True
        self._allowed = True
        self._since_ns = clock.now_ns()

    @property
    def is_open(self) -> bool:
        return self._open.is_set()

    @property
    def is_demanded(self) -> bool:
        """False: nobody watches."""
        return self._demanded

    def wait(self, seconds: float) -> bool:
        """Wait until frames are wanted; False after ``seconds``."""
        return self._open.wait(seconds)

    def follow(self, on_demand: bool) -> None:
        """Whether to follow the viewers from now on, or to act as if somebody always watched."""
        self._on_demand = on_demand

    def allow(self, allowed: bool) -> None:
        """The user's word: False keeps the camera off whoever watches."""
        self._allowed = allowed
        self._settle()

    def poll(self) -> None:
        """Look who watches; to be called every ``POLL_SECONDS``."""
        now, watched = self._clock.now_ns(), not self._on_demand or self._watched()
        if watched == self._demanded:
            self._since_ns = now
        elif now - self._since_ns >= (WATCHED_SECONDS if watched else UNWATCHED_SECONDS) * SECOND_NS:
            self._demanded = watched
            self._since_ns = now
            self._settle()

    def _settle(self) -> None:
        if self._allowed and self._demanded:
            self._open.set()
        else:
            self._open.clear()
