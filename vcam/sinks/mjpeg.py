"""Motion JPEG over HTTP, for browsers, screens and recorders elsewhere: the preview's pictures without its page.

Whoever can reach the address can watch, unless a name and a password are given; nothing is encoded while nobody does.
"""

from __future__ import annotations

from vcam.address import Address, parse_address
from vcam.errors import SinkError, UsageError
from vcam.sinks.pageserver import PageServer
from vcam.sinks.served import ServedSink

_EXAMPLE = "mjpeg://0.0.0.0:8080"


class MjpegSink(ServedSink):
    """Serves ``/stream.mjpg`` and ``/snapshot.jpg``.

    Args:
        argument: ``PORT`` (this machine only), ``HOST:PORT`` or ``//[user:password@]HOST:PORT``; the host 0.0.0.0
            means every address of this machine.

    Raises:
        UsageError: not of that form.
    """

    name = "mjpeg"

    def __init__(self, argument: str) -> None:
        super().__init__()
        self._address = _parsed(argument)

    def _bind(self) -> PageServer:
        address = self._address
        try:
            return PageServer((address.host, address.port), self.desk, is_open=True, user=address.user,
                              password=address.password)
        except OSError as error:
            raise SinkError(f"mjpeg cannot use port {address.port} of {address.host}: {error.strerror}",
                            "choose another port or address") from error

    @property
    def url(self) -> str:
        """Where the stream is; empty while closed."""
        return self._url("stream.mjpg")

    @property
    def note(self) -> str:
        return f"Motion JPEG: {self.url}" if self.url else ""


def _parsed(argument: str) -> Address:
    if argument.isdigit():
        argument = f"127.0.0.1:{argument}"
    if argument.rpartition(":")[2] == "0":  # any free port
        found = parse_address("mjpeg", "//" + argument.removeprefix("//").removesuffix("0") + "1", _EXAMPLE)
        found = Address(found.scheme, found.host, 0, found.path, found.query, found.user, found.password)
    else:
        found = parse_address("mjpeg", "//" + argument.removeprefix("//"), _EXAMPLE)
    if found.path.strip("/") or found.query:
        raise UsageError(f"mjpeg address '{found.authority}' has a path", "the stream is always at /stream.mjpg")
    if bool(found.user) != bool(found.password):
        raise UsageError("mjpeg address has a name without a password", "give both: mjpeg://NAME:PASSWORD@HOST:PORT")
    return found
