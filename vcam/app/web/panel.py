"""The panel's life: a socket that waits, and a server that is not even loaded before the first visitor comes."""

from __future__ import annotations

import asyncio
import logging
import select
import socket
from typing import TYPE_CHECKING

from vcam.app.web.looks import Looks
from vcam.app.web.place import Place, authority
from vcam.control.controller import Controller
from vcam.engine.live import LiveRun
from vcam.engine.worker import Worker

if TYPE_CHECKING:
    import uvicorn

    from vcam.app.web.house import House

_STOP_SECONDS = 5.0

log = logging.getLogger(__name__)


class Panel:
    """Made before the run starts, ``start`` with it, ``stop`` after it.

    Args:
        listening: the place's socket; the panel closes it.
    """

    def __init__(self, controller: Controller, run: LiveRun, place: Place, listening: socket.socket) -> None:
        self._controller = controller
        self._place = place
        self._socket = listening
        self._port = int(listening.getsockname()[1])
        self.looks = Looks(run)
        run.parts.outputs.overhear(self.looks)
        self._bell, self._listening_bell = socket.socketpair()
        self._worker = Worker("panel", self._wait_and_serve, self._died)
        self._server: uvicorn.Server | None = None
        self._house: House | None = None
        self._stopping = False

    @property
    def url(self) -> str:
        """Where this machine's browsers find the panel."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._place.host, self._place.host)
        return f"http://{authority(host, self._port)}/"

    def start(self) -> None:
        """Let visitors in."""
        self._worker.start()

    def stop(self) -> None:
        """Send visitors home and free the port."""
        if self._stopping:
            return
        self._stopping = True
        if self._house is not None:
            self._house.close()
        if self._server is not None:
            self._server.should_exit = True
        self._bell.send(b"!")
        if not self._worker.join(_STOP_SECONDS):
            log.warning("the panel does not stop; leaving it behind")
        for open_socket in (self._bell, self._listening_bell, self._socket):
            open_socket.close()

    def _wait_and_serve(self) -> None:
        select.select([self._socket, self._listening_bell], [], [])
        if not self._stopping:
            asyncio.run(self._serve())

    async def _serve(self) -> None:
        import uvicorn

        from vcam.app.web.house import House
        from vcam.app.web.routes import make_app

        self._house = House(self._controller, self.looks, self._place)
        app = make_app(self._house, self._port)
        self._server = uvicorn.Server(uvicorn.Config(
            app, lifespan="off", ws="none", http="h11", log_config=None, log_level="warning", access_log=False,
            proxy_headers=False, server_header=False, timeout_graceful_shutdown=1, limit_concurrency=64))
        if self._stopping:
            return
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            self._house.close()

    def _died(self, error: BaseException) -> None:
        log.error("the panel failed: %s: %s", type(error).__name__, error)
