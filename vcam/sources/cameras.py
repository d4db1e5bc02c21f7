"""Which cameras there are, which one is meant, and why one does not work."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2

from vcam.errors import SourceError
from vcam.sources import v4l2_modes

_BACKENDS = {"linux": cv2.CAP_V4L2, "win32": cv2.CAP_DSHOW, "darwin": cv2.CAP_AVFOUNDATION}
BACKEND = _BACKENDS.get(sys.platform, cv2.CAP_ANY)
_LIST = "see the cameras: vcam devices"


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera: OpenCV's ``index``, the maker's ``name``, ``path`` where the system has one.

    ``modes`` are like ``1280x720 MJPG 30``: size, pixel format, frames a second; empty where they are unknown.
    """

    index: int
    name: str
    path: str
    modes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"camera {self.index} ({self.name})" if self.name else f"camera {self.index}"


def list_cameras() -> list[CameraInfo]:
    """The cameras of this machine by index, without virtual devices that programs fill."""
    from cv2_enumerate_cameras import enumerate_cameras

    cameras = []
    for found in enumerate_cameras(BACKEND):
        path = found.path or ""
        device = v4l2_modes.query(path)
        if device is None or (device.captures and not device.is_virtual):
            cameras.append(CameraInfo(found.index, found.name or "", path, v4l2_modes.modes(path)))
    return sorted(cameras, key=lambda camera: camera.index)


def list_virtual_devices() -> list[CameraInfo]:
    """The v4l2loopback devices of this machine, which show to other programs what is written into them."""
    return [CameraInfo(_number(device.path), device.name, device.path)
            for device in v4l2_modes.devices() if device.is_virtual]


def find_camera(argument: str) -> CameraInfo:
    """The camera that ``argument`` means: an index, a device path, a name or a part of one; empty: the first.

    Raises:
        SourceError: no such camera, or several.
    """
    cameras = list_cameras()
    if argument.isdecimal() or argument.startswith("/dev/"):
        number = int(argument) if argument.isdecimal() else _number(os.path.realpath(argument))
        path = f"/dev/video{number}" if sys.platform == "linux" else ""
        known = [camera for camera in cameras if camera.index == number]
        return known[0] if known else CameraInfo(number, "", path)
    if not cameras:
        raise SourceError("no camera was found", "plug one in, or try the built-in portrait: demo:")
    wanted = argument.casefold().strip()
    if not wanted:
        return cameras[0]
    named = [camera for camera in cameras if wanted in (camera.name.casefold(), camera.path.casefold())] \
        or [camera for camera in cameras if wanted in camera.name.casefold()]
    names = {camera.name for camera in named}
    if len(names) > 1:
        raise SourceError(f"'{argument}' may be {' or '.join(str(camera) for camera in named)}",
                          f"use the number: camera:{named[0].index}")
    if not named:
        known_names = ", ".join(f"'{camera.name}'" for camera in cameras)
        raise SourceError(f"no camera is called '{argument}'; there is {known_names}",
                          f"try camera:{cameras[0].index}")
    return named[0]  # one camera may have several nodes of the same name; the picture is in the first


def check_access(camera: CameraInfo) -> None:
    """Raise SourceError if it can be told without opening that the camera will not open (Linux)."""
    if not camera.path.startswith("/dev/"):
        return
    if not Path(camera.path).exists():
        raise SourceError(f"{camera} is not there: no {camera.path}", f"plug it in, or {_LIST}")
    if not os.access(camera.path, os.R_OK | os.W_OK):
        raise SourceError(f"{camera} may not be used: permission denied for {camera.path}",
                          "sudo usermod -aG video $USER, then log in again")
    device = v4l2_modes.query(camera.path)
    if device is not None and not device.captures:
        raise SourceError(f"{camera.path} ({device.name}) gives no pictures", _LIST)


def why_silent(camera: CameraInfo) -> SourceError:
    """The error for a camera that does not open or gives no picture."""
    holders = list(processes_holding(camera.path)) if camera.path else []
    if holders:
        return SourceError(f"{camera} is busy: held by {', '.join(holders)}",
                           "close that program, or choose another camera: vcam devices")
    if sys.platform == "darwin":
        return SourceError(f"{camera} gives no picture",
                           "allow it in System Settings, Privacy & Security, Camera; close other programs that use it")
    if sys.platform == "win32":
        return SourceError(f"{camera} gives no picture",
                           "allow it in Settings, Privacy, Camera; close other programs that use it")
    return SourceError(f"{camera} does not open or gives no picture",
                       "close other programs that use it, plug it in again, or choose another: vcam devices")


def processes_holding(path: str, processes: Path = Path("/proc")) -> Iterator[str]:
    """``name (pid 42)`` of the other programs that have ``path`` open, as far as we may look."""
    target = os.path.realpath(path)
    for process in sorted(processes.glob("[0-9]*"), key=lambda entry: int(entry.name)):
        if process.name == str(os.getpid()):
            continue
        try:
            held = any(os.path.realpath(handle) == target for handle in (process / "fd").iterdir())
            if held:
                yield f"{(process / 'comm').read_text().strip()} (pid {process.name})"
        except OSError:
            continue  # gone, or not ours to look into


def _number(path: str) -> int:
    digits = path.removeprefix("/dev/video")
    if not digits.isdecimal():
        raise SourceError(f"'{path}' is not a video device", _LIST)
    return int(digits)
