"""WHIP and WHEP before Janus' video room.

python -m tests.servers.endpoint_program PORT JANUS_PORT TOKEN

``POST /whip/ROOM`` takes an offer and gives an answer; ``POST /whep`` gives an offer, ``PATCH`` takes its answer; both
sessions are at ``/session/NUMBER`` and end with ``DELETE``. ``/`` is a page that plays what is published.
"""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.request
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

PAGE = Path(__file__).with_name("webrtc_viewer.html")
ROOM = 1


def _call(url: str, words: dict[str, Any] | None = None) -> dict[str, Any]:
    data = json.dumps({"transaction": "t", **words}).encode() if words is not None else None
    with urllib.request.urlopen(urllib.request.Request(url, data), timeout=40) as answer:
        told: dict[str, Any] = json.loads(answer.read())
    if told.get("janus") == "error":
        raise RuntimeError(told["error"]["reason"])
    return told


class Session:
    """One handle in the room."""

    def __init__(self, janus: str) -> None:
        self._janus = janus
        self.number = 0
        self._handle = ""

    async def open(self) -> None:
        self.number = (await self._ask(self._janus, {"janus": "create"}))["data"]["id"]
        told = await self._ask(self.url, {"janus": "attach", "plugin": "janus.plugin.videoroom"})
        self._handle = f"{self.url}/{told['data']['id']}"

    @property
    def url(self) -> str:
        return f"{self._janus}/{self.number}"

    async def ask(self, body: dict[str, Any], jsep: dict[str, str] | None = None) -> dict[str, Any]:
        """Send a request and wait for the event that answers it."""
        await self._ask(self._handle, {"janus": "message", "body": body, **({"jsep": jsep} if jsep else {})})
        while True:
            event = await self._ask(f"{self.url}?maxev=1")
            if event.get("janus") == "event":
                return event

    async def keep_alive(self) -> None:
        """Janus forgets sessions that nobody asks for a minute."""
        while True:
            await asyncio.sleep(20)
            await self._ask(self.url, {"janus": "keepalive"})

    async def close(self) -> None:
        await self._ask(self.url, {"janus": "destroy"})

    @staticmethod
    async def _ask(url: str, words: dict[str, Any] | None = None) -> dict[str, Any]:
        return await asyncio.to_thread(_call, url, words)


class Front:
    """The endpoint."""

    def __init__(self, janus: str, token: str) -> None:
        self._janus, self._token = janus, token
        self._sessions: dict[int, Session] = {}
        self._feed = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def whip(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {self._token}":
            return Response("who are you?", 401)
        if request.headers.get("content-type") != "application/sdp":
            return Response("that is no offer", 415)
        session = await self._made()
        event = await session.ask({"request": "joinandconfigure", "ptype": "publisher", "room": ROOM},
                                  {"type": "offer", "sdp": (await request.body()).decode()})
        self._feed = event["plugindata"]["data"]["id"]
        return self._told(session, event)

    async def whep(self, request: Request) -> Response:
        del request
        if not self._feed:
            return Response("nobody publishes", 404)
        session = await self._made()
        event = await session.ask({"request": "join", "ptype": "subscriber", "room": ROOM,
                                   "streams": [{"feed": self._feed}]})
        return self._told(session, event)

    async def patch(self, request: Request) -> Response:
        session = self._sessions[request.path_params["number"]]
        await session.ask({"request": "start"}, {"type": "answer", "sdp": (await request.body()).decode()})
        return Response(status_code=204)

    async def delete(self, request: Request) -> Response:
        session = self._sessions.pop(request.path_params["number"], None)
        if session is None:
            return Response(status_code=404)
        await session.close()
        return Response(status_code=200)

    async def _made(self) -> Session:
        session = Session(self._janus)
        await session.open()
        self._sessions[session.number] = session
        task = asyncio.create_task(session.keep_alive())
        self._tasks.add(task)
        return session

    @staticmethod
    def _told(session: Session, event: dict[str, Any]) -> Response:
        if "jsep" not in event:
            return Response(json.dumps(event), 502)
        return Response(event["jsep"]["sdp"], 201, {"Location": f"/session/{session.number}"}, "application/sdp")


async def _page(request: Request) -> Response:
    del request
    return HTMLResponse(PAGE.read_text())


def main(port: str, janus_port: str, token: str) -> None:
    front = Front(f"http://127.0.0.1:{janus_port}/janus", token)
    app = Starlette(routes=[Route("/", _page), Route("/whip/{room}", front.whip, methods=["POST"]),
                            Route("/whep", front.whep, methods=["POST"]),
                            Route("/session/{number:int}", front.patch, methods=["PATCH"]),
                            Route("/session/{number:int}", front.delete, methods=["DELETE"])])
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning")


if __name__ == "__main__":
    main(*sys.argv[1:])
