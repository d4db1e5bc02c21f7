"""SRT: passwords, and players that call."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from tests.servers import srt
from tests.servers.film import SMALL, Film, roll
from tests.servers.nginx import free_port
from tests.servers.srt import SrtServer
from tests.servers.test_streams import good
from tests.servers.watch import Viewer
from vcam.errors import SinkError
from vcam.sinks import make_sink

SECRET = "&passphrase=correct-horse&pbkeylen=24"

pytestmark = pytest.mark.skipif(bool(srt.missing()), reason=srt.missing())


def test_a_secret_stream_is_read_by_who_knows_the_word(tmp_path: Path) -> None:
    server, film = SrtServer(tmp_path, query=SECRET), Film(SMALL)
    server.start()
    try:
        viewer = Viewer(server.watched, 2, "mpegts")
        sink = make_sink(f"srt://127.0.0.1:{server.port}?latency=80{SECRET}")
        sink.open(film.output)
        assert "horse" not in sink.note
        roll(sink, film, 6)
        sink.close()
        assert len(good(viewer.result())) > 20
    finally:
        server.kill()


def test_the_wrong_word_is_refused(tmp_path: Path) -> None:
    server = SrtServer(tmp_path, query=SECRET)
    server.start()
    try:
        sink = make_sink(f"srt://127.0.0.1:{server.port}?passphrase=incorrect-horse")
        with pytest.raises(SinkError, match=r"cannot begin: .*(password|passphrase|secret|Key)"):
            sink.open(Film(SMALL).output)
    finally:
        server.kill()


def test_players_call_and_leave(tmp_path: Path) -> None:
    port, film = free_port(socket.SOCK_DGRAM), Film(SMALL)
    sink = make_sink(f"srt://127.0.0.1:{port}?mode=listener")
    sink.open(film.output)
    assert sink.watchers == 0
    roll(sink, film, 0.3)
    player = SrtServer(tmp_path, calls=port)
    player.start()
    try:
        viewer = Viewer(player.watched, 2, "mpegts")
        roll(sink, film, 5)
        assert sink.watchers == 1
        assert len(good(viewer.result())) > 20
    finally:
        player.kill()
    deadline = time.monotonic() + 15
    while sink.watchers and time.monotonic() < deadline:
        roll(sink, film, 0.2)
    assert sink.watchers == 0
    sink.close()


def test_nobody_listens() -> None:
    sink = make_sink(f"srt://127.0.0.1:{free_port(socket.SOCK_DGRAM)}")
    with pytest.raises(SinkError, match=r"cannot begin: .*[Tt]imeout|refused|Connection"):
        sink.open(Film(SMALL).output)
