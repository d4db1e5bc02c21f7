"""Network addresses as users type them, and as they may be shown: without passwords and stream keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from vcam.errors import UsageError

PORTS = {"rtmp": 1935, "rtmps": 443, "rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
_HIDDEN = "…"
_OPEN = ("mode", "latency", "pbkeylen", "transport", "ttl")  # names in a query whose values are no secret


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
        """For people and logs: no password, no secret of the query, and of an RTMP address no stream key."""
        return shown_spec(f"{self.scheme}://{self.user}:{self.password}@{self.authority}{self.target}" if self.user else
                          self.url)


def shown_spec(spec: str) -> str:
    """A source or a sink as it may be shown: without passwords, tokens, stream keys, and what else a query holds.

    A name is shown where a password stood beside it, for alone it may be a token; of WHIP only the host, for many
    servers' paths are secrets.
    """
    scheme, _, rest = spec.partition(":")
    if scheme.lower() == "whip":
        return f"whip:{_shown_url(rest, '', hides_path=True)}"
    if rest.startswith("//"):
        return _shown_url(spec, scheme.lower())
    if scheme == "mjpeg" and "@" in rest:
        return _shown_url(f"mjpeg://{rest}", scheme)
    return spec


def shown_specs(specs: Sequence[str]) -> tuple[str, ...]:
    """Several, each different from the others."""
    shown = [shown_spec(spec) for spec in specs]
    return tuple(text if text not in shown[:turn] else f"{text} ({shown[:turn].count(text) + 1})"
                 for turn, text in enumerate(shown))


def _shown_url(url: str, scheme: str, hides_path: bool = False) -> str:
    scheme_there, _, rest = url.partition("://")
    account, at, rest = rest.rpartition("@")  # whatever else it looks like: a password may hold anything
    rest, _, query = rest.partition("?")
    host, slash, path = rest.partition("/")
    name, colon, _ = account.partition(":")
    path = slash + path
    if hides_path:
        name, path, query = "", slash + _HIDDEN if slash else "", ""
    elif scheme.startswith("rtmp") and path.strip("/"):
        path = path.rstrip("/")
        path = path[:path.rindex("/") + 1] + _HIDDEN
    told = "&".join(part if part.partition("=")[0] in _OPEN else
                    part.partition("=")[0] + "=" + _HIDDEN if "=" in part else _HIDDEN
                    for part in query.split("&") if part)
    user = f"{name if colon and name else _HIDDEN}@" if at else ""
    return f"{scheme_there}://{user}{host}{path}" + (f"?{told}" if told else "")


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
        raise UsageError(f"'{shown_spec(f'{scheme}:{argument}')}' is not an address", f"try {example}") from error
    if not argument.startswith("//") or (needs_host and not parts.hostname):
        raise UsageError(f"'{scheme}:' address names no host", f"try {example}")
    if not port:
        raise UsageError(f"'{scheme}://{parts.hostname}' names no port", f"try {example}")
    return Address(scheme, parts.hostname or "", port, parts.path, dict(parse_qsl(parts.query, True)),
                   unquote(parts.username or ""), unquote(parts.password or ""), parts.query)
