"""The HTTP side of WHIP: an offer is posted, an answer comes back, and the session is deleted at the end (RFC 9725)."""

from __future__ import annotations

import http.client
import ssl
from urllib.parse import urljoin, urlsplit

from vcam.address import Address
from vcam.errors import SinkError
from vcam.sinks.stream.wire import CONNECT_SECONDS

_MOST_REDIRECTS = 3
_MOST_BYTES = 1 << 18
_MOST_TOLD = 200


class Endpoint:
    """One session at an endpoint; the user part of its address is the bearer token."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._session = ""

    def answer(self, offer: str) -> str:
        """Post an offer (SDP); the answer (SDP).

        Raises:
            SinkError: the endpoint refuses.
            OSError: nobody answers.
        """
        url = self._address.url
        for _ in range(_MOST_REDIRECTS):
            status, headers, body = self._ask("POST", url, offer)
            if status not in (307, 308) or "location" not in headers:
                break
            url = urljoin(url, headers["location"])
        if status != 201:
            hint = "give the token: whip:https://TOKEN@host/…" if status in (401, 403) else "check the address"
            told = " ".join(body.split())[:_MOST_TOLD]
            raise SinkError(f"{self._address.authority} refuses the stream: {status} {told}".rstrip(), hint)
        self._session = urljoin(url, headers["location"]) if "location" in headers else ""
        return body

    def leave(self) -> None:
        """End the session.

        Raises:
            OSError: nobody answers.
        """
        session, self._session = self._session, ""
        if session:
            self._ask("DELETE", session, "")

    def _ask(self, method: str, url: str, body: str) -> tuple[int, dict[str, str], str]:
        parts = urlsplit(url)
        connection: http.client.HTTPConnection
        if parts.scheme == "https":
            connection = http.client.HTTPSConnection(parts.hostname or "", parts.port, timeout=CONNECT_SECONDS,
                                                     context=ssl.create_default_context())
        else:
            connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=CONNECT_SECONDS)
        headers = {"Content-Type": "application/sdp"} if body else {}
        # A token is for one server only, wherever that may send us.
        if self._address.user and (parts.scheme, parts.netloc) == (self._address.scheme, self._address.authority):
            headers["Authorization"] = f"Bearer {self._address.user}"
        try:
            connection.request(method, f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}",
                               body.encode() or None, headers)
            answer = connection.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, told, answer.read(_MOST_BYTES).decode("utf-8", "replace")
        except http.client.HTTPException as error:
            raise ConnectionError(f"what answers there does not speak HTTP: {error}") from error
        finally:
            connection.close()
