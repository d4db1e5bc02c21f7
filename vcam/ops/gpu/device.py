"""What the verbs need of a GPU: memory, copies, and the running of kernels."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from numpy.typing import NDArray

from vcam.ops import DeviceArray


class Device(Protocol):
    """A GPU, or what stands for one in tests.

    ``xp``: its array module (CuPy's interface). ``provider``: what ONNX Runtime computes with on its memory and in step
    with its work (execution provider and options), and ``memory``, its word for that memory.
    """

    name: str
    xp: Any
    provider: tuple[str, dict[str, str]]
    memory: str

    def working(self) -> AbstractContextManager[None]:
        """Within it, this thread's arrays come from the device's own pool and its work goes to the one stream."""

    def run(self, kernel: str, shape: tuple[int, ...], *given: Any) -> None:
        """Start a kernel with a thread for each of ``shape``, (count,) or (rows, columns)."""

    def upload(self, host: NDArray[Any]) -> DeviceArray:
        """A copy in the device's memory."""

    def download(self, array: DeviceArray) -> NDArray[Any]:
        """A copy in the host's memory; waits for what is still to be computed."""

    def address(self, array: DeviceArray) -> int:
        """Where the array's memory begins."""


class Tables:
    """Small constant tables on the device, made once."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._known: dict[Hashable, DeviceArray] = {}

    def get(self, key: Hashable, make: Callable[[], NDArray[Any]]) -> DeviceArray:
        """The table called ``key``; ``make`` makes it."""
        if key not in self._known:
            self._known[key] = self._device.upload(make())
        return self._known[key]


class Uploads:
    """The last few things that were uploaded, found again by identity.

    The host's object is kept with its copy, so that no other object can take its place in memory.
    """

    def __init__(self, device: Device, most: int) -> None:
        self._device, self._most = device, most
        self._kept: list[tuple[object, DeviceArray]] = []

    def get(self, key: object, pixels: NDArray[Any]) -> DeviceArray:
        """``pixels`` on the device; copied unless they were for the same ``key`` before."""
        for number, (known, array) in enumerate(self._kept):
            if known is key:
                self._kept.append(self._kept.pop(number))
                return array
        array = self._device.upload(pixels)
        self._kept = [*self._kept, (key, array)][-self._most:]
        return array
