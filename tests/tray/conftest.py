"""A desktop, and vcam's icon on it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.tray.desktop import PYTHON, Desktop, missing, wait_for
from tests.tray.outlet import Outlet
from vcam.app.tray import library

SIZE = "320x240"


def _why_not() -> str:
    if sys.platform != "linux" or (reason := missing()):
        return "needs a Linux desktop" if sys.platform != "linux" else reason
    if subprocess.run([str(PYTHON), "-c", "import gi; gi.require_version('AyatanaAppIndicator3', '0.1')"],
                      capture_output=True, check=False).returncode:
        return "not installed: python3-gi, gir1.2-ayatanaappindicator3-0.1"
    return "" if library.borrow_gi() else "the system's PyGObject is made for another Python than this one"


@pytest.fixture(scope="session", autouse=True)
def _a_tray_is_possible() -> None:
    if reason := _why_not():
        pytest.skip(reason)


class Program:
    """``vcam tray`` on a desktop, and what leaves its sink."""

    def __init__(self, desktop: Desktop, folder: Path, **environment: str) -> None:
        self.state, self._desktop = folder / "state", desktop
        self._browsed = folder / "browsed"
        browser = folder / "browser"
        browser.write_text(f'#!/bin/sh\necho "$1" >>"{self._browsed}"\n')
        browser.chmod(0o755)
        pictures = folder / "pictures"
        pictures.mkdir()
        Image.fromarray(np.full((240, 320, 3), (200, 0, 0), np.uint8)).save(pictures / "red-wall.png")
        (pictures / "broken.png").write_bytes(b"not a picture")
        self.environment = desktop.environment(
            VCAM_STATE_FOLDER=str(self.state), VCAM_SOCKET_FOLDER=str(folder / "run"), VCAM_CONFIG="",
            BROWSER=f"{browser} %s", **environment)
        command = [sys.executable, "-m", "vcam", "tray", "--source", "demo:", "--size", SIZE, "--sink", "-", "--sink",
                   "preview:0", "--background", "colour:navy", "--backgrounds-folder", str(pictures)]
        self._log = (folder / "tray.log").open("w+b")
        self.process = subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, stderr=self._log)
        assert self.process.stdout is not None
        self.outlet = Outlet(self.process.stdout)

    def tell(self, *words: str) -> None:
        """As from a terminal."""
        subprocess.run([sys.executable, "-m", "vcam", *words], env=self.environment, check=True, capture_output=True)

    def is_live(self) -> None:
        """Wait until the icon says so."""
        wait_for(lambda: "vcam – Live" in (self._desktop.ask("icon") or {}).get("Title", ""), "a live icon", 90)

    def browsed(self) -> str:
        """What was opened in the browser."""
        return self._browsed.read_text() if self._browsed.exists() else ""

    def said(self) -> str:
        """What it and the vcam it started wrote on standard error."""
        self._log.flush()
        return "".join(Path(name).read_text() for name in (self._log.name, self.state / "vcam.log")
                       if Path(name).exists())

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(30)
        self.outlet.join()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._log.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="vcam-tray-") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def desktop() -> Iterator[Desktop]:
    with tempfile.TemporaryDirectory(prefix="vcam-desk-") as name:
        made = Desktop(Path(name))
        made.start()
        yield made
        made.close()


@pytest.fixture(scope="module")
def shared(desktop: Desktop) -> Iterator[Program]:
    with tempfile.TemporaryDirectory(prefix="vcam-tray-") as name:
        made = Program(desktop, Path(name))
        try:
            made.is_live()
            yield made
        finally:
            made.close()


@pytest.fixture
def program(desktop: Desktop, shared: Program) -> Program:
    """One for all tests, live and with the background ``colour:navy`` at the beginning of each."""
    shared.tell("bg", "colour:navy")
    shared.tell("resume")
    desktop.mend()
    shared.is_live()
    return shared


@pytest.fixture
def own_program(desktop: Desktop, folder: Path) -> Iterator[Program]:
    """One that a test may end."""
    made = Program(desktop, folder)
    try:
        made.is_live()
        yield made
    finally:
        made.close()
