"""WHIP: through Janus to Chromium, and what endpoints say."""

from __future__ import annotations

import threading  # noqa: TID251
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.beeps import beeping
from tests.parts import MemorySink
from tests.servers.film import SMALL, Film, shown
from tests.servers.janus import TOKEN
from tests.servers.nginx import free_port
from tests.servers.stage import Stage
from tests.servers.test_streams import good, running, wait_until
from tests.servers.watch import milliseconds
from vcam.address import parse_address
from vcam.errors import SinkError, UsageError
from vcam.sinks import Delivery, SinkOptions, make_sink
from vcam.sinks.stream import whip_peer
from vcam.sinks.stream.whip_endpoint import Endpoint

pytest.importorskip("aiortc", reason="not installed: aiortc (the extra 'stream')")


def test_chromium_sees_and_hears_what_is_published(stage_of: Callable[..., Stage], tmp_path: Path) -> None:
    """Also that a keyframe is made when one is asked for: by the clock the next one would come in a minute."""
    stage = stage_of("whip")
    options = SinkOptions(keyframe_seconds=60, audio=str(beeping(tmp_path / "beeps.wav", 2)))
    with running(shown(Film(SMALL), [make_sink(stage.sink, options)])) as run:
        wait_until(run, lambda sink: sink.sent > 60, "the stream begins")
        seen = stage.watch(5)
        status = run.status().sinks[0]
    clocks = good(seen)
    assert len(clocks) > 20
    assert clocks == sorted(clocks)
    assert seen.size == [SMALL.width, SMALL.height]
    assert len(seen.beeps) >= 3
    assert (status.problem, status.reopened) == ("", 0)
    assert status.kbit_s > 300


def test_a_server_comes_back_and_the_others_never_notice(stage_of: Callable[..., Stage],
                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whip_peer, "SILENT_SECONDS", 3.0)  # Janus reports every second
    stage = stage_of("whip")
    assert stage.server is not None
    other = MemorySink(Delivery.EVERY)
    with running(shown(Film(SMALL), [make_sink(stage.sink), other])) as run:
        wait_until(run, lambda sink: sink.sent > 20, "the stream begins")
        stage.server.kill()
        told = wait_until(run, lambda sink: bool(sink.problem), "the loss is told")
        stage.server.start()
        back = milliseconds()
        wait_until(run, lambda sink: not sink.problem and sink.reopened == 1, "the stream is on again")
        clocks = good(stage.watch(2))
        final = run.status()
    assert "127.0.0.1" in told.problem
    assert TOKEN not in told.problem
    assert clocks[-1] > back
    assert final.sinks[1].dropped == 0


def test_nothing_is_left_behind(stage_of: Callable[..., Stage]) -> None:
    stage, film = stage_of("whip"), Film(SMALL)
    for _ in range(3):  # the room takes two at a time
        sink = make_sink(stage.sink)
        sink.open(film.output)
        sink.send(film.picture())
        sink.close()
    assert not [thread.name for thread in threading.enumerate() if thread.name == "webrtc"]


def test_the_token_decides_and_is_never_told(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of("whip")
    sink = make_sink(stage.sink.replace(TOKEN, "wrong-token"))
    with pytest.raises(SinkError, match=r"refuses the stream: 401 who are you\? – give the token") as told:
        sink.open(Film(SMALL).output)
    assert "wrong-token" not in str(told.value) + sink.name
    assert "SECRET-ROOM" not in str(told.value) + make_sink(stage.sink).name


@pytest.mark.parametrize(("address", "words"), [
    ("whip:host/room", "neither http: nor https:"), ("whip:ftp://host/room", "neither http: nor https:"),
    ("whip:https:///room", "names no host"), ("whip:", "neither http: nor https:")])
def test_a_wrong_address_is_told(address: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        make_sink(address)


class Answering(BaseHTTPRequestHandler):
    """Answers by path, and keeps what it was asked."""

    asked: list[tuple[str, str, str]]
    elsewhere = ""

    def do_POST(self) -> None:
        self._note()
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/moved":
            self._answer(307, "", Location="/room")
        elif self.path == "/away":
            self._answer(308, "", Location=self.elsewhere)
        elif self.path == "/nonsense":
            self._answer(201, "this is no session description", Location="/session/2")
        elif self.path == "/nameless":
            self._answer(201, "v=0\r\n")
        elif self.path == "/loop":
            self._answer(307, "", Location="/loop")
        else:
            self._answer(201, "v=0\r\n", Location="session/1?key=x")

    def do_DELETE(self) -> None:
        self._note()
        self._answer(200, "")

    def log_message(self, format: str, *words: Any) -> None:
        pass

    def _note(self) -> None:
        self.asked.append((self.command, self.path, self.headers.get("Authorization", "")))

    def _answer(self, status: int, body: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, int, list[tuple[str, str, str]]]]:
    """Two servers' ports, and what they were asked."""
    found: list[tuple[str, str, str]] = []
    monkeypatch.setattr(Answering, "asked", found, raising=False)
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Answering) for _ in range(2)]
    monkeypatch.setattr(Answering, "elsewhere", f"http://127.0.0.1:{servers[1].server_port}/room")
    workers = [threading.Thread(target=server.serve_forever, args=(0.02,)) for server in servers]
    for worker in workers:
        worker.start()
    yield servers[0].server_port, servers[1].server_port, found
    for server, worker in zip(servers, workers, strict=True):
        server.shutdown()
        worker.join()
        server.server_close()


def endpoint(port: int, path: str) -> Endpoint:
    return Endpoint(parse_address("http", f"//t%3Aoken@127.0.0.1:{port}{path}", ""))


def test_a_session_is_ended_where_the_server_said(asked: tuple[int, int, list[tuple[str, str, str]]]) -> None:
    session = endpoint(asked[0], "/room?name=x")
    assert session.answer("offer").startswith("v=0")
    session.leave()
    session.leave()
    assert asked[2] == [("POST", "/room?name=x", "Bearer t:oken"), ("DELETE", "/session/1?key=x", "Bearer t:oken")]


def test_a_session_without_an_address_is_not_ended(asked: tuple[int, int, list[tuple[str, str, str]]]) -> None:
    session = endpoint(asked[0], "/nameless")
    session.answer("offer")
    session.leave()
    assert [method for method, _, _ in asked[2]] == ["POST"]


def test_a_server_may_send_elsewhere_but_the_token_does_not_go_along(
        asked: tuple[int, int, list[tuple[str, str, str]]]) -> None:
    endpoint(asked[0], "/moved").answer("offer")
    endpoint(asked[0], "/away").answer("offer")
    assert [(path, token) for _, path, token in asked[2]] == [
        ("/moved", "Bearer t:oken"), ("/room", "Bearer t:oken"), ("/away", "Bearer t:oken"), ("/room", "")]
    with pytest.raises(SinkError, match="refuses the stream: 307"):
        endpoint(asked[0], "/loop").answer("offer")


def test_an_answer_that_is_none_is_told_and_the_session_ended(
        asked: tuple[int, int, list[tuple[str, str, str]]]) -> None:
    sink = make_sink(f"whip:http://127.0.0.1:{asked[0]}/nonsense")
    with pytest.raises(SinkError, match="cannot begin: the server's answer is not understood"):
        sink.open(Film(SMALL).output)
    assert ("DELETE", "/session/2", "") in asked[2]


def test_nobody_answers() -> None:
    with pytest.raises(SinkError, match="cannot begin: Connection refused"):
        make_sink(f"whip:http://127.0.0.1:{free_port()}/room").open(Film(SMALL).output)
