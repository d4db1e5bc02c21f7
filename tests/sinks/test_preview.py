from __future__ import annotations

import http.client
import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import IO

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pictures import bars_rendered, farthest, rendered
from vcam.errors import SinkError, UsageError
from vcam.frame import Colour, Pixels, Size
from vcam.sinks import Delivery, OutputFormat
from vcam.sinks.preview import DEFAULT_PORT, PreviewSink, parse_address

SIZE = Size(320, 180)
OUTPUT = OutputFormat(SIZE, Fraction(30), Colour.BT601)


@pytest.fixture
def sink() -> Iterator[PreviewSink]:
    sink = PreviewSink("0")
    sink.open(OUTPUT)
    yield sink
    sink.close()


def address(sink: PreviewSink) -> tuple[str, int]:
    host, port = sink.url.removeprefix("http://").rstrip("/").rsplit(":", 1)
    return host.strip("[]"), int(port)


def get(sink: PreviewSink, path: str, host: str | None = None) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(*address(sink), timeout=5)
    connection.request("GET", path, headers={"Host": host} if host is not None else {})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


class Viewer:
    """A client of the stream that reads part by part."""

    def __init__(self, sink: PreviewSink) -> None:
        self.socket = socket.create_connection(address(sink), timeout=5)
        self.socket.sendall(f"GET /stream.mjpg HTTP/1.1\r\nHost: {sink.url[7:-1]}\r\n\r\n".encode())
        self.file: IO[bytes] = self.socket.makefile("rb")
        self.head = self._lines()
        assert self.file.readline() == b"--vcam-picture\r\n"

    def part(self) -> tuple[str, Pixels]:
        """Kind and picture of the next part; the boundary after it must already be there."""
        head = self._lines()
        data = self.file.read(int(head["content-length"]))
        assert self.file.readline() == b"\r\n"
        assert self.file.readline() == b"--vcam-picture\r\n"
        assert head["content-type"] == "image/jpeg"
        return head["x-picture"], decoded(data)

    def close(self) -> None:
        self.file.close()
        self.socket.close()

    def _lines(self) -> dict[str, str]:
        found = {}
        while (line := self.file.readline().decode().strip()):
            name, _, value = line.partition(": ")
            found[name.lower()] = value
        return found


def threads() -> int:
    """How many threads this process has; 0 where that is not told."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.exists() else 0


def decoded(jpeg: bytes) -> Pixels:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def shade(level: int) -> Pixels:
    return np.full((SIZE.height, SIZE.width, 3), level, np.uint8)


def test_the_page(sink: PreviewSink) -> None:
    response, body = get(sink, "/")
    page = body.decode()
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in response.headers
    policy = response.headers["Content-Security-Policy"]
    nonce = re.search(r"script-src 'nonce-([\w-]+)'", policy)
    assert nonce is not None
    assert policy.startswith("default-src 'none'")
    assert page.count(f'nonce="{nonce[1]}"') == 2
    assert "{{" not in page
    assert nonce[1] not in get(sink, "/")[1].decode()
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")  # nothing from elsewhere


@pytest.mark.parametrize("path", ["/favicon.ico", "/../preview.html", "/snapshot.jpg/x", "/stream"])
def test_nothing_else(sink: PreviewSink, path: str) -> None:
    assert get(sink, path)[0].status == 404


@pytest.mark.parametrize("colour", Colour)
def test_snapshot_has_the_colours_that_were_sent(colour: Colour) -> None:
    sink = PreviewSink("0")
    sink.open(OutputFormat(Size(1280, 720), Fraction(30), colour))
    sink.send(bars_rendered(Size(1280, 720), colour))
    response, body = get(sink, "/snapshot.jpg")
    sink.close()
    assert (response.status, response.headers["Content-Type"]) == (200, "image/jpeg")
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert decoded(body).shape == (720, 1280, 3)
    assert farthest(decoded(body)) <= 4


def test_no_snapshot_before_the_first_picture(sink: PreviewSink) -> None:
    response, body = get(sink, "/snapshot.jpg")
    assert (response.status, body) == (503, b"503 Service Unavailable: there is no picture yet\n")


@pytest.mark.parametrize("path", ["/", "/snapshot.jpg", "/stream.mjpg", "/nothing"])
def test_other_host_names_are_refused(sink: PreviewSink, path: str) -> None:
    port = address(sink)[1]
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1:{port + 1}", "",
                 f"localhost.evil.example:{port}"):
        assert get(sink, path, host)[0].status == 403, host


def test_own_host_names_are_accepted(sink: PreviewSink) -> None:
    port = address(sink)[1]
    for host in (f"localhost:{port}", f"LOCALHOST:{port}", f"127.0.0.1:{port}", f"[::1]:{port}"):
        assert get(sink, "/", host)[0].status == 200, host


def test_other_methods_are_refused(sink: PreviewSink) -> None:
    connection = http.client.HTTPConnection(*address(sink), timeout=5)
    connection.request("POST", "/", b"x")
    assert connection.getresponse().status == 501
    connection.close()


def test_stream_shows_each_picture_as_soon_as_it_is_sent(sink: PreviewSink) -> None:
    viewer = Viewer(sink)
    assert viewer.head["content-type"] == "multipart/x-mixed-replace; boundary=vcam-picture"
    for level, kind in ((30, "composite"), (120, "card"), (220, "raw")):
        sink.send(rendered(shade(level), Colour.BT601, kind=kind))  # type: ignore[arg-type]
        found, bgr = viewer.part()
        assert found == kind
        assert abs(int(bgr[90, 160, 1]) - level) <= 2
    viewer.close()


def test_a_late_viewer_gets_the_last_picture_at_once(sink: PreviewSink) -> None:
    sink.send(rendered(shade(99), Colour.BT601))
    viewer = Viewer(sink)
    assert abs(int(viewer.part()[1][90, 160, 1]) - 99) <= 2
    viewer.close()


def test_encodes_nothing_while_nobody_watches_and_once_for_everybody(sink: PreviewSink) -> None:
    for seq in range(20):
        sink.send(bars_rendered(SIZE, Colour.BT601, seq))
    assert sink.desk.encoded == 0
    viewers = [Viewer(sink) for _ in range(4)]
    for viewer in viewers:
        viewer.part()
    assert sink.desk.encoded == 1
    for seq in range(5):
        sink.send(bars_rendered(SIZE, Colour.BT601, seq))
        for viewer in viewers:
            viewer.part()
    get(sink, "/snapshot.jpg")
    assert sink.desk.encoded == 6
    for viewer in viewers:
        viewer.close()


def test_a_slow_viewer_gets_the_newest_picture(sink: PreviewSink) -> None:
    viewer = Viewer(sink)
    sink.send(rendered(shade(10), Colour.BT601))
    viewer.part()
    for picture in [rendered(shade(level), Colour.BT601) for level in range(20, 220, 2)]:
        sink.send(picture)
    seen = 0
    while viewer.part()[1][90, 160, 1] < 216:
        seen += 1
    assert seen < 90
    viewer.close()


def test_a_stalled_viewer_blocks_neither_the_sender_nor_others(sink: PreviewSink) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (SIZE.height, SIZE.width, 3), np.uint8)
    picture = rendered(noise, Colour.BT601)
    stalled, other = Viewer(sink), Viewer(sink)
    slowest = 0.0
    for _ in range(300):  # 300 × 40 kB is more than any buffer between the two
        began = time.perf_counter()
        sink.send(picture)
        slowest = max(slowest, time.perf_counter() - began)
        other.part()
    assert slowest < 1  # of the 5 s after which a stalled viewer is dropped
    stalled.close()
    other.close()


def test_closing_is_quick_with_viewers_attached_and_frees_the_port() -> None:
    cv2.cvtColor(rendered(shade(0), Colour.BT601).frame.pixels, cv2.COLOR_YUV2BGR_I420)  # starts OpenCV's threads
    threads_before = threads()
    sink = PreviewSink("0")
    sink.open(OUTPUT)
    viewers = [Viewer(sink) for _ in range(3)]
    noise = np.random.default_rng(0).integers(0, 255, (SIZE.height, SIZE.width, 3), np.uint8)
    picture = rendered(noise, Colour.BT601)
    for _ in range(400):  # 400 × 40 kB; the viewers do not read: their threads are stuck in sending
        sink.send(picture)
        time.sleep(0.001)
    port = address(sink)[1]
    began = time.monotonic()
    sink.close()
    assert time.monotonic() - began < 1
    while threads() > threads_before:
        assert time.monotonic() - began < 2
        time.sleep(0.01)
    again = PreviewSink(str(port))
    again.open(OUTPUT)
    again.close()
    for viewer in viewers:
        while viewer.socket.recv(1 << 20):
            pass
        viewer.close()


def test_many_viewers_come_and_go_while_pictures_are_sent(sink: PreviewSink) -> None:
    def look() -> None:
        for _ in range(5):
            viewer = Viewer(sink)
            viewer.part()
            viewer.close()

    with ThreadPoolExecutor(4) as crowd:
        lookers = [crowd.submit(look) for _ in range(4)]
        while not all(looker.done() for looker in lookers):
            sink.send(bars_rendered(SIZE, Colour.BT601))
        for looker in lookers:
            looker.result()


def test_goes_on_to_the_next_port_unless_one_was_asked_for() -> None:
    first, second = PreviewSink(""), PreviewSink("")
    first.open(OUTPUT)
    second.open(OUTPUT)
    taken = address(first)[1]
    assert DEFAULT_PORT <= taken < address(second)[1]
    assert first.note == f"preview: http://127.0.0.1:{taken}/"
    with pytest.raises(SinkError, match=f"cannot use port {taken} of 127.0.0.1: Address already in use") as caught:
        PreviewSink(str(taken)).open(OUTPUT)
    assert caught.value.hint == "choose another port, or preview: for a free one"
    first.close()
    second.close()
    assert not first.note


def test_wants_the_newest_picture_in_the_colours_of_jpeg(sink: PreviewSink) -> None:
    assert (sink.delivery, sink.tags_colour) == (Delivery.LATEST, False)


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
def test_ipv6() -> None:
    sink = PreviewSink("[::1]:0")
    try:
        sink.open(OUTPUT)
    except SinkError as error:
        pytest.skip(str(error))
    assert re.fullmatch(r"http://\[::1\]:\d+/", sink.url)
    assert get(sink, "/")[0].status == 200
    sink.close()


@pytest.mark.parametrize(("argument", "host", "port"), [
    ("", "127.0.0.1", None), ("9000", "127.0.0.1", 9000), (":9000", "127.0.0.1", 9000), ("0", "127.0.0.1", 0),
    ("localhost:9000", "127.0.0.1", 9000), ("127.0.0.2:9000", "127.0.0.2", 9000), ("[::1]:9000", "::1", 9000)])
def test_addresses(argument: str, host: str, port: int | None) -> None:
    assert parse_address(argument) == (host, port)


@pytest.mark.parametrize("argument", ["0.0.0.0:8765", "[::]:8765", "192.168.1.2:80", "example.org:80", "[fe80::1]:80"])
def test_addresses_that_others_can_reach_are_refused(argument: str) -> None:
    with pytest.raises(UsageError, match="can be reached by other machines"):
        parse_address(argument)


@pytest.mark.parametrize("argument", ["port", "127.0.0.1", "::1:80", "70000", "1:2:3", "-1", "http://127.0.0.1:80"])
def test_nonsense_is_refused(argument: str) -> None:
    with pytest.raises(UsageError, match="neither PORT nor HOST:PORT") as caught:
        parse_address(argument)
    assert caught.value.hint == "try preview:8765"


@given(st.text(max_size=30))
def test_any_text_is_a_loopback_address_or_a_usage_error(argument: str) -> None:
    try:
        host, port = parse_address(argument)
    except UsageError:
        return
    assert host == "::1" or host.startswith("127.") or argument.strip("[").startswith(("::", "0:"))
    assert port is None or 0 <= port <= 65535
