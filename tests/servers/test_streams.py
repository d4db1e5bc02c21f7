"""Every kind of stream through a real server to a real player."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.parts import MemorySink
from tests.servers.film import HD, SMALL, Film, shown
from tests.servers.stage import Stage
from tests.servers.watch import Viewer, Watched, milliseconds
from vcam.engine.live import LiveRun
from vcam.engine.status import SinkStatus
from vcam.errors import SinkError
from vcam.sinks import Delivery, Sink, SinkOptions, make_sink

PROTOCOLS = ("rtmp", "rtsp", "srt", "udp", "hls", "mjpeg")
WITH_SERVER = ("rtmp", "rtsp", "srt")
BT709, BT601, LIMITED = [1, 1, 1], [6, 6, 6], 1


@contextmanager
def running(run: LiveRun) -> Iterator[LiveRun]:
    run.start()
    try:
        yield run
    finally:
        run.finish()


def wait_until(run: LiveRun, true: Callable[[SinkStatus], bool], what: str) -> SinkStatus:
    """The first sink's state once it is so."""
    deadline = time.monotonic() + 30
    while not true(run.status().sinks[0]):
        assert time.monotonic() < deadline, f"{what}: {run.status().sinks[0]}"
        time.sleep(0.02)
    return run.status().sinks[0]


def good(seen: Watched) -> list[int]:
    """The clocks of a viewer's pictures from the first readable one on: who joins may see something broken first."""
    assert not seen.problem, seen.problem
    clocks = seen.clocks
    while clocks and clocks[0] is None:
        clocks = clocks[1:]
    read = [clock for clock in clocks if clock is not None]
    assert len(read) == len(clocks), "a picture is broken"
    return read


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_pictures_arrive_in_order_whole_and_with_their_colours(protocol: str,
                                                               stage_of: Callable[..., Stage]) -> None:
    stage = stage_of(protocol)
    with running(shown(Film(HD), [make_sink(stage.sink)])) as run:
        if protocol == "hls":
            time.sleep(5)
        seen = Viewer(stage.watched, 5, stage.muxer).result()
        status = run.status().sinks[0]
    clocks = good(seen)
    assert len(clocks) > 20
    assert clocks == sorted(clocks)
    assert seen.size == [1280, 720]
    assert (status.problem, status.reopened) == ("", 0)
    if protocol != "mjpeg":
        assert seen.tags == [*BT709, LIMITED]
        assert status.kbit_s > 300


def test_a_small_picture_is_tagged_with_its_own_matrix(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of("udp")
    with running(shown(Film(SMALL), [make_sink(stage.sink)])):
        assert Viewer(stage.watched, 3, stage.muxer).result().tags == [*BT601, LIMITED]


@pytest.mark.parametrize("protocol", WITH_SERVER)
def test_a_server_comes_back_and_the_others_never_notice(protocol: str, stage_of: Callable[..., Stage]) -> None:
    stage = stage_of(protocol)
    assert stage.server is not None
    other = MemorySink(Delivery.EVERY)
    with running(shown(Film(SMALL), [make_sink(stage.sink), other])) as run:
        wait_until(run, lambda sink: sink.sent > 20, "the stream begins")
        stage.server.kill()
        told = wait_until(run, lambda sink: bool(sink.problem), "the loss is told")
        assert "127.0.0.1" in told.problem
        before = len(other.pictures)
        other.wait_for(lambda sink: len(sink.pictures) > before + 30)
        stage.server.start()
        back = milliseconds()
        wait_until(run, lambda sink: not sink.problem and sink.reopened == 1, "the stream is on again")
        clocks = good(Viewer(stage.watched, 3, stage.muxer).result())
        final = run.status()
    assert clocks[-1] > back
    assert final.sinks[1].dropped == 0
    assert set(other.kinds) == {"raw"}


def test_a_server_that_is_not_there_yet_is_waited_for(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of("rtmp", running=False)
    assert stage.server is not None
    other = MemorySink()
    with running(shown(Film(SMALL), [make_sink(stage.sink), other], patient=True)) as run:
        other.wait_for(lambda sink: len(sink.pictures) > 10)
        assert "Connection refused" in run.status().sinks[0].problem
        stage.server.start()
        wait_until(run, lambda sink: sink.sent > 10, "the stream begins")


def test_without_patience_it_is_told_at_once(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of("rtmp", running=False)
    with pytest.raises(SinkError, match="cannot begin: Connection refused – check that the server runs"):
        shown(Film(SMALL), [make_sink(stage.sink)]).start()


def test_a_server_that_hangs_is_given_up_and_what_comes_later_is_new(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of("rtmp")
    assert stage.server is not None
    with running(shown(Film(HD), [make_sink(stage.sink, SinkOptions(bitrate=8000)), make_sink("null:")])) as run:
        wait_until(run, lambda sink: sink.sent > 20, "the stream begins")
        stage.server.freeze()
        wait_until(run, lambda sink: "took nothing" in sink.problem, "the hang is noticed")
        stage.server.thaw()
        back = milliseconds()
        wait_until(run, lambda sink: not sink.problem, "the stream is on again")
        clocks = good(Viewer(stage.watched, 4, stage.muxer).result())
        stream, other = run.status().sinks
    assert clocks[0] > back, "it plays what was painted while the server hung"
    assert (stream.reopened, other.dropped) == (1, 0)
    assert stream.dropped > 30, "pictures were kept for later"


@pytest.mark.parametrize(("address", "word"), [("/nothing/key", "refuses|closed"), ("/live/taken", "refuses")])
def test_an_rtmp_server_says_no(stage_of: Callable[..., Stage], address: str, word: str) -> None:
    stage = stage_of("rtmp")
    assert stage.server is not None
    film, root = Film(SMALL), f"rtmp://127.0.0.1:{stage.server.port}"
    first, second = make_sink(f"{root}/live/taken"), make_sink(root + address)
    first.open(film.output)
    first.send(film.picture())
    with pytest.raises(SinkError, match=word) as told:
        second.open(film.output)
        for _ in range(60):  # nginx refuses a taken key only after it said yes
            second.send(film.picture())
            time.sleep(0.02)
    first.close()
    second.close()
    assert "taken" not in str(told.value), "the stream key is secret"


def test_a_stream_carries_silence_where_servers_want_sound(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of("rtmp")
    with running(shown(Film(SMALL), [make_sink(stage.sink, SinkOptions(audio="auto"))])):
        seen = Viewer(stage.watched, 4, stage.muxer).result()
    lasted = (good(seen)[-1] - good(seen)[0]) / 1000
    assert seen.sounds / 48_000 > lasted - 0.1  # sound can be heard before the first picture can be seen


def test_a_new_sink_of_the_same_address_can_follow(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of("rtmp")
    film = Film(SMALL)
    for _ in range(3):
        sink: Sink = make_sink(stage.sink)
        sink.open(film.output)
        sink.send(film.picture())
        sink.close()
