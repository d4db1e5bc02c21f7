"""A monitor as a source."""

from __future__ import annotations

import os
import sys
import time
from fractions import Fraction
from typing import Any

import cv2
import numpy as np

from vcam.errors import SourceError, UsageError
from vcam.frame import FramePool, PixelFormat, Pixels, Size
from vcam.ops.fitting import filled
from vcam.sources import SourceOptions
from vcam.sources.steady import SteadySource


class ScreenSource(SteadySource):
    """One monitor, BGR24, grabbed whenever a frame is asked for.

    Args:
        argument: number of the monitor, 1 being the first (also if empty), 0 all of them side by side.
        options: ``size`` is filled by scaling and cutting; ``fps`` is 30 unless they say otherwise.
        pool: where frame memory comes from.

    Raises:
        UsageError: the argument is not a number.
    """

    format = PixelFormat.BGR24

    def __init__(self, argument: str, options: SourceOptions, pool: FramePool) -> None:
        if argument and not argument.isdecimal():
            raise UsageError(f"'{argument}' is not the number of a monitor", "try screen:1")
        self._number = int(argument or 1)
        self._grabber: Any = None
        self._monitor: dict[str, int] = {}
        super().__init__(f"screen {self._number}", options, pool)

    def prepare(self) -> None:
        _refuse_wayland()
        grabber = _grabber()
        monitors = grabber.monitors
        if self._number >= len(monitors):
            grabber.close()
            raise SourceError(f"there is no monitor {self._number}, only {len(monitors) - 1}",
                              f"try screen:{len(monitors) - 1}")
        self._grabber, self._monitor = grabber, monitors[self._number]
        self.size = self.options.size or Size(self._monitor["width"], self._monitor["height"]).even()

    def render(self, seq: int, pts: Fraction) -> tuple[Pixels, int]:
        try:
            shot = self._grabber.grab(self._monitor)
        except Exception as error:
            raise SourceError(f"{self.name} cannot be grabbed: {error}", _hint()) from error
        captured = time.monotonic_ns()
        bgra = np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4)
        pixels = self.pool.take(self.size.height, self.size.width, 3)
        cv2.cvtColor(filled(bgra, self.size, cv2.INTER_LINEAR), cv2.COLOR_BGRA2BGR, pixels)
        return pixels, captured

    def release(self) -> None:
        self._grabber.close()
        self._grabber = None


def _grabber() -> Any:
    """An open screen grabber.

    Raises:
        SourceError: there is no screen.
    """
    import mss

    make = getattr(mss, "MSS", None) or mss.mss  # the former since mss 10.2
    try:
        return make()
    except Exception as error:  # its backends raise what they like
        raise SourceError(f"the screen cannot be grabbed: {error}".splitlines()[0], _hint()) from error


def _refuse_wayland() -> None:
    """Wayland answers X11 grabs with a black picture; say so instead of showing it."""
    if sys.platform == "linux" and os.environ.get("XDG_SESSION_TYPE", "").lower() == "wayland":
        raise SourceError("a Wayland desktop does not let programs grab the screen",
                          "log in to an X11 session, or use another source")


def _hint() -> str:
    if sys.platform == "darwin":
        return "allow screen recording in System Settings, Privacy & Security"
    if sys.platform == "linux" and not os.environ.get("DISPLAY"):
        return "there is no display: set DISPLAY, or use another source"
    return "check that a desktop session is running, or use another source"
