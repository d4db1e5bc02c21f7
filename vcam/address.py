"""Network addresses as users type them, and as they may be shown: without passwords and stream keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from vcam.errors import UsageError

PORTS = {"rtmp": 1935, "rtmps": 443, "rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
_HIDDEN = "…"


@dataclass(frozen=True, slots=True)
class Address:
    """A URL in parts.

    Attributes:
        path: with its leading slash and without the query; empty if there is none.
        query: with its values; what was given twice counts once.
    """

    scheme: str
    host: str
    port: int
    path: str = ""
    query: dict[str, str] = field(default_factory=dict)
    user: str = ""
    password: str = ""
    full_query: str = ""

    @property
    def authority(self) -> str:
        """``host:port``, without the port where it is the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS.get(self.scheme) else f"{host}:{self.port}"

    @property
    def target(self) -> str:
        """Path and query, as a server is asked for them."""
        return self.path + (f"?{self.full_query}" if self.full_query else "")

    @property
    def url(self) -> str:
        """The whole address less user and password."""
        return f"{self.scheme}://{self.authority}{self.target}"

    @property
    def shown(self) -> str:
        """For people and logs: no password, no value of the query, and of an RTMP address no stream key."""
        path = self.path
        if self.scheme.startswith("rtmp") and "/" in path.strip("/"):
            path = path[:path.rindex("/") + 1] + _HIDDEN
        query = "&".join(f"{name}={_HIDDEN}" for name in self.query)
        user = f"{self.user}@" if self.user else ""
        return f"{self.scheme}://{user}{self.authority}{path}" + (f"?{query}" if query else "")


def parse_address(scheme: str, argument: str, example: str, needs_host: bool = True) -> Address:
    """``//[user:password@]host[:port][/path][?query]`` behind ``scheme:``.

    Args:
        example: shown in an error.
        needs_host: False: without one it is empty, which means every address of this machine.

    Raises:
        UsageError: not of that form, no port where the scheme has no usual one, or no host.
    """
    try:
        parts = urlsplit(f"{scheme}:{argument}")
        port = parts.port or PORTS.get(scheme, 0)
    except ValueError as error:
        raise UsageError(f"'{scheme}:' address is not understood: {error}", f"try {example}") from error
    if not argument.startswith("//") or (needs_host and not parts.hostname):
        raise UsageError(f"'{scheme}:' address names no host", f"try {example}")
    if not port:
        raise UsageError(f"'{scheme}://{parts.hostname}' names no port", f"try {example}")
    return Address(scheme, parts.hostname or "", port, parts.path, dict(parse_qsl(parts.query, True)),
                   unquote(parts.username or ""), unquote(parts.password or ""), parts.query)
