"""A virtual camera on Linux without a library between: v4l2loopback, or any other video output device.

Every picture is tagged with its matrix, range and transfer function. It wants BT.601 all the same (``tags_colour`` is
False): viewers that read the tags (Chromium, GStreamer, PipeWire) show either matrix right, those that do not (OpenCV,
libwebrtc) assume BT.601, so BT.601 is right for all of them.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from vcam.errors import SinkError, UsageError
from vcam.frame import Colour, Pixels, Rendered, Size
from vcam.ops.convert import i420_to_nv12, i420_to_yuyv
from vcam.sinks import Delivery, OutputFormat, loopback
from vcam.sinks.incoming import check, pixels_in
from vcam.sinks.v4l2_device import OutputDevice, PictureFormat, UsageWatch

_OTHER_PROGRAM = "stop the program that feeds it, or name another device: v4l2:/dev/videoN"
_VIEWERS = "close every program that uses the camera"
_ABSENT = ("does not exist", f"{loopback.INSTALL}, or v4l2: for the first free one")
_FORBIDDEN = ("may not be opened: permission denied", loopback.GROUP)
_UNFIT = ("does not take these pictures", f"{_VIEWERS}, or name a v4l2loopback device")
_MEANINGS = {
    errno.ENOENT: _ABSENT, errno.ENXIO: _ABSENT,
    errno.ENODEV: ("has gone: its driver was unloaded", loopback.INSTALL),
    errno.EBUSY: ("is in use by another program", _OTHER_PROGRAM),
    errno.EPERM: _FORBIDDEN, errno.EACCES: _FORBIDDEN,
    errno.EINVAL: _UNFIT, errno.ENOTTY: _UNFIT,
    errno.EIO: ("failed: input/output error", f"sudo modprobe -r v4l2loopback && {loopback.LOAD}"),
}


class _Layout(NamedTuple):
    """A pixel format: the kernel's name, bytes a line and lines a picture as shares of the size, how it is made."""

    code: str
    line: int
    thirds: int  # of half the height: 3 for the 4:2:0 formats, 2 for packed ones
    convert: Callable[[Pixels, Pixels], None] | None

    def picture(self, size: Size) -> PictureFormat:
        return PictureFormat(size, self.code, size.width * self.line)

    def shape(self, size: Size) -> tuple[int, int]:
        return size.height * self.thirds // 2, size.width * self.line


_LAYOUTS = {"I420": _Layout("YU12", 1, 3, None),
            "NV12": _Layout("NV12", 1, 3, i420_to_nv12),
            "YUYV": _Layout("YUYV", 2, 2, i420_to_yuyv)}


class V4l2Sink:
    """Feeds a video output device with the newest picture.

    The device stays open until ``close``: a pause keeps it, and viewers keep it too.

    Args:
        argument: a device (``/dev/video10``) or its name (``vcam``); empty for the first free v4l2loopback device.
            ``?format=YUYV`` or ``?format=NV12`` behind it asks for another pixel format than I420.

    Raises:
        UsageError: an unknown pixel format or option.
    """

    name = "v4l2"
    delivery = Delivery.LATEST
    tags_colour = False

    def __init__(self, argument: str = "") -> None:
        self._wanted, self._layout = _parsed(argument)
        self._output: OutputFormat | None = None
        self._device: OutputDevice | None = None
        self._watch: UsageWatch | None = None
        self._colour = Colour.BT601
        self._buffer: Pixels | None = None

    def open(self, output: OutputFormat) -> None:
        """Claim the device for pictures of this size, colour and rate.

        Raises:
            SinkError: no device, not allowed, fed by another program, or it does not take this size.
        """
        if sys.platform != "linux":
            raise SinkError("v4l2: is there on Linux only", "use virtualcam:")
        self.close()
        self._device, self._colour = self._open_first(loopback.chosen(self._wanted, self.name), output)
        self._output = output
        self._buffer = np.empty(self._layout.shape(output.size), np.uint8) if self._layout.convert else None
        try:
            self._watch = UsageWatch(self._device.path)
        except OSError:
            self._watch = None

    def send(self, picture: Rendered) -> None:
        """Show ``picture``; does not wait for the next frame time.

        Raises:
            SinkError: the device has gone or refuses the picture.
        """
        assert self._output is not None and self._device is not None, "open() comes first"
        pixels = pixels_in(self._colour, check(self._output, picture))
        if self._layout.convert is not None and self._buffer is not None:
            self._layout.convert(pixels, self._buffer)
            pixels = self._buffer
        try:
            taken = self._device.write(pixels)
        except OSError as error:
            raise explained(self._device.path, error) from error
        if taken != pixels.nbytes:
            raise SinkError(f"virtual camera {self._device.path} took {taken} of {pixels.nbytes} bytes of a picture: "
                            "it is set to another size now", _OTHER_PROGRAM)

    def close(self) -> None:
        """Release the device."""
        for part in (self._watch, self._device):
            if part is not None:
                part.close()
        self._watch = self._device = self._output = None

    @property
    def watchers(self) -> int | None:
        """Viewers now, as v4l2loopback counts them; None while closed, and with v4l2loopback before 0.13."""
        watch = self._watch
        return watch.count() if watch is not None else None

    @property
    def note(self) -> str:
        return f"virtual camera: {loopback.described(self._device.path)}" if self._device is not None else ""

    def _open_first(self, devices: list[str], output: OutputFormat) -> tuple[OutputDevice, Colour]:
        problems: list[SinkError] = []
        for path in devices:
            try:
                return _opened(path, self._layout, output)
            except SinkError as error:
                problems.append(error)
        if len(problems) == 1:
            raise problems[0]
        raise SinkError("no virtual camera is free: " + "; ".join(p.message for p in problems), problems[0].hint)


def _parsed(argument: str) -> tuple[str, _Layout]:
    wanted, mark, option = argument.strip().partition("?")
    key, _, value = option.partition("=")
    if mark and (key != "format" or value.upper() not in _LAYOUTS):
        raise UsageError(f"virtual camera option '{option}' is unknown",
                         f"v4l2:{wanted}?format=YUYV; formats: {', '.join(_LAYOUTS)}")
    return wanted, _LAYOUTS[value.upper() or "I420"]


def _opened(path: str, layout: _Layout, output: OutputFormat) -> tuple[OutputDevice, Colour]:
    """The device, set up, and the matrix that its viewers are told."""
    try:
        device = OutputDevice(path)
    except OSError as error:
        raise explained(path, error) from error
    try:
        return device, _set_up(device, layout, output)
    except OSError as error:
        device.close()
        raise explained(path, error) from error
    except SinkError:
        device.close()
        raise


def _set_up(device: OutputDevice, layout: _Layout, output: OutputFormat) -> Colour:
    identity = device.identity()
    if not identity.takes_pictures:
        if identity.driver != loopback.DRIVER:
            raise SinkError(f"{device.path} is {identity.card or identity.driver}, which takes no pictures",
                            "name a virtual camera, or v4l2: for the first free one")
        raise SinkError(f"virtual camera {device.path} is in use by another program", _OTHER_PROGRAM)
    wanted = layout.picture(output.size)
    made, told = device.set_format(wanted, output.colour)
    if made.size != wanted.size:
        raise SinkError(f"virtual camera {device.path} is fixed to {made.size}, not {wanted.size}",
                        f"--size {made.size}, or {_VIEWERS}")
    if made != wanted:
        raise SinkError(f"virtual camera {device.path} is fixed to {made.code} with {made.line} bytes a line, not "
                        f"{wanted.code} with {wanted.line}", f"try another ?format=, or {_VIEWERS}")
    device.set_rate(output.fps)
    device.start()
    return told


def explained(path: str, error: OSError) -> SinkError:
    """What an errno of a video device means, and what to do."""
    what, hint = _MEANINGS.get(error.errno or 0, (f"failed: {os.strerror(error.errno or 0)}", loopback.INSTALL))
    return SinkError(f"virtual camera {path} {what}", hint)
