"""RTSP: passwords and sound."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import rtsp
from tests.servers.film import SMALL, Film, roll, shown
from tests.servers.rtsp import RtspServer
from tests.servers.watch import Viewer
from vcam.engine.live import run_to_end
from vcam.errors import SinkError
from vcam.sinks import SinkOptions, make_sink


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[RtspServer]:
    if rtsp.missing():
        pytest.skip(rtsp.missing())
    server = RtspServer(tmp_path, ("ann", "s:cret"))
    server.start()
    yield server
    server.kill()


def test_name_and_password_are_given_when_asked_for(guarded: RtspServer) -> None:
    film = Film(SMALL)
    sink = make_sink(f"rtsp://ann:s%3Acret@127.0.0.1:{guarded.port}/vcam")
    sink.open(film.output)
    roll(sink, film, 0.5)
    assert "cret" not in sink.note
    sink.close()


@pytest.mark.parametrize("account", ["ann:wrong@", "bob:s%3Acret@", ""])
def test_a_wrong_password_is_told(guarded: RtspServer, account: str) -> None:
    sink = make_sink(f"rtsp://{account}127.0.0.1:{guarded.port}/vcam")
    with pytest.raises(SinkError, match="refuses the stream: 401 Unauthorized – check name and password") as told:
        sink.open(Film(SMALL).output)
    assert "wrong" not in str(told.value)


def test_a_path_that_takes_no_recordings_is_told(guarded: RtspServer) -> None:
    sink = make_sink(f"rtsp://ann:s%3Acret@127.0.0.1:{guarded.port}/elsewhere")
    with pytest.raises(SinkError, match=r"refuses the stream: 404 .* – check the path"):
        sink.open(Film(SMALL).output)


def test_sound_travels_beside_the_picture(tmp_path: Path) -> None:
    if rtsp.missing():
        pytest.skip(rtsp.missing())
    server = RtspServer(tmp_path)
    server.start()
    try:
        sink = make_sink(f"rtsp://127.0.0.1:{server.port}/sounding", SinkOptions(audio="silence"))
        listener, viewer = Viewer(server.heard, 2, "mpegts"), Viewer(server.watched, 2, "mpegts")
        run_to_end(shown(Film(SMALL), [sink], 7), lambda status: None, 1.0)
        assert listener.result().sounds > 48_000
        assert len(viewer.result().clocks) > 20
    finally:
        server.kill()
