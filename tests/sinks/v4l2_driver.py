"""A v4l2loopback device in memory, for tests without a kernel module."""

from __future__ import annotations

import errno
import os
import struct
from dataclasses import dataclass, field

from vcam.frame import Size

# Request codes as strace shows them.
QUERYCAP, G_FMT, S_FMT, S_PARM = 0x80685600, 0xC0D05604, 0xC0D05605, 0xC0CC5616
STREAMON, STREAMOFF, DQEVENT, SUBSCRIBE = 0x40045612, 0x40045613, 0x80885659, 0x4020565A


@dataclass
class Driver:
    """A v4l2loopback device in memory: ``old`` answers like 0.12.7, else like 0.13 and later."""

    path: str
    old: bool = False
    name: bytes = b"v4l2 loopback"
    pinned: Size | None = None
    line: int | None = None
    keeps_tags: bool = True
    fed_by_another: bool = False
    refuses: dict[int, int] = field(default_factory=dict)  # request (0: open, 1: write) → errno
    handles: list[int] = field(default_factory=list)
    log: list[int] = field(default_factory=list)
    format: tuple[int, ...] = ()
    seconds: tuple[int, int] = (0, 0)
    written: list[bytes] = field(default_factory=list)
    takes: int | None = None
    events: list[int] = field(default_factory=list)

    def open(self, flags: int) -> int:
        self._refuse(0)
        handle = os.open("/dev/null", flags)
        self.handles.append(handle)
        return handle

    def ioctl(self, request: int, memory: bytearray) -> None:
        self.log.append(request)
        self._refuse(request)
        answers = {QUERYCAP: self._query, G_FMT: self._get_format, S_FMT: self._set_format, S_PARM: self._set_rate,
                   STREAMON: self._start, STREAMOFF: self._start, SUBSCRIBE: self._subscribe, DQEVENT: self._event}
        answers[request](memory)

    def write(self, data: memoryview) -> int:
        self._refuse(1)
        self.written.append(bytes(data))
        return len(self.written[-1]) if self.takes is None else self.takes

    def _refuse(self, request: int) -> None:
        if request in self.refuses:
            raise OSError(self.refuses[request], os.strerror(self.refuses[request]))

    def _query(self, memory: bytearray) -> None:
        able = 0x05000000 | (1 if self.fed_by_another else 2)
        struct.pack_into("=16s32s32sIII", memory, 0, self.name, b"vcam", b"", 0, 0x80000003, able)

    def _set_format(self, memory: bytearray) -> None:
        fields = list(struct.unpack_from("=12I", memory, 8))
        assert struct.unpack_from("=I", memory)[0] == 2
        if self.pinned:
            fields[:2] = self.pinned.width, self.pinned.height
        fields[4] = self.line if self.line is not None else fields[4]
        fields[6] = 8 if self.old else fields[6]
        if not self.keeps_tags or fields[7] != 0xFEEDCAFE:
            fields[9:] = 0, 0, 0
        if self.old or tuple(fields[:3]) != self.format[:3]:  # 0.15.0 keeps the tags while these stay the same
            self.format = tuple(fields)
        struct.pack_into("=12I", memory, 8, *fields)

    def _get_format(self, memory: bytearray) -> None:
        struct.pack_into("=12I", memory, 8, *self.format)

    def _set_rate(self, memory: bytearray) -> None:
        kind, _, _, *seconds = struct.unpack_from("=5I", memory)
        assert kind == 2
        self.seconds = (seconds[0], seconds[1])

    def _start(self, memory: bytearray) -> None:
        assert bytes(memory) == b"\2\0\0\0"
        if not self.old:
            raise OSError(errno.EINVAL, "no buffers")

    def _subscribe(self, memory: bytearray) -> None:
        assert struct.unpack_from("=3I", memory) == (0x10E00001, 0, 1)
        if self.old:
            raise OSError(errno.EINVAL, "no such event")

    def _event(self, memory: bytearray) -> None:
        struct.pack_into("=I4xI", memory, 0, 0x10E00001, self.events.pop(0))
