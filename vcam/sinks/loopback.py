"""Asks v4l2loopback devices who they are (Linux): https://github.com/v4l2loopback/v4l2loopback."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vcam.frame import Size

_SYSFS = Path("/sys/devices/virtual/video4linux")
_DEV = Path("/dev")
_DRIVER = b"v4l2 loopback"

# linux/videodev2.h: VIDIOC_QUERYCAP is _IOR('V', 0, struct v4l2_capability), VIDIOC_G_FMT _IOWR('V', 4, struct
# v4l2_format); the union in the latter holds pointers and so is aligned as one.
_CAPABILITY_BYTES = 104
_UNION_AT = 8 if sys.maxsize > 2**32 else 4
_FORMAT_BYTES = _UNION_AT + 200
_QUERYCAP = 2 << 30 | _CAPABILITY_BYTES << 16 | ord("V") << 8
_G_FMT = 3 << 30 | _FORMAT_BYTES << 16 | ord("V") << 8 | 4
_CAPTURE_SIDE = 1  # the side of the device that viewers see; asking for the other one would claim it as a writer


def devices() -> tuple[list[str], list[str]]:
    """The v4l2loopback devices by number, and those virtual devices that this user may not open."""
    found: list[str] = []
    refused: list[str] = []
    for folder in sorted(_SYSFS.glob("video*"), key=lambda path: (len(path.name), path.name)):
        device = _DEV / folder.name
        try:
            with _opened(str(device)) as handle:
                answer = _ioctl(handle, _QUERYCAP, bytes(_CAPABILITY_BYTES))
        except PermissionError:
            refused.append(str(device))
        except OSError:
            continue
        else:
            if answer[:16].rstrip(b"\0") == _DRIVER:
                found.append(str(device))
    return found, refused


def accepted_size(device: str) -> Size | None:
    """The picture size that viewers of the device get, or None while it does not say."""
    request = _CAPTURE_SIDE.to_bytes(4, sys.byteorder) + bytes(_FORMAT_BYTES - 4)
    try:
        with _opened(device) as handle:
            answer = _ioctl(handle, _G_FMT, request)
    except OSError:
        return None
    side = [int.from_bytes(answer[at:at + 4], sys.byteorder) for at in (_UNION_AT, _UNION_AT + 4)]
    return Size(side[0], side[1])


def described(device: str) -> str:
    name = label(device)
    return f"{name} ({device})" if name else device


def label(device: str) -> str:
    """The name that apps list, as v4l2loopback's ``cardlabel`` set it; empty if unknown."""
    try:
        return (_SYSFS / Path(device).name / "name").read_text("utf-8").strip()
    except OSError:
        return ""


@contextmanager
def _opened(device: str) -> Iterator[int]:
    handle = os.open(device, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        yield handle
    finally:
        os.close(handle)


def _ioctl(handle: int, request: int, argument: bytes) -> bytes:
    assert sys.platform == "linux"
    import fcntl

    return fcntl.ioctl(handle, request, argument)
