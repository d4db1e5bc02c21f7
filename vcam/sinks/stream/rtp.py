"""RTP packets for H.264 (RFC 6184) and AAC (RFC 3640), and the reports that keep both in step (RFC 3550)."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

PAYLOAD_BYTES = 1400
_VERSION = 0x80
_FRAGMENT_UNIT = 28
_SENDER_REPORT = 200
_NTP_EPOCH_S = 2_208_988_800  # 1900 to 1970
_REPORT_SECONDS = 3.0


@dataclass(slots=True)
class Sender:
    """Numbers the packets of one track.

    Attributes:
        payload: the number that SDP gives the format.
        rate: ticks a second of its timestamps.
    """

    payload: int
    rate: int
    source: int = field(default_factory=lambda: int.from_bytes(os.urandom(4), "big"))
    _sequence: int = field(default_factory=lambda: int.from_bytes(os.urandom(2), "big"))
    _offset: int = field(default_factory=lambda: int.from_bytes(os.urandom(4), "big"))
    _packets: int = 0
    _bytes: int = 0
    _reported: float = 0.0

    def packet(self, payload: bytes, ticks: int, is_last: bool) -> bytes:
        """One packet; ``is_last``: of its picture."""
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._packets += 1
        self._bytes += len(payload)
        return struct.pack(">BBHII", _VERSION, self.payload | (0x80 if is_last else 0), self._sequence,
                           self._stamp(ticks), self.source) + payload

    def report(self, ticks: int, wall_seconds: float) -> bytes | None:
        """A sender report that ties ``ticks`` to the wall clock, when one is due."""
        now = time.monotonic()
        if self._reported and now - self._reported < _REPORT_SECONDS:
            return None
        self._reported = now
        whole = int(wall_seconds)
        return struct.pack(">BBHIIIIII", _VERSION, _SENDER_REPORT, 6, self.source, whole + _NTP_EPOCH_S & 0xFFFFFFFF,
                           int((wall_seconds - whole) * (1 << 32)), self._stamp(ticks), self._packets & 0xFFFFFFFF,
                           self._bytes & 0xFFFFFFFF)

    def _stamp(self, ticks: int) -> int:
        return (ticks + self._offset) & 0xFFFFFFFF


def units(stream: bytes) -> list[bytes]:
    """The NAL units of an H.264 byte stream (Annex B), without their start codes."""
    parts = stream.replace(b"\x00\x00\x00\x01", b"\x00\x00\x01").split(b"\x00\x00\x01")
    return [part for part in parts[1:] if part]


def h264_payloads(unit_list: list[bytes]) -> Iterator[tuple[bytes, bool]]:
    """What goes into packets for the units of one picture, and whether it is the picture's last."""
    for turn, unit in enumerate(unit_list):
        is_last_unit = turn == len(unit_list) - 1
        if len(unit) <= PAYLOAD_BYTES:
            yield unit, is_last_unit
            continue
        indicator, kind, body = unit[0] & 0xE0 | _FRAGMENT_UNIT, unit[0] & 0x1F, unit[1:]
        step = PAYLOAD_BYTES - 2
        for at in range(0, len(body), step):
            begins, ends = at == 0, at + step >= len(body)
            yield bytes([indicator, kind | begins << 7 | ends << 6]) + body[at:at + step], is_last_unit and ends


def aac_payload(frame: bytes) -> bytes:
    """One frame with its header: sizes in 13 bits (``AAC-hbr``)."""
    return struct.pack(">HH", 16, len(frame) << 3) + frame
