"""The end of a pipe through which vcam sends its picture (the sink ``-``): what a viewer sees."""

from __future__ import annotations

import threading  # noqa: TID251
from collections.abc import Callable
from typing import IO

import numpy as np

from vcam.frame import Colour, Pixels, Size, i420_shape
from vcam.ops.colour import i420_to_bgr


class Outlet:
    """Reads YUV4MPEG2 as long as it comes; the newest picture stays."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._changed = threading.Condition()
        self._newest: Pixels | None = None
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def wait_for(self, condition: Callable[[Pixels], bool], what: str, seconds: float = 20) -> Pixels:
        """The first picture (BGR) from now on of which ``condition`` holds."""
        with self._changed:
            self._newest = None
            assert self._changed.wait_for(lambda: self._newest is not None and condition(self._newest), seconds), what
            assert self._newest is not None
            return self._newest

    def join(self) -> None:
        self._thread.join(20)

    def _read(self) -> None:
        words = self._pipe.readline().decode().split()
        size = Size(*(int(next(word[1:] for word in words if word[0] == kind)) for kind in "WH"))
        shape = i420_shape(size)
        while self._pipe.readline():
            data = self._pipe.read(shape[0] * shape[1])
            if len(data) < shape[0] * shape[1]:
                return
            picture = i420_to_bgr(np.frombuffer(data, np.uint8).reshape(shape), Colour.for_height(size.height))
            with self._changed:
                self._newest = picture
                self._changed.notify_all()


def corner_is(blue: int, green: int, red: int) -> Callable[[Pixels], bool]:
    """A condition: the upper left corner, where nobody sits, has that colour."""
    def holds(picture: Pixels) -> bool:
        mean = picture[4:40, 4:40].reshape(-1, 3).mean(axis=0)
        return bool(np.abs(mean - (blue, green, red)).max() < 14)
    return holds
