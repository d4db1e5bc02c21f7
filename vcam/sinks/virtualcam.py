"""A virtual camera through pyvirtualcam: v4l2loopback on Linux, OBS or Unity Capture on Windows, OBS on macOS.

No driver behind it can be told a matrix, so it wants BT.601, which viewers assume of a webcam.
"""

from __future__ import annotations

import errno
import os
import sys
from fractions import Fraction
from typing import Any

from vcam.errors import SinkError
from vcam.frame import Colour, Rendered, Size
from vcam.sinks import Delivery, OutputFormat, loopback
from vcam.sinks.incoming import pixels_for

_REMEDIES = {
    "linux": loopback.INSTALL,
    "win32": "install OBS Studio (https://obsproject.com) and start its virtual camera once",
    "darwin": "install OBS Studio (https://obsproject.com), start its virtual camera once and allow its extension in "
              "System Settings",
}
_OTHER_PROGRAM = "stop the program that feeds it, or name another device: virtualcam:/dev/videoN"


class VirtualCameraSink:
    """Feeds a virtual camera with the newest picture.

    Args:
        argument: a device (``/dev/video10``) or its name (``vcam``, ``OBS Virtual Camera``); empty for the first
            one that is free.
    """

    name = "virtualcam"
    delivery = Delivery.LATEST
    tags_colour = False

    def __init__(self, argument: str = "") -> None:
        self._wanted = argument.strip()
        self._output: OutputFormat | None = None
        self._camera: Any = None
        self._unproven = True

    def open(self, output: OutputFormat) -> None:
        """Claim the device for I420 pictures of this size.

        Raises:
            SinkError: no device, not allowed, fed by another program, or it does not take this size.
        """
        self._camera = _open_first(_candidates(self._wanted), output)
        self._output, self._unproven = output, True

    def send(self, picture: Rendered) -> None:
        """Show ``picture``; does not wait for the next frame time.

        Raises:
            SinkError: the device has gone, or turned out to have another size.
        """
        assert self._output is not None, "open() comes first"
        try:
            self._camera.send(pixels_for(self._output, picture))
        except (RuntimeError, ValueError, TypeError) as error:
            raise SinkError(f"virtual camera {self._camera.device} stopped: {error}", "start again") from error
        if self._unproven:  # v4l2loopback tells viewers a size once the first picture is there
            self._check_accepted(self._output.size)
            self._unproven = False

    def close(self) -> None:
        """Release the device."""
        camera, self._camera, self._output = self._camera, None, None
        if camera is not None:
            camera.close()

    @property
    def watchers(self) -> int | None:
        """pyvirtualcam does not tell."""
        return None

    @property
    def note(self) -> str:
        return f"virtual camera: {loopback.described(self._camera.device)}" if self._camera is not None else ""

    def _check_accepted(self, size: Size) -> None:
        device = self._camera.device
        accepted = loopback.accepted_size(device) if sys.platform == "linux" else None
        if accepted not in (None, size):
            raise SinkError(f"virtual camera {device} is fixed to {accepted}, not {size}",
                            f"--size {accepted}, or close every program that uses the camera")


def available() -> tuple[bool, str]:
    """Whether a virtual camera can be used here, and which one, or why not and what to do."""
    try:
        if sys.platform == "linux":
            return True, ", ".join(map(loopback.described, loopback.required()))
        camera = _open_camera(None, OutputFormat(Size(640, 480), Fraction(30), Colour.BT601))
    except SinkError as error:
        return False, str(error)
    device = str(camera.device)
    camera.close()
    return True, device


def _candidates(wanted: str) -> list[str | None]:
    """The devices to try in turn; None lets pyvirtualcam choose."""
    if sys.platform != "linux":
        return [wanted or None]
    return list(loopback.chosen(wanted, VirtualCameraSink.name))


def _open_first(candidates: list[str | None], output: OutputFormat) -> Any:
    problems: list[SinkError] = []
    for device in candidates:
        try:
            return _open_camera(device, output)
        except SinkError as error:
            problems.append(error)
    if len(problems) == 1:
        raise problems[0]
    raise SinkError("no virtual camera is free: " + "; ".join(p.message for p in problems), problems[0].hint)


def _open_camera(device: str | None, output: OutputFormat) -> Any:
    try:
        import pyvirtualcam

        return pyvirtualcam.Camera(output.size.width, output.size.height, float(output.fps),
                                   fmt=pyvirtualcam.PixelFormat.I420, device=device)
    except ImportError as error:
        instead = "v4l2: does without it; or " if sys.platform == "linux" else ""
        raise SinkError(f"pyvirtualcam does not load: {error}",
                        f"{instead}pip install --force-reinstall pyvirtualcam") from error
    except (RuntimeError, ValueError) as error:
        raise _explained(device or "", str(error)) from error


def _explained(device: str, text: str) -> SinkError:
    """What a message of pyvirtualcam means (with exclusive_caps=1 a device is no output while it is fed)."""
    camera = f"virtual camera {device}".strip()
    if "permission" in text:
        return SinkError(f"{camera} may not be opened: permission denied", loopback.GROUP)
    if any(sign in text for sign in ("not a video output device", "already in use", os.strerror(errno.EBUSY))):
        return SinkError(f"{camera} is in use by another program", _OTHER_PROGRAM)
    return SinkError(f"{camera} cannot be opened: {text}", _remedy())


def _remedy() -> str:
    return _REMEDIES.get(sys.platform, "use preview: or a file instead")
