"""The few SPA PODs (PipeWire's typed binary values, spa/pod/pod.h) that describe a camera's pictures.

A POD is its body's length, its type, its body, and padding to a multiple of eight bytes, in the machine's byte order.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import Final

from vcam.frame import Colour, Size

# spa/utils/type.h and spa/param/*.h
_ID, _INT, _RECTANGLE, _FRACTION, _OBJECT, _CHOICE = 3, 4, 10, 11, 15, 19
_RANGE, _FLAGS = 1, 4
_FORMAT_OBJECT, _BUFFERS_OBJECT, _META_OBJECT = 0x40003, 0x40004, 0x40005
_ENUM_FORMAT, _BUFFERS, _META = 3, 5, 6
_VIDEO, _RAW, _I420 = 2, 1, 2
_MEMFD: Final = 1 << 2
_HEADER_META: Final = 1
HEADER_BYTES: Final = 32

# spa/param/video/color.h: the range is limited; the transfer curves of BT.601 and BT.709 are the same one.
_LIMITED_RANGE, _BT709_TRANSFER = 2, 5
_MATRIX = {Colour.BT709: 3, Colour.BT601: 4}
_PRIMARIES = {Colour.BT709: 1, Colour.BT601: 4}


def video_format(size: Size, fps: Fraction, colour: Colour) -> bytes:
    """The one format that a camera offers: I420 of this size, rate and colour."""
    return _object(_FORMAT_OBJECT, _ENUM_FORMAT, {
        1: _id(_VIDEO),
        2: _id(_RAW),
        0x20001: _id(_I420),
        0x20003: _pod(_RECTANGLE, struct.pack("=II", size.width, size.height)),
        0x20004: _pod(_FRACTION, struct.pack("=II", fps.numerator, fps.denominator)),
        0x2000C: _id(_LIMITED_RANGE),
        0x2000D: _id(_MATRIX[colour]),
        0x2000E: _id(_BT709_TRANSFER),
        0x2000F: _id(_PRIMARIES[colour]),
    })


def buffers(size: Size, length: int, count: tuple[int, int, int]) -> bytes:
    """Buffers in shared memory of ``length`` bytes; ``count``: how many are wanted, the least, the most."""
    return _object(_BUFFERS_OBJECT, _BUFFERS, {
        1: _choice(_RANGE, *map(_int, count)),
        2: _int(1),  # the planes lie in one block, one behind the other
        3: _int(length),
        4: _int(size.width),
        6: _choice(_FLAGS, _int(_MEMFD)),
    })


def header_meta() -> bytes:
    """Room for ``header`` beside each buffer."""
    return _object(_META_OBJECT, _META, {1: _id(_HEADER_META), 2: _int(HEADER_BYTES)})


def header(pts_ns: int, seq: int) -> bytes:
    """The header of a picture: its time (monotonic clock, nanoseconds) and number."""
    return struct.pack("=IIqqQ", 0, 0, pts_ns, 0, seq)


def is_header(kind: int, length: int) -> bool:
    """Whether a piece of metadata of this type and length (bytes) takes a ``header``."""
    return kind == _HEADER_META and length >= HEADER_BYTES


def _pod(kind: int, body: bytes) -> bytes:
    return struct.pack("=II", len(body), kind) + body + bytes(-len(body) % 8)


def _id(value: int) -> bytes:
    return _pod(_ID, struct.pack("=I", value))


def _int(value: int) -> bytes:
    return _pod(_INT, struct.pack("=i", value))


def _choice(kind: int, *values: bytes) -> bytes:
    """One of several values of the same type: the header of the first, then the bodies without padding."""
    header_bytes = values[0][:8]
    length = struct.unpack("=I", header_bytes[:4])[0]
    return _pod(_CHOICE, struct.pack("=II", kind, 0) + header_bytes + b"".join(v[8:8 + length] for v in values))


def _object(kind: int, param: int, properties: dict[int, bytes]) -> bytes:
    body = b"".join(struct.pack("=II", key, 0) + value for key, value in properties.items())
    return _pod(_OBJECT, struct.pack("=II", kind, param) + body)
