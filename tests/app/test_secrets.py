"""Passwords, tokens and stream keys: a whole vcam is given some in every place, and tells them nowhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.nginx import free_port

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a process is ended by a signal")

SECRET = "Zwiebelfisch"
TOKEN = f"{SECRET}-0123456789"


class Running:
    """``vcam --debug run --headless`` with secrets in it."""

    def __init__(self, folder: Path) -> None:
        self.stream, self.served, self.panel = free_port(), free_port(), free_port()
        self.environment = {**os.environ, "VCAM_STATE_FOLDER": str(folder / "state"), "VCAM_PANEL_TOKEN": TOKEN,
                            "VCAM_SOCKET_FOLDER": str(folder / "run"), "VCAM_CONFIG": str(folder / "config.toml")}
        self._log = folder / "log"
        sinks = ["null:", f"rtmp://127.0.0.1:{self.stream}/live/{SECRET}?auth={SECRET}",
                 f"rtmp://127.0.0.1:{self.stream}/live/{SECRET}2?auth=2", f"mjpeg://ann:{SECRET}@127.0.0.1:{self.served}",
                 f"whip:http://{SECRET}@127.0.0.1:{self.stream}/{SECRET}"]
        (folder / "config.toml").write_text(f'source = "test:"\nsize = "320x180"\npanel = "{self.panel}"\n'
                                            f"sink = {json.dumps(sinks)}\n")
        with self._log.open("w") as log:
            self.process = subprocess.Popen([sys.executable, "-m", "vcam", "--debug", "run", "--headless"], stderr=log,
                                            stdout=log, env=self.environment, start_new_session=True)

    def vcam(self, *words: str) -> str:
        """What a command says."""
        done = subprocess.run([sys.executable, "-m", "vcam", *words], capture_output=True, text=True, check=False,
                              env=self.environment)
        return done.stdout + done.stderr

    def log(self) -> str:
        return self._log.read_text()

    def wait_until_live(self) -> None:
        deadline = time.monotonic() + 60
        while '"live"' not in self.vcam("status", "--json"):
            assert time.monotonic() < deadline and self.process.poll() is None, self.log()

    def ask_panel(self, path: str) -> str:
        request = urllib.request.Request(f"http://127.0.0.1:{self.panel}{path}",
                                         headers={"Authorization": f"Bearer {TOKEN}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return str(answer.read().decode())


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    made = Running(tmp_path)
    try:
        made.wait_until_live()
        yield made
    finally:
        made.process.kill()
        made.process.wait()


def test_a_secret_is_told_nowhere(running: Running) -> None:
    pytest.importorskip("aiortc", reason="not installed: aiortc (the extra 'stream')")
    told = {"start a sink": running.vcam("sink", "start", f"srt://127.0.0.1:9?passphrase={SECRET}&colour={SECRET}"),
            "start it again": running.vcam("sink", "start", f"rtmp://127.0.0.1:{running.stream}/live/{SECRET}2?auth=2"),
            "another camera": running.vcam("camera", f"rtsp://ann:{SECRET}@127.0.0.1:{running.stream}/x"),
            "a damaged address": running.vcam("camera", f"rtsp://ann:{SECRET}/{SECRET}@127.0.0.1:x/x"),
            "set": running.vcam("set", "panel_token", TOKEN),
            "status": running.vcam("status"), "status --json": running.vcam("status", "--json"),
            "sink list": running.vcam("sink", "list"), "sink list --json": running.vcam("sink", "list", "--json"),
            "panel": running.ask_panel("/state"), "metrics": running.ask_panel("/metrics"),
            "an unknown sink": running.vcam("sink", "stop", f"rtmp://127.0.0.1/live/{SECRET}")}
    running.process.terminate()
    running.process.wait(30)
    told["log"] = running.log()
    assert [name for name, text in told.items() if SECRET in text] == []
    assert "is fed already" in told["start it again"]
    assert "rtmp://127.0.0.1:" in told["status --json"]


def test_a_sink_can_be_stopped_as_it_is_shown(running: Running) -> None:
    shown = json.loads(running.vcam("status", "--json"))["sinks"]
    assert len(set(shown)) == len(shown)
    stopped = shown[2]
    assert stopped == f"rtmp://127.0.0.1:{running.stream}/live/…?auth=… (2)"
    running.vcam("sink", "stop", stopped)
    left = json.loads(running.vcam("status", "--json"))["sinks"]
    assert left == [shown[0], shown[1], *shown[3:]]
