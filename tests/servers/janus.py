"""Janus, a WebRTC server, on loopback as a process of its own, behind an endpoint that speaks WHIP and WHEP.

Janus has an API of its own; what stands before it (RFC 9725, and its draft twin for viewers) is ``endpoint_program``.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.servers.nginx import Server, free_port, wait_for_port

PLUGINS = Path("/usr/lib/x86_64-linux-gnu/janus/plugins")
PROJECT = Path(__file__).parents[2]
TOKEN = "correct-horse-battery"

_MAIN = """
general: {{ configs_folder = "{folder}", plugins_folder = "{plugins}", transports_folder = "{transports}",
            loggers_folder = "{folder}", events_folder = "{folder}", debug_level = 4, server_name = "test" }}
plugins: {{ disable = "{unwanted}" }}
transports: {{ disable = "{other_transports}" }}
"""
_HTTP = """
general: {{ json = "compact", base_path = "/janus", http = true, port = {port}, ip = "127.0.0.1", https = false }}
"""
_ROOM = """
room-1: {{ description = "test", publishers = 2, videocodec = "h264", audiocodec = "opus", record = false,
           notify_joining = false }}
"""


def missing() -> str:
    """What keeps the server from running here, or empty."""
    return "" if shutil.which("janus") and PLUGINS.exists() else "not installed: janus"


class JanusServer(Server):
    """Takes a stream at ``whip`` for who knows the token, and hands it out at ``page``, which plays it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._inner = free_port()
        self._endpoint: subprocess.Popen[bytes] | None = None

    @property
    def whip(self) -> str:
        return f"whip:http://{TOKEN}@127.0.0.1:{self.port}/whip/SECRET-ROOM"

    @property
    def page(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def command(self) -> list[str]:
        transports = PLUGINS.with_name("transports")
        others = [file.name for file in PLUGINS.glob("*.so") if "videoroom" not in file.name]
        (self.folder / "janus.jcfg").write_text(_MAIN.format(
            folder=self.folder, plugins=PLUGINS, transports=transports, unwanted=",".join(others),
            other_transports=",".join(file.name for file in transports.glob("*.so") if "http" not in file.name)))
        (self.folder / "janus.transport.http.jcfg").write_text(_HTTP.format(port=self._inner))
        (self.folder / "janus.plugin.videoroom.jcfg").write_text(_ROOM.format())
        return ["janus", "-F", str(self.folder), "-C", str(self.folder / "janus.jcfg"), "-o"]

    def start(self) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(self.command(), stdout=log, stderr=log, start_new_session=True)
            self._endpoint = subprocess.Popen(
                [sys.executable, "-m", "tests.servers.endpoint_program", str(self.port), str(self._inner), TOKEN],
                stdout=log, stderr=log, start_new_session=True, cwd=PROJECT)
        wait_for_port(self._inner, 20)
        wait_for_port(self.port, 20)

    def kill(self) -> None:
        super().kill()
        if self._endpoint is not None:
            self._endpoint.kill()
            self._endpoint.wait()
