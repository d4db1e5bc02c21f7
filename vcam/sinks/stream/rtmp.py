"""Streams to RTMP servers: FFmpeg writes FLV, whose tags are RTMP's messages, and vcam carries them itself.

FFmpeg's own RTMP would connect while it holds Python's lock, so that a server which does not answer would stop every
other sink; and it cannot be told to keep little unsent.
"""

from __future__ import annotations

from typing import Any

from vcam.address import parse_address
from vcam.errors import UsageError
from vcam.sinks import OutputFormat
from vcam.sinks.stream.amf import encoded
from vcam.sinks.stream.base import Container, StreamSink
from vcam.sinks.stream.rtmp_chunks import Kind, Message
from vcam.sinks.stream.rtmp_session import Session

_FILE_HEADER_BYTES, _TAG_HEADER_BYTES, _TAIL_BYTES = 13, 11, 4
_MUXER_OPTIONS = {"flvflags": "no_duration_filesize", "flush_packets": "1"}


class RtmpSink(StreamSink):
    """Publishes on an RTMP server.

    Args:
        argument: ``//host[:port]/application/key``.

    Raises:
        UsageError: not of that form.
    """

    scheme = "rtmp"
    wants_sound = True

    def __init__(self, argument: str) -> None:
        self._address = parse_address(self.scheme, argument, f"{self.scheme}://host/live/key")
        if len([part for part in self._address.path.split("/") if part]) < 2:
            raise UsageError(f"'{self._address.shown}' has no stream key: an RTMP address ends in application/key",
                             f"try {self.scheme}://{self._address.authority}/live/key")
        super().__init__(self._address.shown)

    def connect(self, output: OutputFormat, with_sound: bool) -> _RtmpWay:
        return _RtmpWay(self, Session(self._address), output, with_sound)


class RtmpsSink(RtmpSink):
    """The same, encrypted."""

    scheme = "rtmps"


class _RtmpWay:
    def __init__(self, sink: StreamSink, session: Session, output: OutputFormat, with_sound: bool) -> None:
        self._session = session
        self._tags = Tags()
        try:
            self._container = Container(sink, self._tags, "flv", _MUXER_OPTIONS, output, with_sound)
        except BaseException:
            session.close()
            raise
        self.video, self.audio = self._container.video, self._container.audio

    def write(self, packets: list[Any]) -> None:
        self._container.write(packets)
        self._session.send(self._tags.taken())

    def close(self) -> None:
        try:
            self._container.close()
        finally:
            self._session.close()


class Tags:
    """A file for FFmpeg's FLV muxer that turns tags into messages."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._begun = False

    def write(self, data: bytes) -> int:
        self._data += data
        return len(data)

    def taken(self) -> list[Message]:
        """The tags that are complete."""
        found = []
        if not self._begun and len(self._data) >= _FILE_HEADER_BYTES:
            del self._data[:_FILE_HEADER_BYTES]
            self._begun = True
        while self._begun and len(self._data) >= _TAG_HEADER_BYTES:
            length = int.from_bytes(self._data[1:4], "big")
            whole = _TAG_HEADER_BYTES + length + _TAIL_BYTES
            if len(self._data) < whole:
                break
            milliseconds = int.from_bytes(self._data[4:7], "big") | self._data[7] << 24
            content = bytes(self._data[_TAG_HEADER_BYTES:_TAG_HEADER_BYTES + length])
            kind = self._data[0] & 0x1F
            if kind == Kind.DATA:
                content = encoded("@setDataFrame") + content
            found.append(Message(kind, content, milliseconds=milliseconds))
            del self._data[:whole]
        return found
