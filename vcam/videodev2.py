"""Structs, request codes and constants of linux/videodev2.h: the one place that knows their layout.

"@" layouts are those of this machine's C compiler ("0P" and "0q" align as a pointer and a 64-bit integer); unions are
as long as their longest member.
"""

from __future__ import annotations

import struct
from typing import Final

CAPABILITY: Final = struct.Struct("=16s32s32sIII3I")
"""driver, card, bus, version, capabilities, device capabilities."""
FORMAT_NAME: Final = struct.Struct("=III32sII3I")
"""index, buffer type, flags, description, four-character code, media bus code."""
FRAME_SIZE: Final = struct.Struct("=III6I2I")
FRAME_INTERVAL: Final = struct.Struct("=IIIII6I2I")
FORMAT: Final = struct.Struct("@I0P12I152x")
"""buffer type; width, height, four-character code, field, bytes a line, bytes a picture, colour space, magic, flags,
matrix, range, transfer function."""
PARAMETERS: Final = struct.Struct("=I2I2I2I4I160x")
"""buffer type; capability, mode, seconds a picture (numerator, denominator), extended mode, buffers."""
BUFFER_TYPE: Final = struct.Struct("=I")
SUBSCRIPTION: Final = struct.Struct("=III5I")
"""event type, id, flags."""
EVENT: Final = struct.Struct("@I0qI60xIIllI8I0q")
"""event type; first word of what it tells; events pending, sequence, seconds, nanoseconds, id."""

CAPTURE: Final = 1  # the side of a loopback device that viewers see
OUTPUT: Final = 2   # and the one that is fed
CAN_CAPTURE: Final = 0x00000001
CAN_OUTPUT: Final = 0x00000002
HAS_DEVICE_CAPS: Final = 0x80000000
LOOPBACK_DRIVER: Final = "v4l2 loopback"

COLOURSPACE_SMPTE170M: Final = 1
COLOURSPACE_REC709: Final = 3
MATRIX_601: Final = 1
MATRIX_709: Final = 2
RANGE_LIMITED: Final = 2
TRANSFER_709: Final = 1
FIELD_NONE: Final = 1
HAS_TAGS: Final = 0xFEEDCAFE  # without this in the magic field the kernel clears matrix, range and transfer function
TIME_PER_FRAME: Final = 0x1000
SEND_INITIAL: Final = 1
CLIENT_USAGE: Final = 0x10E00001  # v4l2loopback's own: V4L2_EVENT_PRIVATE_START + 0x08E00000 + 1

_WRITE, _READ, _READ_WRITE = 1, 2, 3


def _code(direction: int, number: int, layout: struct.Struct) -> int:
    """The request code of an ioctl of the 'V' family (asm-generic/ioctl.h)."""
    return direction << 30 | layout.size << 16 | ord("V") << 8 | number


QUERY_CAPABILITY: Final = _code(_READ, 0, CAPABILITY)
ENUM_FORMATS: Final = _code(_READ_WRITE, 2, FORMAT_NAME)
GET_FORMAT: Final = _code(_READ_WRITE, 4, FORMAT)
SET_FORMAT: Final = _code(_READ_WRITE, 5, FORMAT)
STREAM_ON: Final = _code(_WRITE, 18, BUFFER_TYPE)
STREAM_OFF: Final = _code(_WRITE, 19, BUFFER_TYPE)
SET_PARAMETERS: Final = _code(_READ_WRITE, 22, PARAMETERS)
ENUM_SIZES: Final = _code(_READ_WRITE, 74, FRAME_SIZE)
ENUM_INTERVALS: Final = _code(_READ_WRITE, 75, FRAME_INTERVAL)
TAKE_EVENT: Final = _code(_READ, 89, EVENT)
SUBSCRIBE_EVENT: Final = _code(_WRITE, 90, SUBSCRIPTION)


def fourcc(code: str) -> int:
    """The four-character code of a pixel format as the kernel counts it."""
    return int.from_bytes(code.encode("ascii"), "little")


def text(raw: int | bytes) -> str:
    """A fixed-length name without its padding."""
    assert isinstance(raw, bytes)
    return raw.split(b"\0")[0].decode(errors="replace")
