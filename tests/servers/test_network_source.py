"""Network cameras: what a server plays becomes frames, and a lost one comes back."""

from __future__ import annotations

import itertools
import socket
import threading  # noqa: TID251
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.parts import KnowingSegmenter, MemorySink
from tests.servers import rtsp
from tests.servers.film import SMALL, Film, roll
from tests.servers.nginx import free_port
from tests.servers.rtsp import RtspServer
from tests.servers.srt import missing as srt_missing
from tests.servers.stage import Stage
from vcam.backdrops import BackdropOptions, make_backdrop
from vcam.engine.live import Limits, LiveRun
from vcam.errors import SinkError, SourceError, UsageError
from vcam.frame import Colour, FramePool, Size
from vcam.ops.cpu import CpuOps
from vcam.pipeline import Pipeline, PipelineSettings
from vcam.sinks import make_sink
from vcam.sources import Source, SourceOptions, make_source, network
from vcam.sources.network import Lag
from vcam.sources.test import read_stamp


@contextmanager
def rolling(spec: str) -> Iterator[None]:
    """A film that runs into a sink meanwhile."""
    film, sink, over = Film(SMALL), make_sink(spec), threading.Event()
    sink.open(film.output)

    def work() -> None:
        with suppress(SinkError):  # who watched has hung up
            roll(sink, film, 3600, over.is_set)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        over.set()
        worker.join()
        sink.close()


def opened(spec: str) -> Source:
    source = make_source(spec, SourceOptions(), FramePool())
    source.open()
    return source


def check_clocks(source: Source, count: int = 40) -> None:
    """The frames are whole, follow one another, and their times grow."""
    frames = []
    for _ in range(count):
        frame = source.read()
        assert frame is not None
        frames.append((read_stamp(frame.planes()[0]), frame.pts, frame.seq))
        assert (frame.size, frame.colour) == (SMALL, Colour.BT601)
    clocks = [clock for clock, _, _ in frames if clock is not None]
    assert len(clocks) > count - 5
    assert clocks == sorted(set(clocks))
    assert [seq for _, _, seq in frames] == list(range(count))
    assert all(a[1] < b[1] for a, b in itertools.pairwise(frames))


def test_rtmp(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of("rtmp")
    with rolling(stage.sink):
        source = opened(stage.sink)
        assert source.info.live
        assert "key" not in source.info.name
        check_clocks(source)
        source.close()


@pytest.mark.parametrize("transport", ["", "?transport=udp"])
def test_rtsp(tmp_path: Path, transport: str) -> None:
    if rtsp.missing():
        pytest.skip(rtsp.missing())
    server = RtspServer(tmp_path)
    server.start()
    try:
        with rolling(server.fed):
            source = opened(f"rtsp://127.0.0.1:{server.port}/camera{transport}")
            check_clocks(source)
            source.close()
    finally:
        server.kill()


def test_transport_stream_in_udp_packets() -> None:
    spec = f"udp://127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
    with rolling(spec):
        source = opened(spec)
        check_clocks(source)
        source.close()


@pytest.mark.skipif(bool(srt_missing()), reason=srt_missing())
@pytest.mark.parametrize(("sends", "reads"), [("?mode=listener", ""), ("", "?mode=listener")])
def test_srt(sends: str, reads: str) -> None:
    address = f"srt://127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
    if not reads:
        with rolling(address + sends):
            source = opened(address)
            check_clocks(source)
            source.close()
        return
    source = make_source(address + reads, SourceOptions(), FramePool())
    opener = threading.Thread(target=source.open)
    opener.start()
    with rolling(address):
        opener.join()
        check_clocks(source)
        source.close()


def test_motion_jpeg_over_http() -> None:
    port = free_port()
    with rolling(f"mjpeg:{port}"):
        source = opened(f"http://127.0.0.1:{port}/stream.mjpg")
        check_clocks(source)
        source.close()


def test_a_password_over_http_is_asked_for_and_given() -> None:
    port = free_port()
    with rolling(f"mjpeg://ann:secret@127.0.0.1:{port}"):
        with pytest.raises(SourceError, match=r"401.*NAME:PASSWORD") as told:
            opened(f"http://ann:wrong@127.0.0.1:{port}/stream.mjpg")
        assert "wrong" not in str(told.value)
        source = opened(f"http://ann:secret@127.0.0.1:{port}/stream.mjpg")
        check_clocks(source, 10)
        source.close()


def test_a_camera_that_goes_away_is_told_and_can_be_opened_again() -> None:
    port = free_port()
    spec = f"http://127.0.0.1:{port}/stream.mjpg"
    with rolling(f"mjpeg:{port}"):
        source = opened(spec)
        check_clocks(source, 5)
    with pytest.raises(SourceError, match=r"is lost: .* – reconnecting"):
        for _ in range(200):
            source.read()
    with pytest.raises(SourceError, match="cannot be watched: Connection refused"):
        source.open()
    with rolling(f"mjpeg:{port}"):
        source.open()
        check_clocks(source, 5)
        source.close()


def test_a_run_shows_a_card_while_the_camera_is_away_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vcam.engine.capture.BACKOFF", (0.1,))
    port, sink = free_port(), MemorySink()
    spec = f"http://127.0.0.1:{port}/stream.mjpg"
    with rolling(f"mjpeg:{port}"):
        pipeline = Pipeline(CpuOps(), KnowingSegmenter(), PipelineSettings(SMALL, Colour.BT601))
        backdrop = make_backdrop("colour:navy", BackdropOptions(SMALL, Colour.BT601))
        run = LiveRun(opened(spec), pipeline, backdrop, [sink], Limits())
        run.start()
        sink.wait_for(lambda seen: seen.kinds[-5:] == ["composite"] * 5)
    sink.wait_for(lambda seen: seen.kinds[-2:] == ["card"] * 2)
    with rolling(f"mjpeg:{port}"):
        sink.wait_for(lambda seen: seen.kinds[-5:] == ["composite"] * 5)
    assert run.finish().reopened >= 1
    assert "raw" not in sink.kinds


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "OPEN_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        for spec in (f"rtsp://127.0.0.1:{port}/x", f"http://127.0.0.1:{port}/x", f"rtmp://127.0.0.1:{port}/a/b"):
            with pytest.raises(SourceError, match="cannot be watched: nothing comes"):
                opened(spec)


def test_what_comes_may_not_make_us_open_files(tmp_path: Path) -> None:
    """A playlist on a web server that names a file of this machine."""
    import functools
    import http.server

    secret = tmp_path / "secret.ts"
    make_secret = make_sink(f"hls:{tmp_path}")
    film = Film(SMALL)
    make_secret.open(film.output)
    roll(make_secret, film, 1)
    make_secret.close()
    next(tmp_path.glob("*.ts")).rename(secret)
    (tmp_path / "evil.m3u8").write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://{secret}\n"
                                        "#EXT-X-ENDLIST\n")
    (tmp_path / "good.m3u8").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nsecret.ts\n#EXT-X-ENDLIST\n")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        root = f"http://127.0.0.1:{server.server_port}"
        opened(f"{root}/good.m3u8").close()
        with pytest.raises(SourceError):
            opened(f"{root}/evil.m3u8")
        server.shutdown()


@pytest.mark.parametrize(("spec", "words"), [
    ("rtsp:///x", "names no host"), ("udp://127.0.0.1", "names no port"), ("srt://h:1?mode=push", "mode 'push'"),
    ("srt://h:1?speed=9", "no option 'speed'"), ("rtsp://h/x?transport=pigeon", "neither tcp nor udp")])
def test_a_wrong_address_is_told(spec: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        make_source(spec, SourceOptions(), FramePool())


def test_only_a_lag_that_stays_counts() -> None:
    lag = Lag()
    times = [(k / 30, k / 30 + 5) for k in range(60)]
    assert not any(lag.seen(stamp, now) for stamp, now in times)
    burst = [(2 + k / 30, 8 + k / 3000) for k in range(30)]  # a second of silence, then all at once
    assert not any(lag.seen(stamp, now) for stamp, now in burst)
    slow = [(3 + k / 30, 8 + k / 15) for k in range(150)]  # pictures are taken at half their pace
    assert [lag.seen(stamp, now) for stamp, now in slow].index(True) == pytest.approx(15 + 30, abs=3)


def test_a_clock_that_drifts_is_no_lag() -> None:
    lag = Lag()
    assert not any(lag.seen(k / 30 * 0.9999, k / 30) for k in range(30 * 3600 * 5))


def test_size_is_filled(stage_of: Callable[..., Stage]) -> None:
    port = free_port()
    with rolling(f"mjpeg:{port}"):
        source = make_source(f"http://127.0.0.1:{port}/stream.mjpg", SourceOptions(size=Size(320, 240)), FramePool())
        source.open()
        frame = source.read()
        assert frame is not None
        assert frame.size == Size(320, 240)
        source.close()
