"""Signs that a camera needs to be reopened although it reports no error."""

from __future__ import annotations

import time
import zlib

from vcam.engine.clock import SECOND_NS
from vcam.frame import Frame

FROZEN_SECONDS = 5.0
SLEPT_SECONDS = 2.0
# A prime step visits every column in the course of a frame; a sensor's noise changes some of these bytes every time.
_STEP = 97


class FrozenWatch:
    """Notices a driver that goes on delivering its last picture after the camera stopped.

    A camera that is still frozen after it was reopened shows a still picture on purpose: it is left alone until the
    picture changes.
    """

    def __init__(self) -> None:
        self._print = -1
        self._since_ns = 0
        self._tolerated = -1

    def is_frozen(self, frame: Frame, now_ns: int) -> bool:
        """Whether the same picture has come for too long."""
        found = zlib.crc32(frame.pixels.reshape(-1)[::_STEP].tobytes())
        if found != self._print:
            self._print, self._since_ns = found, now_ns
        elif found != self._tolerated and now_ns - self._since_ns > FROZEN_SECONDS * SECOND_NS:
            self._tolerated = found
            return True
        return False


class SleepWatch:
    """Notices that the computer slept: the boot clock goes on while the monotonic clock stands still."""

    def __init__(self) -> None:
        self._offset = _asleep_ns()

    def slept(self) -> bool:
        """Whether it slept since the last call."""
        offset = _asleep_ns()
        slept = offset - self._offset > SLEPT_SECONDS * SECOND_NS
        self._offset = offset
        return slept


def _asleep_ns() -> int:
    boot_clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime_ns(boot_clock) - time.monotonic_ns() if boot_clock is not None else 0
