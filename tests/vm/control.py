"""Adds and removes loopback devices while the driver is loaded (v4l2loopback 0.13 and later)."""

from __future__ import annotations

import fcntl
import os
import struct

_CONTROL = "/dev/v4l2loopback"
# v4l2loopback.h: number, unused, label, four size limits, buffers, openers, debugging, whether all capabilities show.
_CONFIG = struct.Struct("=ii32sIIIIiiii")
_ADD, _REMOVE = 0x4C80, 0x4C81  # 0.14 and later have others, but still take these


def add(number: int, label: str) -> None:
    """Make ``/dev/videoNUMBER``, with exclusive capabilities and the shortest queue.

    Raises:
        OSError: it cannot be made.
    """
    _ask(_ADD, _CONFIG.pack(number, number, label.encode(), 0, 0, 0, 0, 2, 0, 0, 0))


def remove(number: int) -> None:
    """Remove ``/dev/videoNUMBER``.

    Raises:
        OSError: EBUSY: somebody has it open.
    """
    _ask(_REMOVE, number)


def _ask(request: int, argument: bytes | int) -> None:
    handle = os.open(_CONTROL, os.O_RDWR)
    try:
        fcntl.ioctl(handle, request, argument)
    finally:
        os.close(handle)
