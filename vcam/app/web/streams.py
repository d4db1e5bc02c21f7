"""What goes on and on: the picture as Motion JPEG, and the state as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import cast

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from vcam.app.web.guard import is_on_this_machine
from vcam.app.web.house import House, refused
from vcam.app.web.looks import Part, View
from vcam.control.state import State

VIEWS = ("picture", "split", "matte")
# What a request for the camera's own picture must say: a header cannot be sent by a mere link or picture elsewhere.
CONSENT = "X-Vcam-Show-Room"
LARGEST_WIDTH = 8192
_BOUNDARY = b"vcam-picture"
_QUIET_SECONDS = 15.0


class Streams:
    """``GET /view/WHAT`` and ``GET /events``."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def view(self, request: Request) -> Response:
        view, width = request.path_params["view"], request.query_params.get("width", "960")
        if view not in VIEWS:
            return refused(HTTPStatus.NOT_FOUND, f"there is no view '{view}'", f"there is {', '.join(VIEWS)}")
        if not (width.isascii() and width.isdecimal() and 0 < int(width[:9]) <= LARGEST_WIDTH):
            return refused(HTTPStatus.UNPROCESSABLE_ENTITY, f"'{width}' is no width in pixels", "try 960")
        if view == "split" and self._hides_room(request):
            return refused(HTTPStatus.FORBIDDEN, "the camera's own picture is shown on this machine only, and only to "
                           "who asks for it", f"send the header {CONSENT}: yes")
        # The page reads the parts itself, and some browsers take a multipart type apart before a script sees it.
        as_bytes = request.headers.get("accept") == "application/octet-stream"
        kind = "application/octet-stream" if as_bytes else f"multipart/x-mixed-replace; boundary={_BOUNDARY.decode()}"
        return StreamingResponse(self._parts(cast(View, view), int(width)), media_type=kind)

    async def events(self, request: Request) -> Response:
        del request
        return StreamingResponse(self._states(), media_type="text/event-stream")

    def _hides_room(self, request: Request) -> bool:
        return self._house.place.is_open or not is_on_this_machine(request) or request.headers.get(CONSENT) != "yes"

    async def _parts(self, view: View, width: int) -> AsyncIterator[bytes]:
        with self._house.looks.looking(view, width) as looker:
            yield b"--%b\r\n" % _BOUNDARY
            while (part := await looker.next()) is not None:
                yield _encoded(part)

    async def _states(self) -> AsyncIterator[str]:
        loop = asyncio.get_running_loop()
        newest: asyncio.Queue[State | None] = asyncio.Queue()

        def tell(state: State | None = None) -> None:
            loop.call_soon_threadsafe(newest.put_nowait, state)

        ends = (self._house.controller.follow(tell), self._house.at_the_end(tell))
        try:
            yield "retry: 1000\n\n"
            while True:
                try:
                    state = await asyncio.wait_for(newest.get(), _QUIET_SECONDS)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                while not newest.empty():
                    state = newest.get_nowait()
                if state is None:
                    return
                yield f"id: {state.serial}\ndata: {state.to_json()}\n\n"
        finally:
            for end in ends:
                end()


def _encoded(part: Part) -> bytes:
    """One part with the boundary after it: browsers show a part when they see the next boundary."""
    head = (f"Content-Type: image/jpeg\r\nContent-Length: {len(part.data)}\r\nX-Picture: {part.kind}\r\n"
            f"X-Shows: {part.shows}\r\n\r\n")
    return b"".join((head.encode("ascii"), part.data, b"\r\n--", _BOUNDARY, b"\r\n"))
