"""The PipeWire camera in real browsers, through the real portal: what a video call sees."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.pictures import BARS
from tests.pipewire.feed import Feed
from tests.pipewire.session import Session
from vcam.frame import Colour, Size
from vcam.sinks import OutputFormat
from vcam.sinks.pipewire import PipewireSink

pytestmark = pytest.mark.pipewire
OUTPUT = OutputFormat(Size(1280, 720), Fraction(30), Colour.BT601)  # as the sink asks for
PAGE = Path(__file__).with_name("viewer.html")
PORTAL = Path("/usr/share/dbus-1/services/org.freedesktop.portal.Desktop.service")
QUIET = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")
PREFERENCES = {
    "media.webrtc.camera.allow-pipewire": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    # A new profile talks to its maker; the test needs none of it.
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.push.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "http://127.0.0.1:9/",
}


class Site(HTTPServer):
    """Serves the page on this machine, and keeps what it reports. Answers only while ``poll`` is called."""

    timeout = 0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Visit)
        self.report: dict[str, Any] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def poll(self) -> bool:
        """Answer one visit, if there is one; True once the report is there."""
        self.handle_request()
        return bool(self.report)


class Visit(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self._answer(PAGE.read_bytes() if self.path == "/" else b"")

    def do_POST(self) -> None:
        self.server.report = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(b"")

    def log_message(self, format: str, *words: Any) -> None:
        pass

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def chromium(profile: Path, url: str) -> list[str]:
    return ["chromium", "--headless", *QUIET, "--use-fake-ui-for-media-stream",  # it says yes to the page's question
            "--enable-features=WebRtcPipeWireCamera", f"--user-data-dir={profile}", url]


def firefox(profile: Path, url: str) -> list[str]:
    lines = [f'user_pref("{name}", {json.dumps(value)});\n' for name, value in PREFERENCES.items()]
    (profile / "user.js").write_text("".join(lines))
    return ["firefox-esr", "--headless", "--no-remote", "--profile", str(profile), url]


@contextmanager
def running(command: list[str], session: Session, log: Path) -> Iterator[None]:
    """A program of the session, ended with all that it started."""
    with log.open("w") as lines:
        program = subprocess.Popen(command, env=session.environment(), stdout=lines, stderr=lines,
                                   start_new_session=True)
    try:
        yield
    finally:
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()


def need(browser: str) -> None:
    """Skip where something is missing."""
    bindings = subprocess.run(["/usr/bin/python3", "-c", "import gi"], capture_output=True, check=False)
    there = {browser: shutil.which(browser) is not None, "xdg-desktop-portal": PORTAL.exists(),
             "python3-gi": bindings.returncode == 0}
    if not all(there.values()):
        pytest.skip(f"not installed: {', '.join(package for package, found in there.items() if not found)}")


@pytest.mark.parametrize("browser", [chromium, firefox], ids=lambda browser: browser.__name__)
def test_a_page_gets_the_picture(session: Session, tmp_path: Path, browser: Callable[[Path, str], list[str]]) -> None:
    with Site() as site:
        command = browser(tmp_path, site.url)
        need(command[0])
        sink = PipewireSink("vcam in a call")
        sink.open(OUTPUT)
        try:
            with running(command, session, tmp_path / "browser.log"):
                Feed(sink, OUTPUT).run(site.poll, seconds=60)
        finally:
            sink.close()
    report = site.report
    assert "error" not in report, report
    assert (report["camera"], report["width"], report["height"]) == ("vcam in a call", 1280, 720)
    assert report["fps"] >= 24
    assert np.abs(np.array(report["bars"]) - np.array(BARS)).max() <= 6, report["bars"]
