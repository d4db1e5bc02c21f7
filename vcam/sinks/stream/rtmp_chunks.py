"""RTMP's messages, cut into chunks on the way out and put together on the way in (RTMP 1.0, section 5.3)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

CHUNK_BYTES = 4096
_FIRST_CHUNK_BYTES = 128  # until the peer says otherwise
_LONGEST_TIME = 0xFFFFFF  # milliseconds: 4.7 hours, from then on the time has a place of its own
_TIMES = 1 << 32
_MOST_BYTES = 1 << 20  # of a message from a server, which has nothing long to say
_HEADER_BYTES = (11, 7, 3, 0)


class Kind(IntEnum):
    """What a message is."""

    CHUNK_SIZE = 1
    ABORT = 2
    ACKNOWLEDGEMENT = 3
    USER_CONTROL = 4
    WINDOW = 5
    BANDWIDTH = 6
    AUDIO = 8
    VIDEO = 9
    DATA = 18
    COMMAND = 20


@dataclass(frozen=True, slots=True)
class Message:
    """``kind``: a ``Kind``, or a number that is none; ``milliseconds``: its time."""

    kind: int
    data: bytes
    stream: int = 0
    milliseconds: int = 0


def cut(message: Message, channel: int) -> bytes:
    """A message as chunks of ``CHUNK_BYTES`` on a channel (3–63)."""
    time = message.milliseconds % _TIMES
    is_long = time >= _LONGEST_TIME
    late = struct.pack(">I", time) if is_long else b""
    header = (struct.pack(">B", channel) + min(time, _LONGEST_TIME).to_bytes(3, "big")
              + len(message.data).to_bytes(3, "big") + bytes([message.kind]) + struct.pack("<I", message.stream) + late)
    follower = struct.pack(">B", 0xC0 | channel) + late
    parts = [header, message.data[:CHUNK_BYTES]]
    for at in range(CHUNK_BYTES, len(message.data), CHUNK_BYTES):
        parts += [follower, message.data[at:at + CHUNK_BYTES]]
    return b"".join(parts)


@dataclass(slots=True)
class _Channel:
    """The last header on a channel, which later ones leave out, and what has come of a message."""

    header: bytes = bytes(11)
    extended: bool = False
    data: bytearray = field(default_factory=bytearray)


class Assembler:
    """Puts incoming messages together."""

    def __init__(self) -> None:
        self.received = 0
        self._size = _FIRST_CHUNK_BYTES
        self._waiting = b""
        self._channels: dict[int, _Channel] = {}

    def take(self, data: bytes) -> Iterator[Message]:
        """The messages that are complete with this.

        Raises:
            ValueError: the peer does not speak RTMP.
        """
        self.received += len(data)
        self._waiting += data
        while True:
            used, message = self._chunk()
            if not used:
                return
            self._waiting = self._waiting[used:]
            if message is None:
                continue
            if message.kind == Kind.CHUNK_SIZE:
                self._size = max(int.from_bytes(message.data[:4], "big") & 0x7FFFFFFF, 1)
            elif message.kind == Kind.ABORT:
                self._channels.pop(int.from_bytes(message.data[:4], "big"), None)
            else:
                yield message

    def _chunk(self) -> tuple[int, Message | None]:
        """How many bytes the next chunk has (0: it is not complete), and the message that it completes."""
        data = self._waiting
        if not data:
            return 0, None
        kind, number, at = data[0] >> 6, data[0] & 0x3F, 1
        if number < 2:  # its number is in the next byte or two
            if len(data) < 2 + number:
                return 0, None
            number, at = 64 + int.from_bytes(data[1:2 + number], "little"), 2 + number
        own = _HEADER_BYTES[kind]
        channel = self._channels.get(number, _Channel())
        header = data[at:at + own] + channel.header[own:]
        extended = int.from_bytes(header[:3], "big") == _LONGEST_TIME if own else channel.extended
        at += own + (4 if extended else 0)
        if len(data) < at:
            return 0, None
        length = int.from_bytes(header[3:6], "big")
        if length > _MOST_BYTES:
            raise ValueError("the server does not speak RTMP")
        part = min(length - len(channel.data), self._size)
        if len(data) < at + part:
            return 0, None
        channel.header, channel.extended = header, extended
        channel.data += data[at:at + part]
        self._channels[number] = channel
        if len(channel.data) < length:
            return at + part, None
        message = Message(header[6], bytes(channel.data), int.from_bytes(header[7:11], "little"))
        channel.data = bytearray()
        return at + part, message
