"""What sinks have in common that show the newest picture over HTTP: a desk, and a server while they are open."""

from __future__ import annotations

from abc import ABC, abstractmethod

from vcam.frame import Rendered
from vcam.sinks import Delivery, OutputFormat
from vcam.sinks.desk import PictureDesk
from vcam.sinks.incoming import check
from vcam.sinks.pageserver import PageServer


class ServedSink(ABC):
    """Nothing is encoded while nobody watches.

    JPEG cannot be told a matrix: it is BT.601, so that is what such a sink asks for.
    """

    delivery = Delivery.LATEST
    tags_colour = False

    def __init__(self) -> None:
        self._output: OutputFormat | None = None
        self._server: PageServer | None = None
        self.desk = PictureDesk()

    @abstractmethod
    def _bind(self) -> PageServer:
        """A server of ``desk``, which has its port.

        Raises:
            SinkError: there is none to have.
        """

    def open(self, output: OutputFormat) -> None:
        """Start serving.

        Raises:
            SinkError: the port is taken or not allowed, or the address is not of this machine.
        """
        self.desk = PictureDesk()
        self._server = self._bind()
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
    def watchers(self) -> int | None:
        """Who shows the stream."""
        return self.desk.viewers

    def _url(self, path: str) -> str:
        return f"http://{self._server.authority}/{path}" if self._server is not None else ""
