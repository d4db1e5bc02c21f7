"""Asks v4l2loopback devices who they are (Linux): https://github.com/v4l2loopback/v4l2loopback."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vcam import videodev2 as kernel
from vcam.errors import SinkError
from vcam.frame import Size

_SYSFS = Path("/sys/devices/virtual/video4linux")
_DEV = Path("/dev")
DRIVER = kernel.LOOPBACK_DRIVER

LOAD = "sudo modprobe v4l2loopback exclusive_caps=1 card_label=vcam"
INSTALL = f"sudo apt install v4l2loopback-dkms && {LOAD}"
GROUP = "sudo usermod -aG video $USER, then log out and in again"


def chosen(wanted: str, scheme: str) -> list[str]:
    """The devices that ``wanted`` may mean, in the order to try them.

    Args:
        wanted: a path, the name that apps list, ``video10``, or empty for any v4l2loopback device.
        scheme: of the sink that asks, for the words of an error.

    Raises:
        SinkError: there is none, none may be opened, or none has this name.
    """
    if wanted.startswith("/"):
        return [wanted]
    found = required()
    if not wanted:
        return found
    named = [device for device in found if wanted in (label(device), Path(device).name)]
    if not named:
        present = ", ".join(map(described, found))
        raise SinkError(f"no virtual camera is called '{wanted}'; there are {present}",
                        f"{scheme}:{found[0]}, or {scheme}: for the first free one")
    return named


def required() -> list[str]:
    """The v4l2loopback devices.

    Raises:
        SinkError: there is none, or none may be opened.
    """
    found, refused = devices()
    if not found and refused:
        raise SinkError(f"virtual camera {refused[0]} may not be opened: permission denied", GROUP)
    if not found:
        raise SinkError("there is no virtual camera: no v4l2loopback device was found", INSTALL)
    return found


def devices() -> tuple[list[str], list[str]]:
    """The v4l2loopback devices by number, and those virtual devices that this user may not open."""
    found: list[str] = []
    refused: list[str] = []
    for folder in sorted(_SYSFS.glob("video*"), key=lambda path: (len(path.name), path.name)):
        device = _DEV / folder.name
        try:
            with _opened(str(device)) as handle:
                answer = _ioctl(handle, kernel.QUERY_CAPABILITY, bytes(kernel.CAPABILITY.size))
        except PermissionError:
            refused.append(str(device))
        except OSError:
            continue
        else:
            if kernel.text(answer[:16]) == DRIVER:
                found.append(str(device))
    return found, refused


def accepted_size(device: str) -> Size | None:
    """The picture size that viewers of the device get, or None while it does not say."""
    # Asking for the other side would claim the device as a writer.
    request = kernel.FORMAT.pack(kernel.CAPTURE, *(0,) * 12)
    try:
        with _opened(device) as handle:
            answer = _ioctl(handle, kernel.GET_FORMAT, request)
    except OSError:
        return None
    width, height = kernel.FORMAT.unpack(answer)[1:3]
    return Size(width, height)


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
