"""A visitor's request, passed on to a camera's own panel, and its answer passed back as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from http import HTTPStatus

import h11
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from vcam.app.web.house import refused

# What a camera's panel needs to know of the request, and the visitor of the answer. Where it came from was checked.
_ASKED = ("accept", "content-type", "content-length", "x-vcam-show-room", "last-event-id")
_TOLD = (b"content-type", b"content-length", b"cache-control", b"content-disposition")
_READ = 1 << 16
_CONNECT_SECONDS = 5.0


async def forward(request: Request, host: str, port: int, path: str, token: str) -> Response:
    """The answer of the panel at that address to ``path``."""
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port), _CONNECT_SECONDS)
    except (OSError, TimeoutError):
        return refused(HTTPStatus.BAD_GATEWAY, "the camera's own panel does not answer", "try again in a second")
    line = h11.Connection(h11.CLIENT)
    try:
        await _ask(line, writer, request, f"{host}:{port}", path, token)
        told = await _next(line, reader)
        assert isinstance(told, h11.Response)
    except (OSError, h11.ProtocolError, AssertionError):
        writer.close()
        return refused(HTTPStatus.BAD_GATEWAY, "the camera's own panel broke off", "try again in a second")
    headers = {name.decode("ascii"): value.decode("latin-1") for name, value in told.headers if name in _TOLD}
    return StreamingResponse(_body(line, reader, writer), told.status_code, headers)


async def _ask(line: h11.Connection, writer: asyncio.StreamWriter, request: Request, host: str, path: str,
               token: str) -> None:
    query = f"?{request.url.query}" if request.url.query else ""
    headers = [("Host", host), ("Connection", "close"),
               *((name, value) for name, value in request.headers.items() if name in _ASKED)]
    if token:
        headers.append(("Authorization", f"Bearer {token}"))
    writer.write(line.send(h11.Request(method=request.method, target=f"{path}{query}", headers=headers)) or b"")
    if "content-length" in request.headers:
        async for part in request.stream():
            writer.write(line.send(h11.Data(part)) or b"")
            await writer.drain()
    writer.write(line.send(h11.EndOfMessage()) or b"")
    await writer.drain()


async def _next(line: h11.Connection, reader: asyncio.StreamReader) -> object:
    while True:
        event = line.next_event()
        if event is h11.NEED_DATA:
            line.receive_data(await reader.read(_READ))
        elif not isinstance(event, h11.InformationalResponse):
            return event


async def _body(line: h11.Connection, reader: asyncio.StreamReader,
                writer: asyncio.StreamWriter) -> AsyncIterator[bytes]:
    try:
        with suppress(OSError, h11.ProtocolError):  # it ended; the visitor is told by the missing end
            while isinstance(event := await _next(line, reader), h11.Data):
                yield bytes(event.data)
    finally:
        writer.close()
