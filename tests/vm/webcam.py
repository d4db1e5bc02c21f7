"""Webcams for the guest whose plugs can be pulled."""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence
from fractions import Fraction
from typing import NoReturn

from tests.vm.forks import Fork
from vcam.frame import Colour, Pixels, Size
from vcam.sinks.v4l2_device import OutputDevice, PictureFormat
from vcam.sources import v4l2_modes

FPS = 10


class LoopbackWebcam:
    """A loopback device that is played pictures into: to other programs a webcam.

    Args:
        device: for example ``/dev/video12``.
    """

    def __init__(self, device: str) -> None:
        self.device = device
        self._player: Fork | None = None

    def plug_in(self, size: Size, pictures: Sequence[Pixels]) -> None:
        """Play ``pictures`` (I420) round and round; returns once the device is a camera."""
        self._player = Fork(lambda: _play(self.device, size, pictures))
        while not is_camera(self.device):
            assert self._player.is_running()
            time.sleep(0.1)

    def unplug(self) -> None:
        """Pull the plug; may be called twice."""
        player, self._player = self._player, None
        if player is not None:
            player.signal(signal.SIGKILL)
            player.join(1)


def is_camera(device: str) -> bool:
    """Whether apps list the device: while nobody feeds it, it is none."""
    found = v4l2_modes.query(device)
    return found is not None and found.captures


def _play(device: str, size: Size, pictures: Sequence[Pixels]) -> NoReturn:
    output = _claimed(device, size)
    while True:
        for picture in pictures:
            output.write(picture)
            time.sleep(1 / FPS)


def _claimed(device: str, size: Size) -> OutputDevice:
    """The device, as soon as it takes this size: whoever still watches keeps it at its former one."""
    wanted = PictureFormat(size, "YU12", size.width)
    while True:
        output = OutputDevice(device)
        try:
            if output.set_format(wanted, Colour.BT601)[0] == wanted:
                output.set_rate(Fraction(FPS))
                output.start()
                return output
        except OSError:
            pass
        output.close()
        time.sleep(0.2)
