"""Recording on an RTSP server: announce, set up, record, with packets in the same TCP connection (RFC 2326)."""

from __future__ import annotations

import base64
import re
import struct
import time
from dataclasses import dataclass

from vcam.address import Address
from vcam.errors import SinkError
from vcam.sinks.stream.digest import authorization
from vcam.sinks.stream.wire import CONNECT_SECONDS, Wire

_AGENT = "vcam"
_ALIVE_SECONDS = 20.0
_MOST_BYTES = 1 << 16  # of an answer


@dataclass(frozen=True, slots=True)
class Answer:
    """``headers`` by lower-case name."""

    status: int
    reason: str
    headers: dict[str, str]


class Session:
    """Connects, and is recording once it is made.

    Args:
        sdp: what will be sent (RFC 4566).
        tracks: how many there are in it; their packets go to the even channels 0, 2, …

    Raises:
        SinkError: the server refuses; says in its words why.
        OSError: nobody answers.
        ValueError: what answers does not speak RTSP.
    """

    def __init__(self, address: Address, sdp: str, tracks: int) -> None:
        self._address = address
        self._turn = 0
        self._session = ""
        self._challenge = ""
        self._waiting = b""
        self._alive = time.monotonic()
        self._wire = Wire(address, encrypted=address.scheme == "rtsps")
        try:
            self._ask("ANNOUNCE", address.url, {"Content-Type": "application/sdp"}, sdp)
            for track in range(tracks):
                channels = f"interleaved={2 * track}-{2 * track + 1}"
                answer = self._ask("SETUP", self._track(track),
                                   {"Transport": f"RTP/AVP/TCP;unicast;{channels};mode=record"})
                self._session = answer.headers.get("session", "").partition(";")[0] or self._session
            self._ask("RECORD", address.url, {"Range": "npt=0.000-"})
        except BaseException:
            self._wire.close()
            raise

    def send(self, packets: list[tuple[int, bytes]]) -> None:
        """Send packets with their channels, after reading what the server says.

        Raises:
            SinkError: the server has ended the stream.
            OSError: the connection is lost.
        """
        self._listen(self._wire.received())
        data = b"".join(struct.pack(">BBH", 0x24, channel, len(packet)) + packet for channel, packet in packets)
        if time.monotonic() - self._alive > _ALIVE_SECONDS:
            self._alive = time.monotonic()
            data += self._request("OPTIONS", self._address.url, {}, "")
        self._wire.send(data)

    def close(self) -> None:
        """Say good-bye, and hang up."""
        try:
            self._wire.send(self._request("TEARDOWN", self._address.url, {}, ""))
        except OSError:
            return
        finally:
            self._wire.close()

    def _track(self, number: int) -> str:
        return f"{self._address.url.rstrip('/')}/streamid={number}"  # behind the query too: servers expect it there

    def _ask(self, method: str, url: str, headers: dict[str, str], body: str = "") -> Answer:
        """Send a request and wait for its answer; once more with name and password if the server wants them."""
        for _ in range(2):
            self._wire.send(self._request(method, url, headers, body))
            answer = self._wait_for_answer()
            challenge = answer.headers.get("www-authenticate", "")
            if answer.status != 401 or self._challenge == challenge or not self._address.user:
                break
            self._challenge = challenge
        if answer.status >= 300:
            raise self._refused(answer)
        return answer

    def _request(self, method: str, url: str, headers: dict[str, str], body: str) -> bytes:
        self._turn += 1
        lines = {"CSeq": str(self._turn), "User-Agent": _AGENT, **headers}
        if self._session:
            lines["Session"] = self._session
        if self._challenge:
            lines["Authorization"] = authorization(self._challenge, self._address.user, self._address.password, method,
                                                   url)
        content = body.encode()
        if content:
            lines["Content-Length"] = str(len(content))
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return f"{method} {url} RTSP/1.0\r\n{head}\r\n".encode() + content

    def _wait_for_answer(self) -> Answer:
        deadline = time.monotonic() + CONNECT_SECONDS
        while True:
            answer = self._taken()
            if answer is not None:
                return answer
            if time.monotonic() > deadline:
                raise TimeoutError("the server does not answer")
            self._waiting += self._wire.receive()

    def _listen(self, data: bytes) -> None:
        self._waiting += data
        while (answer := self._taken()) is not None:
            if answer.status in (401, 454):  # 454: there is no such session any more
                raise self._refused(answer)

    def _taken(self) -> Answer | None:
        """The next answer; reports about packets are passed over, and what the server itself asks."""
        while self._waiting:
            if self._waiting[0] == 0x24:
                whole = 4 + int.from_bytes(self._waiting[2:4], "big")
                if len(self._waiting) < max(whole, 4):
                    return None
                self._waiting = self._waiting[whole:]
                continue
            head, found, rest = self._waiting.partition(b"\r\n\r\n")
            if not found:
                if len(head) > _MOST_BYTES:
                    raise ValueError("what answers there does not speak RTSP")
                return None
            first, headers = _parsed(head.decode("utf-8", "replace"))
            length = int(headers.get("content-length", "0") or 0)
            if len(rest) < length:
                return None
            self._waiting = rest[length:]
            match = re.fullmatch(r"RTSP/1\.\d (\d{3}) ?(.*)", first)
            if match:
                return Answer(int(match[1]), match[2], headers)
            if "RTSP/1." not in first:
                raise ValueError("what answers there does not speak RTSP")
        return None

    def _refused(self, answer: Answer) -> SinkError:
        hint = "check name and password in the address: rtsp://NAME:PASSWORD@host/…" if answer.status in (401, 403) \
            else "check the path in the address, and that the server takes recordings"
        return SinkError(f"{self._address.shown} refuses the stream: {answer.status} {answer.reason}", hint)


def _parsed(head: str) -> tuple[str, dict[str, str]]:
    first, *lines = head.split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return first, {name.strip().lower(): value.strip() for name, _, value in pairs}


def description(name: str, parameters: bytes, rate: int, sound: bytes | None) -> str:
    """The SDP of a stream.

    Args:
        parameters: H.264's parameter sets as an Annex B byte stream.
        rate: of the sound, samples a second.
        sound: AAC's configuration, or None.
    """
    from vcam.sinks.stream.rtp import units

    sets = units(parameters)
    sprop = ",".join(base64.b64encode(unit).decode() for unit in sets if unit[0] & 0x1F in (7, 8))
    profile = next(unit[1:4] for unit in sets if unit[0] & 0x1F == 7).hex().upper()
    lines = ["v=0", "o=- 0 0 IN IP4 127.0.0.1", f"s={name}", "c=IN IP4 0.0.0.0", "t=0 0", "a=control:*",
             "m=video 0 RTP/AVP 96", "a=rtpmap:96 H264/90000",
             f"a=fmtp:96 packetization-mode=1; sprop-parameter-sets={sprop}; profile-level-id={profile}",
             "a=control:streamid=0"]
    if sound is not None:
        lines += ["m=audio 0 RTP/AVP 97", f"a=rtpmap:97 MPEG4-GENERIC/{rate}/2",
                  "a=fmtp:97 profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3; "
                  f"config={sound.hex().upper()}", "a=control:streamid=1"]
    return "\r\n".join([*lines, ""])
