"""Every path of the panel, and what answers there."""

from __future__ import annotations

import dataclasses
import json
import mimetypes
from http import HTTPStatus
from importlib.resources import files

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from vcam.app.web.commanding import Commanding
from vcam.app.web.cutouts import Cutouts
from vcam.app.web.guard import Guard
from vcam.app.web.house import House, refusal, refused, told
from vcam.app.web.metrics import CONTENT_TYPE, metrics
from vcam.app.web.openapi import description
from vcam.app.web.streams import Streams
from vcam.app.web.thumbnails import Thumbnails
from vcam.app.web.uploads import Uploads
from vcam.config import Settings
from vcam.control.doctor import examine
from vcam.errors import VcamError

_LONGEST_SESSION = 4096


def make_app(house: House, port: int) -> ASGIApp:
    """The panel and the API for visitors of that port."""
    answers, streams, cutouts = Answers(house), Streams(house), Cutouts(house)
    app = Starlette(routes=[
        Route("/", _page), Route("/static/{name}", _static), Route("/openapi.json", _openapi),
        Route("/state", answers.state), Route("/events", streams.events), Route("/settings", answers.settings),
        Route("/metrics", answers.metrics), Route("/view/{view}", streams.view),
        Route("/snapshot.jpg", answers.snapshot), Route("/snapshot.png", answers.snapshot),
        Route("/backgrounds", answers.backgrounds, methods=["GET", "POST"]),
        Route("/backgrounds/{name}/thumbnail", answers.thumbnail),
        Route("/cutouts", cutouts.list, methods=["GET", "POST"]),
        Route("/cutouts/{id}", cutouts.one, methods=["DELETE"]), Route("/cutouts/{id}/result", cutouts.result),
        Route("/cameras", answers.cameras), Route("/doctor", answers.doctor),
        Route("/commands/{word:path}", Commanding(house).obey, methods=["POST"]),
        Route("/session", answers.session, methods=["POST"]),
    ], exception_handlers={HTTPException: _explained})
    answers.guard = Guard(app, house.place, port)
    return answers.guard


class Answers:
    """What is asked once and answered at once."""

    guard: Guard

    def __init__(self, house: House) -> None:
        self._house = house
        self._thumbnails = Thumbnails()
        self._uploads = Uploads(house)

    async def state(self, request: Request) -> Response:
        del request
        return JSONResponse(told(self._house.controller.state()))

    async def settings(self, request: Request) -> Response:
        """The table of settings, as a JSON schema."""
        del request
        return JSONResponse(Settings.model_json_schema())

    async def metrics(self, request: Request) -> Response:
        del request
        return Response(metrics(self._house.controller.state()), media_type=CONTENT_TYPE)

    async def snapshot(self, request: Request) -> Response:
        ending = request.url.path[-4:]
        data = await self._house.aside(lambda: self._house.looks.snapshot(ending))
        if data is None:
            return refused(HTTPStatus.SERVICE_UNAVAILABLE, "there is no picture yet", "try again in a second")
        return Response(data, media_type={".jpg": "image/jpeg", ".png": "image/png"}[ending])

    async def backgrounds(self, request: Request) -> Response:
        if request.method == "POST":
            return await self._uploads.accept(request)
        return JSONResponse([dataclasses.asdict(known) for known in self._house.controller.state().backgrounds])

    async def thumbnail(self, request: Request) -> Response:
        name = str(request.path_params["name"])
        try:
            data = await self._house.aside(lambda: self._thumbnails.of(name, self._house.folder))
        except VcamError as error:
            return refusal(error)
        if data is None:
            return refused(HTTPStatus.NOT_FOUND, f"there is no background '{name}'", "GET /backgrounds lists them")
        return Response(data, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=60"})

    async def cameras(self, request: Request) -> Response:
        from vcam.sources.cameras import list_cameras

        del request
        return JSONResponse([dataclasses.asdict(camera) for camera in await self._house.aside(list_cameras)])

    async def doctor(self, request: Request) -> Response:
        del request
        return JSONResponse([dataclasses.asdict(finding) for finding in await self._house.check(examine)])

    async def session(self, request: Request) -> Response:
        """A cookie for the page, which cannot send the token with every picture."""
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > _LONGEST_SESSION:
                return refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "that is no token")
        if not self.guard.knows(_token(body)):
            return refused(HTTPStatus.UNAUTHORIZED, "the token is wrong", "whoever started vcam knows it")
        answer = Response(status_code=HTTPStatus.NO_CONTENT)
        answer.set_cookie(self.guard.cookie, self.guard.session, httponly=True, samesite="strict")
        return answer


def _token(body: bytes) -> str:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    token = told.get("token") if isinstance(told, dict) else None
    return token if isinstance(token, str) and token.isprintable() and token.isascii() else ""


async def _page(request: Request) -> Response:
    del request
    return Response(_file("index.html"), media_type="text/html; charset=utf-8")


async def _static(request: Request) -> Response:
    name = str(request.path_params["name"])
    known = {file.name for file in files("vcam.app.web").joinpath("static").iterdir()}
    if name not in known:
        return refused(HTTPStatus.NOT_FOUND, f"there is no '{name}'")
    kind = "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(_file(name), media_type=kind, headers={"Cache-Control": "no-cache"})


async def _openapi(request: Request) -> Response:
    del request
    return JSONResponse(description())


def _file(name: str) -> bytes:
    return files("vcam.app.web").joinpath("static", name).read_bytes()


async def _explained(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    hint = "GET /openapi.json lists what there is"
    return JSONResponse({"error": f"{request.method} {request.url.path}: {error.detail}", "hint": hint},
                        error.status_code, headers=error.headers) if request.method != "HEAD" else \
        PlainTextResponse("", error.status_code)
