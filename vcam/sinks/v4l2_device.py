"""A Linux video output device as a file: what the kernel is asked, and what it answers. Errors are OSError as they are.

Tried with v4l2loopback 0.12.7 and 0.15.0, whose manners differ; the comments name the version.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import sys
from dataclasses import dataclass, replace
from fractions import Fraction

from vcam import videodev2 as kernel
from vcam.frame import Colour, Pixels, Size

if sys.platform == "linux":
    import fcntl

_TAGS = {Colour.BT601: (kernel.COLOURSPACE_SMPTE170M, kernel.MATRIX_601),
         Colour.BT709: (kernel.COLOURSPACE_REC709, kernel.MATRIX_709)}
_MOST_EVENTS = 64  # read at once: a driver that never says "no more" must not hang us


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a node is: its driver, the name that apps list, and whether it takes pictures now."""

    driver: str
    card: str
    takes_pictures: bool


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """How pictures lie in memory: ``code`` is the kernel's name of the layout; ``line`` counts bytes."""

    size: Size
    code: str
    line: int


class OutputDevice:
    """An open node that is fed with ``write``.

    Args:
        path: ``/dev/video10``.

    Raises:
        OSError: it cannot be opened.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._handle = os.open(path, os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
        self._started = False

    def identity(self) -> Identity:
        """What the driver says of itself (v4l2loopback with exclusive_caps=1 takes pictures from one program only)."""
        answer = self._ask(kernel.QUERY_CAPABILITY, bytearray(kernel.CAPABILITY.size))
        driver, card, _, _, capabilities, of_node = kernel.CAPABILITY.unpack(answer)[:6]
        able = of_node if capabilities & kernel.HAS_DEVICE_CAPS else capabilities
        return Identity(kernel.text(driver), kernel.text(card), bool(able & kernel.CAN_OUTPUT))

    def set_format(self, wanted: PictureFormat, colour: Colour) -> tuple[PictureFormat, Colour]:
        """Ask for a layout and its colour tags.

        Returns:
            What the driver made of it, and the matrix that viewers are told; BT.601 if none, which they then assume.
            The colour space is not looked at: 0.12.7 calls all of them sRGB, and the matrix has a field of its own.
        """
        made = self._set_format(wanted, colour)
        told = self._told()
        if made == wanted and told is not colour:
            # 0.15.0 keeps the tags of the last program unless size or layout change: change them, and back.
            self._set_format(replace(wanted, size=Size(wanted.size.width, wanted.size.height - 2)), colour)
            made = self._set_format(wanted, colour)
            told = self._told()
        return made, told or Colour.BT601

    def _set_format(self, wanted: PictureFormat, colour: Colour) -> PictureFormat:
        colourspace, matrix = _TAGS[colour]
        fields = kernel.FORMAT.unpack(self._ask(kernel.SET_FORMAT, bytearray(kernel.FORMAT.pack(
            kernel.OUTPUT, wanted.size.width, wanted.size.height, kernel.fourcc(wanted.code), kernel.FIELD_NONE,
            wanted.line, 0, colourspace, kernel.HAS_TAGS, 0, matrix, kernel.RANGE_LIMITED, kernel.TRANSFER_709))))
        return PictureFormat(Size(fields[1], fields[2]), fields[3].to_bytes(4, "little").decode("ascii", "replace"),
                             fields[5])

    def _told(self) -> Colour | None:
        """The matrix that the driver now has for viewers; what it answers to a change is not what it keeps."""
        try:
            fields = kernel.FORMAT.unpack(self._ask(
                kernel.GET_FORMAT, bytearray(kernel.FORMAT.pack(kernel.OUTPUT, *(0,) * 12))))
        except OSError:
            return None
        return next((colour for colour, (_, matrix) in _TAGS.items() if fields[10] == matrix), None)

    def set_rate(self, fps: Fraction) -> None:
        """Tell viewers the nominal frame rate; a driver that does not care is left alone."""
        seconds = (1 / fps).limit_denominator(1_000_000)
        with contextlib.suppress(OSError):
            self._ask(kernel.SET_PARAMETERS, bytearray(kernel.PARAMETERS.pack(
                kernel.OUTPUT, kernel.TIME_PER_FRAME, 0, seconds.numerator, seconds.denominator, *(0,) * 6)))

    def start(self) -> None:
        """Begin to stream, where the driver has a say in it.

        0.12.7 remembers its writer by this alone: without it, closing the device leaves it dead until the module is
        loaded again. Later versions refuse it before the first write, which is fine.
        """
        try:
            self._ask(kernel.STREAM_ON, bytearray(kernel.BUFFER_TYPE.pack(kernel.OUTPUT)))
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.ENOTTY):
                raise
        else:
            self._started = True

    def write(self, pixels: Pixels) -> int:
        """Show a picture; returns the bytes that the driver took."""
        return os.write(self._handle, pixels.data)

    def close(self) -> None:
        """End the stream and let go of the device; may be called twice."""
        handle, self._handle = self._handle, -1
        if handle < 0:
            return
        if self._started:
            with contextlib.suppress(OSError):  # it may have gone
                _ioctl(handle, kernel.STREAM_OFF, bytearray(kernel.BUFFER_TYPE.pack(kernel.OUTPUT)))
        os.close(handle)

    def _ask(self, request: int, memory: bytearray) -> bytearray:
        return _ioctl(self._handle, request, memory)


class UsageWatch:
    """Counts who watches a v4l2loopback device (0.13 and later; from 0.14 on there is one viewer at most).

    It needs a file of its own: on the one that is written to, waiting events would wake no poll.

    Args:
        path: the device.

    Raises:
        OSError: the driver has no such event (0.12.7), or the device is gone.
    """

    def __init__(self, path: str) -> None:
        self._count = 0
        self._handle = os.open(path, os.O_RDWR | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0))
        try:
            _ioctl(self._handle, kernel.SUBSCRIBE_EVENT, bytearray(
                kernel.SUBSCRIPTION.pack(kernel.CLIENT_USAGE, 0, kernel.SEND_INITIAL, *(0,) * 5)))
        except OSError:
            self.close()
            raise

    def count(self) -> int:
        """How many watch now; never waits."""
        try:
            for _ in range(_MOST_EVENTS):
                if not select.select([], [], [self._handle], 0)[2]:
                    break
                event = kernel.EVENT.unpack(_ioctl(self._handle, kernel.TAKE_EVENT, bytearray(kernel.EVENT.size)))
                if event[0] == kernel.CLIENT_USAGE:
                    self._count = event[1] & 0xFFFFFFFF
        except (OSError, ValueError):
            pass  # closed meanwhile, or another thread took the last event
        return self._count

    def close(self) -> None:
        """Stop counting; may be called twice."""
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)


def _ioctl(handle: int, request: int, memory: bytearray) -> bytearray:
    """The memory as the driver leaves it."""
    if sys.platform != "linux":
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    fcntl.ioctl(handle, request, memory, True)
    return memory
