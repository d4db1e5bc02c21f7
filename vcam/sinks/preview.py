"""A page on this machine with the live picture: a look before the call, or where no virtual camera can be had."""

from __future__ import annotations

import errno
import ipaddress
import re

from vcam.errors import SinkError, UsageError
from vcam.sinks.pageserver import PageServer
from vcam.sinks.served import ServedSink

DEFAULT_PORT = 8765
_LOOPBACK = "127.0.0.1"
_PORTS_TO_TRY = 20
_ADDRESS = re.compile(r"(?:(?P<host>\[[0-9a-fA-F:.]+\]|[^:\[\]]*):)?(?P<port>[0-9]{1,5})")


def parse_address(argument: str) -> tuple[str, int | None]:
    """Host and port of ``PORT``, ``HOST:PORT`` or nothing; no port means the default one or one after it.

    Raises:
        UsageError: not of that form, or an address that other machines can reach.
    """
    if not argument.strip():
        return _LOOPBACK, None
    match = _ADDRESS.fullmatch(argument.strip())
    if match is None or int(match["port"]) > 65535:
        raise UsageError(f"preview address '{argument}' is neither PORT nor HOST:PORT", f"try preview:{DEFAULT_PORT}")
    host = (match["host"] or _LOOPBACK).strip("[]")
    if host.lower() == "localhost":
        host = _LOOPBACK
    if not _is_loopback(host):
        raise UsageError(f"preview address '{host}' can be reached by other machines; this version only shows the "
                         "picture on this one", f"try preview:{match['port']}")
    return host, int(match["port"])


class PreviewSink(ServedSink):
    """Serves the newest picture to browsers on this machine.

    Args:
        argument: PORT or HOST:PORT of a loopback address (port 0: any free one); empty for the first free port
            from 8765.

    Raises:
        UsageError: no port, or an address that other machines can reach.
    """

    name = "preview"

    def __init__(self, argument: str = "") -> None:
        super().__init__()
        self._host, self._port = parse_address(argument)

    @property
    def url(self) -> str:
        """Where the page is; empty while closed."""
        return self._url("")

    @property
    def note(self) -> str:
        return f"preview: {self.url}" if self.url else ""

    def _bind(self) -> PageServer:
        ports = [self._port] if self._port is not None else range(DEFAULT_PORT, DEFAULT_PORT + _PORTS_TO_TRY)
        for port in ports:
            try:
                return PageServer((self._host, port), self.desk)
            except OSError as error:
                if self._port is not None or error.errno not in (errno.EADDRINUSE, errno.EACCES):
                    raise SinkError(f"preview cannot use port {port} of {self._host}: {error.strerror}",
                                    "choose another port, or preview: for a free one") from error
        raise SinkError(f"preview found no free port from {ports[0]} to {ports[-1]}", "name one: preview:9000")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
