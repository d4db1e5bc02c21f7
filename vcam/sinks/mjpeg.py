"""Motion JPEG over HTTP, for browsers, screens and recorders elsewhere: the preview's pictures without its page.

Whoever can reach the address can watch, unless a name and a password are given; nothing is encoded while nobody does.
"""

from __future__ import annotations

from vcam.address import Address, parse_address
from vcam.errors import SinkError, UsageError
from vcam.frame import Rendered
from vcam.sinks import Delivery, OutputFormat
from vcam.sinks.desk import PictureDesk
from vcam.sinks.incoming import check
from vcam.sinks.pageserver import PageServer

_EXAMPLE = "mjpeg://0.0.0.0:8080"


class MjpegSink:
    """Serves ``/stream.mjpg`` and ``/snapshot.jpg``.

    Args:
        argument: ``PORT`` (this machine only), ``HOST:PORT`` or ``//[user:password@]HOST:PORT``; the host 0.0.0.0
            means every address of this machine.

    Raises:
        UsageError: not of that form.
    """

    name = "mjpeg"
    delivery = Delivery.LATEST
    tags_colour = False

    def __init__(self, argument: str) -> None:
        self._address = _parsed(argument)
        self._output: OutputFormat | None = None
        self._server: PageServer | None = None
        self.desk = PictureDesk()

    def open(self, output: OutputFormat) -> None:
        """Start serving.

        Raises:
            SinkError: the port is taken or not allowed, or the address is not of this machine.
        """
        address = self._address
        self.desk = PictureDesk()
        try:
            self._server = PageServer((address.host, address.port), self.desk, is_open=True, user=address.user,
                                      password=address.password)
        except OSError as error:
            raise SinkError(f"mjpeg cannot use port {address.port} of {address.host}: {error.strerror}",
                            "choose another port or address") from error
        self._server.start()
        self._output = output

    def send(self, picture: Rendered) -> None:
        """Make ``picture`` the one that viewers see.

        Raises:
            SinkError: it is not of the size and format agreed on.
        """
        assert self._output is not None, "open() comes first"
        check(self._output, picture)
        self.desk.put(picture)

    def close(self) -> None:
        """Send the viewers home and free the port."""
        server, self._server, self._output = self._server, None, None
        self.desk.close()
        if server is not None:
            server.stop()

    @property
    def url(self) -> str:
        """Where the stream is; empty while closed."""
        return f"http://{self._server.authority}/stream.mjpg" if self._server is not None else ""

    @property
    def watchers(self) -> int | None:
        """Who shows the stream."""
        return self.desk.viewers

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
