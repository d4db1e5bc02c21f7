"""Watching a device in the guest until something shows, with an eye on leaks all the time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.vm.program import PATIENCE
from tests.vm.viewer import Viewer
from vcam.frame import Colour, Pixels, i420_shape
from vcam.ops.colour import i420_to_bgr


@dataclass(slots=True)
class Watch:
    """Takes pictures from an open device. Not one of them may show the room.

    Args:
        shows_room: whether a BGR picture does.
    """

    viewer: Viewer
    shows_room: Callable[[Pixels], bool]
    count: int = 0
    shape: tuple[int, int] = field(init=False)

    def __post_init__(self) -> None:
        told = self.viewer.told()
        assert (told.code, told.matrix) == ("YU12", 1), told
        self.shape = i420_shape(told.size)

    def next(self, patience: float = PATIENCE) -> tuple[Pixels, Pixels]:
        """The next picture, as it came and as BGR."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            taken = self.viewer.picture(1.0)
            if taken is None or not taken.size:
                continue
            self.count += 1
            picture = i420_to_bgr(taken[:self.shape[0] * self.shape[1]].reshape(self.shape), Colour.BT601)
            assert not self.shows_room(picture), f"picture {self.count} shows the room"
            return taken, picture
        raise AssertionError(f"no picture in {patience} seconds")

    def until(self, wanted: Callable[[Pixels], bool], patience: float = PATIENCE) -> int:
        """Watch until a picture is as wanted; returns how many came before it."""
        end, before = time.monotonic() + patience, self.count
        while time.monotonic() < end:
            if wanted(self.next()[1]):
                return self.count - before - 1
        raise AssertionError(f"{self.count - before} pictures, none as wanted")


@contextmanager
def watching(device: str, shows_room: Callable[[Pixels], bool]) -> Iterator[Watch]:
    """An app with its camera window open."""
    viewer = Viewer(device)
    try:
        viewer.start()
        yield Watch(viewer, shows_room)
    finally:
        viewer.close()
