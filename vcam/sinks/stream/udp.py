"""An MPEG transport stream in UDP packets, to one machine or to a multicast group."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from vcam.address import parse_address
from vcam.errors import UsageError
from vcam.sinks import OutputFormat
from vcam.sinks.stream.base import Container, StreamSink

PACKET_BYTES = 7 * 188  # what fits into an Ethernet frame
# Programme tables twice a second, so that whoever begins to listen sees a picture soon; and the length of each picture,
# so that nobody waits for the next one to know that it is complete.
_MUXER_OPTIONS = {"flush_packets": "1", "pat_period": "0.5", "omit_video_pes_length": "0",
                  "mpegts_flags": "resend_headers+initial_discontinuity"}
_BUFFER_BYTES = 1 << 20  # a whole picture fits
_HOPS = 8


class UdpSink(StreamSink):
    """Sends to an address whether or not anybody listens.

    Args:
        argument: ``//host:port``, with ``?ttl=N`` for how many routers a multicast may pass.

    Raises:
        UsageError: not of that form.
    """

    def __init__(self, argument: str) -> None:
        self._address = parse_address("udp", argument, "udp://127.0.0.1:5004")
        hops = self._address.query.get("ttl", str(_HOPS))
        if not hops.isdigit() or not 0 <= int(hops) <= 255:
            raise UsageError(f"'{self._address.shown}': ttl '{hops}' is no number from 0 to 255", "try ?ttl=8")
        self._hops = int(hops)
        super().__init__(f"udp://{self._address.authority}")

    def connect(self, output: OutputFormat, with_sound: bool) -> TransportWay:
        connection = self._connected()
        try:
            return TransportWay(self, _Datagrams(connection), output, with_sound)
        except BaseException:
            connection.close()
            raise

    def _connected(self) -> socket.socket:
        family, kind, protocol, _, where = socket.getaddrinfo(self._address.host, self._address.port,
                                                              type=socket.SOCK_DGRAM)[0]
        connection = socket.socket(family, kind, protocol)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
        if ipaddress.ip_address(where[0]).is_multicast:
            if family == socket.AF_INET6:
                connection.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, self._hops)
            else:
                connection.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, self._hops)
        connection.connect(where)
        return connection


class _Datagrams:
    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection

    def send(self, packet: bytes) -> None:
        with suppress(ConnectionRefusedError):  # nobody listens, yet
            self._socket.send(packet)

    def close(self) -> None:
        self._socket.close()


class TransportWay:
    """A transport stream, cut into packets.

    Args:
        carrier: has ``send`` for a packet, and ``close``.
    """

    def __init__(self, sink: StreamSink, carrier: Any, output: OutputFormat, with_sound: bool) -> None:
        self._carrier = carrier
        self._pieces = Pieces(carrier.send)
        self._container = Container(sink, self._pieces, "mpegts", _MUXER_OPTIONS, output, with_sound)
        self.video, self.audio = self._container.video, self._container.audio

    def write(self, packets: list[Any]) -> None:
        self._container.write(packets)
        self._pieces.flush()

    def close(self) -> None:
        try:
            self._container.close()
        finally:
            self._carrier.close()


class Pieces:
    """A file for FFmpeg's muxer that sends what it writes in pieces of ``PACKET_BYTES``.

    Nothing is sent from within ``write``: an error must not pass through FFmpeg.
    """

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._data = bytearray()

    def write(self, data: bytes) -> int:
        self._data += data
        return len(data)

    def flush(self) -> None:
        """Send everything, the last piece being shorter."""
        data, self._data = bytes(self._data), bytearray()
        for at in range(0, len(data), PACKET_BYTES):
            self._send(data[at:at + PACKET_BYTES])
