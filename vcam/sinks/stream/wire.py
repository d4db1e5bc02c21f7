"""A TCP connection that keeps little unsent, so that what is sent is new, and that gives up on a silent peer."""

from __future__ import annotations

import socket
import ssl

from vcam.address import Address
from vcam.errors import SinkError

CONNECT_SECONDS = 4.0
# How long a peer may take nothing before the connection counts as lost.
STALLED_SECONDS = 4.0
_UNSENT_BYTES = 64 * 1024
_READ = 16 * 1024


class Wire:
    """Connects at once.

    Args:
        address: where to; ``rtmps``, ``rtsps`` and ``https`` are encrypted and check the server's certificate.

    Raises:
        SinkError: the certificate is not to be trusted.
        OSError: there is no such host, or nobody answers.
    """

    def __init__(self, address: Address, encrypted: bool) -> None:
        self._socket = socket.create_connection((address.host, address.port), CONNECT_SECONDS)
        try:
            self._keep_little()
            if encrypted:
                self._socket = ssl.create_default_context().wrap_socket(self._socket, server_hostname=address.host)
        except ssl.SSLCertVerificationError as error:
            self._socket.close()
            raise SinkError(f"{address.shown} is not to be trusted: {error.verify_message}",
                            "mend its certificate, or name your own authority in SSL_CERT_FILE") from error
        except BaseException:
            self._socket.close()
            raise
        self._socket.settimeout(STALLED_SECONDS)

    def send(self, data: bytes | bytearray) -> None:
        """Hand all of ``data`` to the system.

        Raises:
            OSError: the connection is lost, or took nothing for seconds.
        """
        try:
            self._socket.sendall(data)
        except TimeoutError as error:
            raise TimeoutError(f"the server took nothing for {STALLED_SECONDS:.0f} seconds") from error

    def receive(self) -> bytes:
        """Some bytes, waited for.

        Raises:
            OSError: none come for seconds, or the connection is lost.
        """
        try:
            data = self._socket.recv(_READ)
        except TimeoutError as error:
            raise TimeoutError(f"the server says nothing for {STALLED_SECONDS:.0f} seconds") from error
        if not data:
            raise ConnectionError("the server has closed the connection")
        return data

    def received(self) -> bytes:
        """What has come by now, maybe nothing.

        Raises:
            OSError: the connection is lost.
        """
        self._socket.settimeout(0)
        try:
            return self.receive()
        except (BlockingIOError, ssl.SSLWantReadError):
            return b""
        finally:
            self._socket.settimeout(STALLED_SECONDS)

    def close(self) -> None:
        """At once; what is unsent is dropped."""
        self._socket.close()

    def _keep_little(self) -> None:
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lowat = getattr(socket, "TCP_NOTSENT_LOWAT", None)
        if lowat is not None:
            self._socket.setsockopt(socket.IPPROTO_TCP, lowat, _UNSENT_BYTES)
        else:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * _UNSENT_BYTES)
