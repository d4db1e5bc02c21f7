"""Chromium in the guest, on a page that opens a camera."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

# The same browser without windows and menus starts five times as fast.
PROGRAMS = ("chromium-headless-shell", "chromium")
# It says yes to the page's question, has no use for a network, and starts few processes: each costs seconds here.
FLAGS = ("--headless", "--use-fake-ui-for-media-stream", "--no-sandbox", "--disable-gpu", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--in-process-gpu",
         "--enable-features=NetworkServiceInProcess2", "--disable-features=AudioServiceOutOfProcess",
         "--js-flags=--jitless")
PAGE = Path(__file__).with_name("call.html")


class Site(HTTPServer):
    """Serves the page in the guest, and keeps what it reports. Answers only while ``report`` waits."""

    timeout = 1.0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Visit)
        self.told: dict[str, Any] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def report(self, patience: float) -> dict[str, Any]:
        """What the page reports in the end."""
        end = time.monotonic() + patience
        while not self.told and time.monotonic() < end:
            self.handle_request()
        return self.told


class _Visit(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self._answer(PAGE.read_bytes() if self.path == "/" else b"")

    def do_POST(self) -> None:
        self.server.told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(b"")

    def log_message(self, format: str, *words: Any) -> None:
        pass

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def browser() -> str:
    """The program to start; empty if none is installed."""
    return next((name for name in PROGRAMS if shutil.which(name)), "")


@contextmanager
def visiting(url: str, folder: Path) -> Iterator[None]:
    """The browser, on that page."""
    with (folder / "browser.log").open("wb") as log:
        running = subprocess.Popen([browser(), *FLAGS, f"--user-data-dir={folder}", url], stdout=log, stderr=log,
                                   start_new_session=True)
    try:
        yield
    finally:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
