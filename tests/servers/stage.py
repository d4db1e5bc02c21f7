"""For each protocol: a real server, the sink that feeds it, and where to watch."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.servers import chromium, janus, nginx, rtsp, srt
from tests.servers.nginx import Server, free_port
from tests.servers.watch import Viewer, Watched


@dataclass
class Stage:
    """``server`` None: there is none in between. ``in_browser``: ``watched`` is a page."""

    sink: str
    watched: str
    muxer: str = ""
    server: Server | None = None
    in_browser: bool = False

    def watch(self, seconds: float) -> Watched:
        """What a viewer sees that joins now."""
        if self.in_browser:
            return chromium.watch(self.watched, seconds)
        return Viewer(self.watched, seconds, self.muxer).result()

    def close(self) -> None:
        if self.server is not None:
            self.server.kill()


def _rtmp(folder: Path) -> Stage:
    server = nginx.RtmpServer(folder)
    address = f"rtmp://127.0.0.1:{server.port}/live/key"
    return Stage(address, address, server=server)


def _rtsp(folder: Path) -> Stage:
    server = rtsp.RtspServer(folder)
    return Stage(f"rtsp://127.0.0.1:{server.port}/vcam", server.watched, "mpegts", server)


def _srt(folder: Path) -> Stage:
    server = srt.SrtServer(folder)
    return Stage(f"srt://127.0.0.1:{server.port}", server.watched, "mpegts", server)


def _udp(folder: Path) -> Stage:
    del folder
    address = f"udp://127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
    return Stage(address, address, "mpegts")


def _hls(folder: Path) -> Stage:
    return Stage(f"hls:{folder}", str(folder / "vcam.m3u8"), "hls")


def _mjpeg(folder: Path) -> Stage:
    del folder
    port = free_port()
    return Stage(f"mjpeg:{port}", f"http://127.0.0.1:{port}/stream.mjpg")


def _whip(folder: Path) -> Stage:
    server = janus.JanusServer(folder)
    return Stage(server.whip, server.page, server=server, in_browser=True)


STAGES: dict[str, tuple[Callable[[Path], Stage], Callable[[], str]]] = {
    "rtmp": (_rtmp, nginx.missing), "rtsp": (_rtsp, rtsp.missing), "srt": (_srt, srt.missing),
    "udp": (_udp, str), "hls": (_hls, str), "mjpeg": (_mjpeg, str),
    "whip": (_whip, lambda: janus.missing() or chromium.missing())}


@contextlib.contextmanager
def staged(protocol: str, folder: Path, running: bool = True) -> Iterator[Stage]:
    """A stage, its server running if ``running``."""
    stage = STAGES[protocol][0](folder)
    try:
        if running and stage.server is not None:
            stage.server.start()
        yield stage
    finally:
        stage.close()
