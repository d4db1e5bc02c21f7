"""The room's panel: every camera on one page, and their APIs below ``/NAME/``."""

from __future__ import annotations

import asyncio
import logging
import socket
from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vcam.app.room.forwarding import forward
from vcam.app.room.supervisor import Supervisor
from vcam.app.room.watching import Watch
from vcam.app.web.guard import Guard
from vcam.app.web.house import refused
from vcam.app.web.place import Place, authority
from vcam.engine.worker import Worker

if TYPE_CHECKING:
    import uvicorn

_STOP_SECONDS = 5.0
_METHODS = ["GET", "POST", "DELETE"]
_STATIC = {"room.js": ("vcam.app.room", "text/javascript"), "room.css": ("vcam.app.room", "text/css"),
           "panel.css": ("vcam.app.web", "text/css"), "icon.svg": ("vcam.app.web", "image/svg+xml")}

log = logging.getLogger(__name__)


class Front:
    """Made before the cameras start, ``start`` with them, ``stop`` after them.

    Args:
        listening: the place's socket; the front closes it.
    """

    def __init__(self, supervisor: Supervisor, place: Place, listening: socket.socket) -> None:
        self._supervisor, self._place, self._socket = supervisor, place, listening
        self._port = int(listening.getsockname()[1])
        self._host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(place.host, place.host)
        self._watches: dict[str, Watch] = {}
        self._worker = Worker("room panel", lambda: asyncio.run(self._serve()), self._died)
        self._server: uvicorn.Server | None = None

    @property
    def url(self) -> str:
        """Where this machine's browsers find it."""
        return f"http://{authority(self._host, self._port)}/"

    def start(self) -> None:
        """Let visitors in."""
        self._worker.start()

    def stop(self) -> None:
        """Send visitors home and free the port."""
        for watch in self._watches.values():
            watch.stop()
        if self._server is not None:
            self._server.should_exit = True
        if not self._worker.join(_STOP_SECONDS):
            log.warning("the panel does not stop; leaving it behind")
        self._socket.close()

    async def _serve(self) -> None:
        import uvicorn

        self._server = uvicorn.Server(uvicorn.Config(
            self._app(), lifespan="off", ws="none", http="h11", log_config=None, log_level="warning",
            access_log=False, proxy_headers=False, server_header=False, timeout_graceful_shutdown=1,
            limit_concurrency=64))
        await self._server.serve(sockets=[self._socket])

    def _app(self) -> Guard:
        app = Starlette(routes=[
            Route("/", _page), Route("/static/{name}", _static), Route("/state", self._state),
            Route("/session", self._session, methods=["POST"]),
            Route("/{camera}/{path:path}", self._forward, methods=_METHODS)])
        self._guard = Guard(app, self._place, self._port)
        return self._guard

    async def _state(self, request: Request) -> Response:
        """Every camera: how its process is, and its state as its own panel tells it (null: it does not run)."""
        del request
        return JSONResponse({"cameras": {name: {"process": process, **self._told(name)}
                                         for name, process in self._supervisor.cameras.items()}})

    async def _forward(self, request: Request) -> Response:
        name, path = request.path_params["camera"], request.path_params["path"]
        if name not in self._supervisor.cameras:
            return refused(HTTPStatus.NOT_FOUND, f"there is no camera '{name}'", "GET /state lists them")
        port = self._watch(name).panel
        if not port:
            return refused(HTTPStatus.SERVICE_UNAVAILABLE, f"camera '{name}' does not run now", "GET /state tells why")
        if not path:
            return refused(HTTPStatus.NOT_FOUND, f"camera '{name}' has its page elsewhere",
                           f"open http://{authority(self._host, port)}/")
        return await forward(request, self._host, port, f"/{path}", self._place.token)

    async def _session(self, request: Request) -> Response:
        return await self._guard.session_for(request)

    def _told(self, name: str) -> dict[str, Any]:
        watch = self._watch(name)
        return {"state": watch.state, "panel": watch.panel}

    def _watch(self, name: str) -> Watch:
        """Cameras may come while it runs: each is followed from when it is first asked for."""
        if name not in self._watches:
            self._watches[name] = Watch(name)
            self._watches[name].start()
        return self._watches[name]

    def _died(self, error: BaseException) -> None:
        log.error("the panel failed: %s: %s", type(error).__name__, error)


async def _page(request: Request) -> Response:
    del request
    return Response(files("vcam.app.room").joinpath("static", "room.html").read_bytes(),
                    media_type="text/html; charset=utf-8")


async def _static(request: Request) -> Response:
    name = str(request.path_params["name"])
    if name not in _STATIC:
        return refused(HTTPStatus.NOT_FOUND, f"there is no '{name}'")
    package, kind = _STATIC[name]
    return Response(files(package).joinpath("static", name).read_bytes(), media_type=kind,
                    headers={"Cache-Control": "no-cache"})
