"""Where the panel is: its address, who may come, and its socket."""

from __future__ import annotations

import errno
import ipaddress
import os
import re
import socket
from dataclasses import dataclass

from vcam.errors import ControlError, UsageError

DEFAULT_PORT = 8750
PORTS_TO_TRY = 20
SHORTEST_TOKEN = 16
_LOOPBACK = "127.0.0.1"
_ADDRESS = re.compile(r"(?:(?P<host>\[[0-9a-fA-F:.]+\]|[^:\[\]]*):)?(?P<port>[0-9]{1,5})")
# Kept small, so that a slow viewer is not shown old pictures.
_UNSENT_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    """Where to listen. ``port`` None: the usual one or one after it; 0: any. ``token``: empty if none is demanded."""

    host: str
    port: int | None
    token: str

    @property
    def is_open(self) -> bool:
        """Whether other machines can reach it."""
        return not is_loopback(self.host)

    def bind(self) -> socket.socket:
        """A socket that listens here.

        Raises:
            ControlError: the port is taken or not allowed, or the address is not of this machine.
        """
        usual = range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TO_TRY)
        for port in usual if self.port is None else [self.port]:
            try:
                return self._bound(port)
            except OSError as error:
                if self.port is not None or error.errno not in (errno.EADDRINUSE, errno.EACCES):
                    raise ControlError(f"panel cannot use port {port} of {self.host}: {error.strerror}",
                                       "choose another one with --panel PORT, or none: --panel off") from error
        raise ControlError(f"panel found no free port from {usual[0]} to {usual[-1]}", "name one: --panel 9000")

    def _bound(self, port: int) -> socket.socket:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        bound = socket.socket(family, socket.SOCK_STREAM)
        try:
            if os.name != "nt":  # on Windows it would let two programs share a port
                bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _UNSENT_BYTES)
            bound.bind((self.host, port))
            bound.listen(64)
        except OSError:
            bound.close()
            raise
        return bound


def parse_place(address: str, token: str) -> Place | None:
    """The place that the settings ``panel`` and ``panel_token`` mean; None: there is to be no panel.

    Raises:
        UsageError: not an address, a token that is easily guessed, or none where other machines can come.
    """
    if address.strip() == "off":
        return None
    if token and len(token) < SHORTEST_TOKEN:
        raise UsageError(f"the panel's token has {len(token)} characters: it could be guessed",
                         f"give {SHORTEST_TOKEN} or more, for example the output of: openssl rand -hex 16")
    if not address.strip():
        return Place(_LOOPBACK, None, token)
    match = _ADDRESS.fullmatch(address.strip())
    if match is None or int(match["port"]) > 65535:
        raise UsageError(f"panel address '{address}' is neither PORT, HOST:PORT nor off", f"try {DEFAULT_PORT}")
    host = (match["host"] or _LOOPBACK).strip("[]")
    place = Place(_LOOPBACK if host.lower() == "localhost" else host, int(match["port"]), token)
    if place.is_open and not token:
        raise UsageError(f"panel address '{host}' can be reached by other machines, and no token keeps strangers out",
                         "set VCAM_PANEL_TOKEN (16 characters or more), or stay on this machine: --panel "
                         f"{match['port']}")
    return place


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address, or comes from it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def authority(host: str, port: int) -> str:
    """``host:port`` as in a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
