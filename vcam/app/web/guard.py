"""Who may come in: every request passes here before anything else looks at it.

Three kinds of strangers are kept out. A foreign page whose name was pointed at this machine (DNS rebinding) comes with
a foreign ``Host``. A foreign page that sends a form or loads a picture from here (CSRF) comes with a foreign ``Origin``
or ``Sec-Fetch-Site``. And another machine, where that can reach the panel, does not know the token.
"""

from __future__ import annotations

import ipaddress
import secrets
import socket
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vcam.app.web.place import Place, is_loopback

_POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
           "media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
_HEADERS = {"Content-Security-Policy": _POLICY, "Cross-Origin-Resource-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin", "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY"}
# The page itself tells nothing: a visitor without a token gets it, to be asked for one.
_FREE = ("/", "/session", "/openapi.json")


class Guard:
    """Refuses strangers, and gives every answer the headers that keep browsers careful.

    Args:
        port: that the panel listens at.
    """

    def __init__(self, app: ASGIApp, place: Place, port: int) -> None:
        self._app = app
        self._place = place
        self._port = port
        self.session = secrets.token_urlsafe(32)
        self.cookie = f"vcam_{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        status, why, hint = self._refusal(Request(scope), headers)
        answer = self._app if not why else JSONResponse({"error": why, "hint": hint}, status)
        await answer(scope, receive, _careful(send))

    def knows(self, token: str) -> bool:
        """Whether a token is the one that is demanded."""
        return secrets.compare_digest(token.encode(), self._place.token.encode())

    def _refusal(self, request: Request, headers: Headers) -> tuple[int, str, str]:
        """Status, reason and hint; no reason: welcome."""
        host = headers.get("host", "").lower()
        if not self._is_own_name(host):
            return HTTPStatus.FORBIDDEN, f"'{host}' is not this panel", f"open http://127.0.0.1:{self._port}/"
        if self._is_foreign(request, headers, host):
            return HTTPStatus.FORBIDDEN, "another site may not use this panel", "open the panel itself"
        if not self._may_enter(request, headers):
            return HTTPStatus.UNAUTHORIZED, "the token is missing or wrong", "send it: Authorization: Bearer TOKEN"
        return HTTPStatus.OK, "", ""

    def _is_own_name(self, host: str) -> bool:
        name, _, port = host.rpartition(":")
        if not port.isdecimal() or host.endswith("]"):
            name, port = host, "80"
        if port != str(self._port):
            return False
        if name in ("localhost", "127.0.0.1", "[::1]", self._place.host):
            return True
        # An address cannot be rebound, only a name can; and this machine's own name is nobody else's.
        return self._place.is_open and (_is_address(name.strip("[]")) or name in _own_names())

    def _is_foreign(self, request: Request, headers: Headers, host: str) -> bool:
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is not None:
            return origin.lower() != f"http://{host}"
        if site in (None, "same-origin", "none"):
            return False
        return not (request.url.path == "/" and headers.get("sec-fetch-mode") == "navigate")  # a link to the panel

    def _may_enter(self, request: Request, headers: Headers) -> bool:
        path = request.url.path
        if not self._place.token or path in _FREE or path.startswith("/static/"):
            return True
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self.knows(token.strip())
        return secrets.compare_digest(request.cookies.get(self.cookie, "").encode(), self.session.encode())


def is_on_this_machine(request: Request) -> bool:
    """Whether the one who asks sits at this machine."""
    return request.client is not None and is_loopback(request.client.host)


def _careful(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(_HEADERS)
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return sent


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _own_names() -> tuple[str, str]:
    name = socket.gethostname().lower()
    return name, f"{name}.local"
