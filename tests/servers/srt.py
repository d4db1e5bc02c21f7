"""srt-live-transmit, the SRT project's own program, on loopback: takes a stream and hands it on as it comes."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

from tests.servers.nginx import Server, free_port


def missing() -> str:
    """What keeps the program from running here, or empty."""
    return "" if shutil.which("srt-live-transmit") else "not installed: srt-tools"


class SrtServer(Server):
    """Listens for a caller, or calls a listener; what comes goes on to ``watched``.

    Args:
        calls: the port to call; 0: listens at its own.
        query: of SRT's options.
    """

    def __init__(self, folder: Path, calls: int = 0, query: str = "") -> None:
        super().__init__(folder, calls or free_port(socket.SOCK_DGRAM))
        self._calls, self._query = bool(calls), query
        self._forward = free_port(socket.SOCK_DGRAM)

    @property
    def watched(self) -> str:
        return f"udp://127.0.0.1:{self._forward}"

    def command(self) -> list[str]:
        host, mode = ("127.0.0.1", "caller") if self._calls else ("", "listener")
        return ["srt-live-transmit", "-loglevel:fatal", "-to:0", "-a:yes", "-chunk:1316",
                f"srt://{host}:{self.port}?mode={mode}{self._query}", f"udp://127.0.0.1:{self._forward}"]

    def start(self) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(self.command(), stdout=log, stderr=log, start_new_session=True)
        if not self._calls:
            _wait_for_udp(self.port)


def _wait_for_udp(port: int) -> None:
    """Wait until a port is taken: UDP has no other sign."""
    deadline = time.monotonic() + 10
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("0.0.0.0", port))
            except OSError:
                return
        assert time.monotonic() < deadline, f"nobody listens on {port}"
        time.sleep(0.02)
