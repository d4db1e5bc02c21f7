"""A viewer of a video device, straight on the kernel's interface: it gets the bytes and the tags that any app gets."""

from __future__ import annotations

import fcntl
import mmap
import os
import select
import struct
import sys
from dataclasses import dataclass

import numpy as np

from vcam.frame import Pixels, Size

# linux/videodev2.h on 64-bit machines; written down again here so that an error in the program's own copy shows.
_G_FMT, _REQBUFS, _QUERYBUF, _QBUF, _DQBUF = 0xC0D05604, 0xC0145608, 0xC0585609, 0xC058560F, 0xC0585611
_STREAMON, _STREAMOFF, _G_PARM = 0x40045612, 0x40045613, 0xC0CC5615
_CAPTURE, _MMAP = 1, 1


@dataclass(frozen=True, slots=True)
class Told:
    """What the driver tells a viewer of the pictures."""

    size: Size
    code: str
    colourspace: int
    matrix: int
    range: int
    transfer: int


class Viewer:
    """An app with its camera window open.

    Raises:
        OSError: the driver refuses.
    """

    def __init__(self, path: str) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self._memory: list[mmap.mmap] = []

    def told(self) -> Told:
        answer = self._ask(_G_FMT, struct.pack("=I204x", _CAPTURE))
        width, height, code, _, _, _, colourspace, _, _, *tags = struct.unpack_from("=12I", answer, 8)
        return Told(Size(width, height), code.to_bytes(4, "little").decode(), colourspace, *tags)

    def frames_a_second(self) -> float:
        numerator, denominator = struct.unpack_from("=II", self._ask(_G_PARM, struct.pack("=I200x", _CAPTURE)), 12)
        return denominator / numerator

    def start(self) -> None:
        """Ask for buffers and stream."""
        count = struct.unpack_from("=I", self._ask(_REQBUFS, struct.pack("=IIIII", 2, _CAPTURE, _MMAP, 0, 0)))[0]
        for index in range(count):
            buffer = self._ask(_QUERYBUF, self._buffer(index))
            offset, = struct.unpack_from("=I", buffer, 64)
            length, = struct.unpack_from("=I", buffer, 72)
            self._memory.append(mmap.mmap(self._handle, length, offset=offset))
            self._ask(_QBUF, self._buffer(index))
        self._ask(_STREAMON, struct.pack("=I", _CAPTURE))

    def picture(self, seconds: float = 5.0) -> Pixels | None:
        """The bytes of the next picture, or None if none comes in time."""
        if not select.select([self._handle], [], [], seconds)[0]:
            return None
        buffer = self._ask(_DQBUF, self._buffer(0))
        index, _, used = struct.unpack_from("=3I", buffer)
        taken = np.frombuffer(self._memory[index][:used], np.uint8).copy()
        self._ask(_QBUF, self._buffer(index))
        return taken

    def newest(self) -> Pixels | None:
        """The last of the pictures that are waiting."""
        found = None
        while (picture := self.picture(0.05)) is not None:
            found = picture
        return found

    def stop(self) -> None:
        """Close the window: give the buffers back, but keep the device open."""
        self._ask(_STREAMOFF, struct.pack("=I", _CAPTURE))
        for memory in self._memory:
            memory.close()
        self._memory.clear()
        self._ask(_REQBUFS, struct.pack("=IIIII", 0, _CAPTURE, _MMAP, 0, 0))

    def close(self) -> None:
        for memory in self._memory:
            memory.close()
        self._memory.clear()
        os.close(self._handle)

    def _ask(self, request: int, argument: bytes) -> bytes:
        return fcntl.ioctl(self._handle, request, argument)

    @staticmethod
    def _buffer(index: int) -> bytes:
        return struct.pack("=II", index, _CAPTURE) + bytes(52) + struct.pack("=I", _MMAP) + bytes(24)


def bgr(taken: Pixels, told: Told) -> Pixels:
    """The picture (height, width, 3) with the arithmetic of the standards, by the matrix that the viewer was told."""
    assert told.range == 2, "limited"
    y, u, v = (plane.astype(np.float64) for plane in _planes(taken, told))
    red, blue = {1: (0.299, 0.114), 2: (0.2126, 0.0722)}[told.matrix]
    luma, u, v = (y - 16) / 219 * 255, (u - 128) / 112 * 255, (v - 128) / 112 * 255
    r, b = luma + (1 - red) * v, luma + (1 - blue) * u
    return np.stack([b, (luma - red * r - blue * b) / (1 - red - blue), r], 2).clip(0, 255).round().astype(np.uint8)


def _planes(taken: Pixels, told: Told) -> tuple[Pixels, Pixels, Pixels]:
    """Y, U and V (height, width) of a picture of any of the three layouts."""
    width, height = told.size.width, told.size.height
    if told.code == "YUYV":
        packed = taken[:width * height * 2].reshape(height, width // 2, 4)
        return (packed[..., ::2].reshape(height, width), packed[..., 1].repeat(2, 1), packed[..., 3].repeat(2, 1))
    luma, chroma = taken[:width * height].reshape(height, width), taken[width * height:width * height * 3 // 2]
    halves = (chroma.reshape(-1, 2).T if told.code == "NV12" else chroma.reshape(2, -1)).reshape(
        2, height // 2, width // 2).repeat(2, 1).repeat(2, 2)
    return luma, halves[0], halves[1]


def figure(text: str) -> None:
    """Report a measured value to whoever started the machine."""
    sys.stdout.write(f"FIGURE {text}\n")
