"""The HTTP side of the preview: a page, a snapshot and a stream, for browsers on this machine only."""

from __future__ import annotations

import base64
import os
import secrets
import socket
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from socketserver import TCPServer, ThreadingMixIn
from typing import Any

from vcam.sinks.desk import Jpeg, PictureDesk

_BOUNDARY = b"vcam-picture"
_UNSENT_BYTES = 256 * 1024  # kept small, so that a slow viewer is not shown old pictures
_STALLED_S = 5
_POLICY = ("default-src 'none'; connect-src 'self'; img-src 'self' data:; script-src 'nonce-{nonce}'; "
           "style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")


class PageServer(ThreadingHTTPServer):
    """Serves the pictures of ``desk`` at ``address`` (host, port; port 0 for any free one).

    Args:
        is_open: for other machines too, by whatever name they know this one; and without the page.
        user, password: whoever watches must know them; empty: nothing is asked.

    Raises:
        OSError: the address is taken or not of this machine.
    """

    daemon_threads = True
    allow_reuse_address = os.name != "nt"  # on Windows it would let two programs share a port

    def __init__(self, address: tuple[str, int], desk: PictureDesk, is_open: bool = False, user: str = "",
                 password: str = "") -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.desk = desk
        self.is_open = is_open
        self._account = f"{user}:{password}".encode() if user else b""
        self._connections: set[Any] = set()
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Bind without the name lookup that HTTPServer does."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    @property
    def authority(self) -> str:
        """``host:port`` as in a URL."""
        return f"{_bracketed(self.server_name)}:{self.server_port}"

    def accepts_host(self, host: str) -> bool:
        """Whether a Host header names this server: another name is a foreign page after DNS rebinding."""
        names = ("localhost", "127.0.0.1", "[::1]", _bracketed(self.server_name))
        return self.is_open or host.lower() in {f"{name}:{self.server_port}" for name in names}

    def accepts_account(self, header: str) -> bool:
        """Whether an Authorization header gives name and password, if any are asked for."""
        kind, _, data = header.partition(" ")
        try:
            told = base64.b64decode(data, validate=True) if kind.lower() == "basic" else b""
        except ValueError:
            told = b""
        return not self._account or secrets.compare_digest(told, self._account)

    def start(self) -> None:
        """Accept connections from now on, in a thread of socketserver's."""
        _AcceptLoop(self).process_request(self.socket, self.server_address)

    def stop(self) -> None:
        """Cut every connection and free the port."""
        self.shutdown()
        self.server_close()
        for connection in tuple(self._connections):
            _cut(connection)

    def get_request(self) -> tuple[Any, Any]:
        connection, client = super().get_request()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _UNSENT_BYTES)
        self._connections.add(connection)
        return connection, client

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A viewer that went away or stalled is none."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _AcceptLoop(ThreadingMixIn):
    daemon_threads = True
    block_on_close = False

    def __init__(self, server: PageServer) -> None:
        self._server = server

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        self._server.serve_forever(poll_interval=0.1)


class _Handler(BaseHTTPRequestHandler):
    server_version = "vcam"
    sys_version = ""
    timeout = _STALLED_S

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, PageServer)
        pages = {} if server.is_open else {"/": self._page}
        routes = {**pages, "/snapshot.jpg": self._snapshot, "/stream.mjpg": self._stream}
        route = routes.get(self.path.partition("?")[0])
        if not server.accepts_host(self.headers.get("Host", "")):
            self._refuse(HTTPStatus.FORBIDDEN, f"open http://{server.authority}/")
        elif not server.accepts_account(self.headers.get("Authorization", "")):
            self._refuse(HTTPStatus.UNAUTHORIZED, "name and password, please")
        elif route is None:
            self._refuse(HTTPStatus.NOT_FOUND, f"there is only {', '.join(routes)}")
        else:
            route(server.desk)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _page(self, _desk: PictureDesk) -> None:
        nonce = secrets.token_urlsafe(16)
        page = files("vcam.sinks").joinpath("preview.html").read_text("utf-8").replace("{{nonce}}", nonce)
        self._reply(HTTPStatus.OK, "text/html; charset=utf-8", page.encode(), nonce)

    def _snapshot(self, desk: PictureDesk) -> None:
        newest = desk.jpeg()
        if newest is None:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "there is no picture yet")
        else:
            self._reply(HTTPStatus.OK, "image/jpeg", newest.data)

    def _stream(self, desk: PictureDesk) -> None:
        # The page reads the parts itself, and some browsers take a multipart type apart before a script sees it.
        as_bytes = self.headers.get("Accept") == "application/octet-stream"
        kind = "application/octet-stream" if as_bytes else f"multipart/x-mixed-replace; boundary={_BOUNDARY.decode()}"
        self._start(HTTPStatus.OK, kind)
        self.wfile.write(b"--%b\r\n" % _BOUNDARY)
        for jpeg in desk.jpegs():
            self.wfile.write(_part(jpeg))

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        self._reply(status, "text/plain; charset=utf-8", f"{status.value} {status.phrase}: {why}\n".encode())

    def _reply(self, status: HTTPStatus, kind: str, body: bytes, nonce: str = "") -> None:
        self._start(status, kind, nonce, len(body))
        self.wfile.write(body)

    def _start(self, status: HTTPStatus, kind: str, nonce: str = "", length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if length is not None:
            self.send_header("Content-Length", str(length))
        if status is HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", 'Basic realm="vcam"')
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", _POLICY.format(nonce=nonce) if nonce else "default-src 'none'")
        server = self.server
        assert isinstance(server, PageServer)
        self.send_header("Cross-Origin-Resource-Policy", "cross-origin" if server.is_open else "same-origin")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()


def _part(jpeg: Jpeg) -> bytes:
    """One part with the boundary after it: browsers show a part when they see the next boundary."""
    head = f"Content-Type: image/jpeg\r\nContent-Length: {len(jpeg.data)}\r\nX-Picture: {jpeg.kind}\r\n\r\n"
    return b"".join((head.encode("ascii"), jpeg.data, b"\r\n--", _BOUNDARY, b"\r\n"))


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _cut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
