"""Time, explicit and replaceable: a monotonic clock, and pacing without drift."""

from __future__ import annotations

import threading
import time
from fractions import Fraction
from typing import Protocol

SECOND_NS = 1_000_000_000
# Seconds between attempts to bring a lost device back; the last one repeats.
BACKOFF = (0.5, 1.0, 2.0)


class Clock(Protocol):
    """Nanoseconds of a monotonic clock, and waiting on it."""

    def now_ns(self) -> int: ...
    def wait_until(self, deadline_ns: int, stop: threading.Event) -> bool:
        """Wait; True if ``stop`` was set meanwhile."""


class MonotonicClock:
    """The system's monotonic clock."""

    def now_ns(self) -> int:
        return time.monotonic_ns()

    def wait_until(self, deadline_ns: int, stop: threading.Event) -> bool:
        remaining = deadline_ns - time.monotonic_ns()
        return stop.wait(remaining / SECOND_NS) if remaining > 0 else stop.is_set()


class Pacer:
    """When the frames of a recorded source are due: at their own timestamps from the first one on.

    Deadlines are computed from the start, not from one frame to the next, so lateness never adds up. After a stall
    longer than ``patience`` the clock is moved instead of rushing through what was missed.
    """

    def __init__(self, clock: Clock, patience: float = 0.25) -> None:
        self._clock = clock
        self._patience_ns = int(patience * SECOND_NS)
        self._zero_ns: int | None = None

    def due_ns(self, pts: Fraction) -> int:
        """Clock time at which the frame of ``pts`` seconds is due."""
        offset = int(pts * SECOND_NS)
        now = self._clock.now_ns()
        if self._zero_ns is None or now - (self._zero_ns + offset) > self._patience_ns:
            self._zero_ns = now - offset
        return self._zero_ns + offset


class RateLimit:
    """Which frames of a camera to keep so that at most ``fps`` a second remain, evenly spread."""

    def __init__(self, fps: Fraction | None) -> None:
        self._interval_ns = int(SECOND_NS / fps) if fps else 0
        self._next_ns: int | None = None

    def keep(self, captured_ns: int) -> bool:
        """Whether the frame captured at that time is wanted."""
        if not self._interval_ns:
            return True
        if self._next_ns is None or captured_ns - self._next_ns > self._interval_ns:
            self._next_ns = captured_ns
        # A camera's intervals jitter: a frame a quarter of an interval early still counts as in time.
        if captured_ns < self._next_ns - self._interval_ns // 4:
            return False
        self._next_ns += self._interval_ns
        return True
