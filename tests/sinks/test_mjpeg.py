"""Motion JPEG for other machines."""

from __future__ import annotations

import http.client
from base64 import b64encode
from collections.abc import Iterator
from fractions import Fraction

import pytest

from tests.pictures import bars_rendered
from vcam.errors import SinkError, UsageError
from vcam.frame import Colour, Size
from vcam.sinks import OutputFormat
from vcam.sinks.mjpeg import MjpegSink

SIZE = Size(320, 180)
OUTPUT = OutputFormat(SIZE, Fraction(30), Colour.BT601)


@pytest.fixture(params=["0", "0.0.0.0:0", "//ann:secret@127.0.0.1:0"])
def sink(request: pytest.FixtureRequest) -> Iterator[MjpegSink]:
    sink = MjpegSink(request.param)
    sink.open(OUTPUT)
    sink.send(bars_rendered(SIZE, Colour.BT601))
    yield sink
    sink.close()


def ask(sink: MjpegSink, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", int(sink.url.split(":")[2].split("/")[0]), timeout=5)
    connection.request("GET", path, headers=headers)
    return connection.getresponse()


def account(sink: MjpegSink) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(b"ann:secret").decode()} if sink._address.user else {}


def test_pictures_are_served_by_any_name(sink: MjpegSink) -> None:
    answer = ask(sink, "/stream.mjpg", Host="studio.example", **account(sink))
    assert answer.status == 200
    assert answer.getheader("Cross-Origin-Resource-Policy") == "cross-origin"
    assert b"\xff\xd8" in answer.read(2000)
    answer.close()


def test_there_is_no_page(sink: MjpegSink) -> None:
    assert ask(sink, "/", **account(sink)).status == 404


def test_nothing_is_encoded_while_nobody_looks(sink: MjpegSink) -> None:
    for seq in range(10):
        sink.send(bars_rendered(SIZE, Colour.BT601, seq))
    assert (sink.desk.encoded, sink.watchers) == (0, 0)


@pytest.mark.parametrize("header", [None, "Basic " + b64encode(b"ann:wrong").decode(), "Basic !!", "Bearer secret", ""])
def test_who_does_not_know_the_password_sees_nothing(header: str | None) -> None:
    sink = MjpegSink("//ann:secret@127.0.0.1:0")
    sink.open(OUTPUT)
    sink.send(bars_rendered(SIZE, Colour.BT601))
    for path in ("/stream.mjpg", "/snapshot.jpg", "/"):
        answer = ask(sink, path, **({} if header is None else {"Authorization": header}))
        assert answer.status == 401
        assert answer.getheader("WWW-Authenticate") == 'Basic realm="vcam"'
        assert b"\xff\xd8" not in answer.read()
    assert "secret" not in sink.note
    sink.close()


@pytest.mark.parametrize("address", ["", "host", "127.0.0.1:8080/path", "//ann@127.0.0.1:80", "127.0.0.1:99999"])
def test_a_wrong_address_is_told(address: str) -> None:
    with pytest.raises(UsageError, match=r"try mjpeg|always at|give both"):
        MjpegSink(address)


def test_a_taken_port_is_told(sink: MjpegSink) -> None:
    port = sink.url.split(":")[2].split("/")[0]
    with pytest.raises(SinkError, match=f"mjpeg cannot use port {port} .*: Address already in use"):
        MjpegSink(f"0.0.0.0:{port}").open(OUTPUT)
