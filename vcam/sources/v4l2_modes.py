"""What a Linux video device is and which modes it offers, asked of its driver (linux/videodev2.h).

Everything here answers with nothing, rather than raising, where a device cannot be asked.
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vcam import videodev2 as kernel

if sys.platform == "linux":
    import fcntl

_DISCRETE: Final = 1
_MOST: Final = 128  # of anything that is enumerated: a driver that never says "no more" must not hang us


@dataclass(frozen=True, slots=True)
class Device:
    """A node under /dev: its driver and name, and whether it gives or takes pictures."""

    path: str
    driver: str
    name: str
    captures: bool
    outputs: bool

    @property
    def is_virtual(self) -> bool:
        """Whether programs, not a lens, fill it with pictures."""
        return self.driver == kernel.LOOPBACK_DRIVER


def query(path: str) -> Device | None:
    """What the driver says of the node at ``path``; None if it cannot be asked."""
    with _Node(path) as node:
        found = node.ask(kernel.QUERY_CAPABILITY, kernel.CAPABILITY, b"", b"", b"", *(0,) * 6)
    if found is None:
        return None
    driver, card, capabilities, of_node = found[0], found[1], int(found[4]), int(found[5])
    able = of_node if capabilities & kernel.HAS_DEVICE_CAPS else capabilities
    return Device(path, kernel.text(driver), kernel.text(card), bool(able & kernel.CAN_CAPTURE),
                  bool(able & kernel.CAN_OUTPUT))


def devices() -> list[Device]:
    """Every video node that can be asked, in the order of their numbers."""
    nodes = [node for node in Path("/dev").glob("video*") if node.name[5:].isdecimal()]
    found = (query(str(node)) for node in sorted(nodes, key=lambda node: int(node.name[5:])))
    return [device for device in found if device is not None]


def modes(path: str) -> tuple[str, ...]:
    """Modes of a capture device as ``1280x720 MJPG 30``: size, pixel format, most frames a second (if it says)."""
    with _Node(path) as node:
        return tuple(f"{width}x{height} {_fourcc(code)}{_rate(node, code, width, height)}"
                     for code in _formats(node) for width, height in _sizes(node, code))


class _Node:
    """An open device node, or nothing."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._handle = -1

    def __enter__(self) -> _Node:
        try:
            self._handle = os.open(self._path, os.O_RDWR | getattr(os, "O_NONBLOCK", 0))
        except OSError:
            self._handle = -1
        return self

    def __exit__(self, *_: object) -> None:
        if self._handle >= 0:
            os.close(self._handle)

    def ask(self, request: int, layout: struct.Struct, *values: int | bytes) -> tuple[int | bytes, ...] | None:
        """The struct as the driver returns it; None if it refuses."""
        if self._handle < 0 or sys.platform != "linux":
            return None
        memory = bytearray(layout.pack(*values))
        try:
            fcntl.ioctl(self._handle, request, memory, True)
        except OSError:
            return None
        return layout.unpack(memory)


def _formats(node: _Node) -> Iterator[int]:
    for index in range(_MOST):
        found = node.ask(kernel.ENUM_FORMATS, kernel.FORMAT_NAME, index, kernel.CAPTURE, 0, b"", *(0,) * 5)
        if found is None:
            return
        yield int(found[4])


def _sizes(node: _Node, code: int) -> Iterator[tuple[int, int]]:
    """Discrete sizes; of a range of sizes, the largest."""
    for index in range(_MOST):
        found = node.ask(kernel.ENUM_SIZES, kernel.FRAME_SIZE, index, code, 0, *(0,) * 8)
        if found is None:
            return
        if int(found[2]) != _DISCRETE:
            yield int(found[4]), int(found[7])
            return
        yield int(found[3]), int(found[4])


def _rate(node: _Node, code: int, width: int, height: int) -> str:
    """`` 30``: the most frames a second in this mode, or nothing."""
    best = 0.0
    for index in range(_MOST):
        found = node.ask(kernel.ENUM_INTERVALS, kernel.FRAME_INTERVAL, index, code, width, height, 0, *(0,) * 8)
        if found is None:
            break
        numerator, denominator = int(found[5]), int(found[6])  # of a range: its shortest interval, likewise first
        best = max(best, denominator / numerator if numerator else 0.0)
        if int(found[4]) != _DISCRETE:
            break
    return f" {best:.4g}" if best else ""


def _fourcc(code: int) -> str:
    return "".join(chr(code >> shift & 0x7F) for shift in (0, 8, 16, 24)).strip()
