"""The panel comes up by itself once, on a desktop, and otherwise only when it is asked for."""

from __future__ import annotations

import os
import subprocess
import sys
import webbrowser
from pathlib import Path

import pytest

from tests.engine.test_demand import wait_until
from vcam.app.greeting import greet

ADDRESS = "http://127.0.0.1:8750/"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """What was opened in the browser, on a desktop where vcam has never run."""
    seen: list[str] = []
    monkeypatch.setattr(webbrowser, "open", seen.append)
    monkeypatch.setenv("DISPLAY", ":77")
    monkeypatch.setenv("VCAM_STATE_FOLDER", str(tmp_path / "state"))
    return seen


def test_the_first_time_and_no_other(opened: list[str]) -> None:
    assert [greet(ADDRESS, None) for _ in range(3)] == [True, False, False]
    wait_until(lambda: opened == [ADDRESS])


def test_who_asks_for_it_gets_it_always(opened: list[str]) -> None:
    assert [greet(ADDRESS, True) for _ in range(2)] == [True, True]
    wait_until(lambda: opened == [ADDRESS] * 2)


def test_who_does_not_want_it_and_who_has_none_is_not_bothered(opened: list[str]) -> None:
    assert not greet(ADDRESS, False)
    assert not greet("", True)
    assert greet(ADDRESS, None), "neither of these was the first time"


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="these always have a desktop")
def test_without_a_desktop_no_browser_for_terminals(opened: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert not greet(ADDRESS, None)


@pytest.mark.skipif(sys.platform == "win32", reason="the browser is a script")
@pytest.mark.parametrize(("flags", "comes"), [(("--open-panel",), True), ((), False), (("--no-open-panel",), False)])
def test_a_run_that_ends_by_itself_opens_it_only_when_asked(tmp_path: Path, flags: tuple[str, ...],
                                                            comes: bool) -> None:
    browser, seen = tmp_path / "browser", tmp_path / "seen"
    browser.write_text(f'#!/bin/sh\necho "$1" >>"{seen}"\n')
    browser.chmod(0o755)
    environment = {"BROWSER": f"{browser} %s", "DISPLAY": ":77", "VCAM_STATE_FOLDER": str(tmp_path / "state"),
                   "VCAM_SOCKET_FOLDER": str(tmp_path), "VCAM_CONFIG": ""}
    done = subprocess.run([sys.executable, "-m", "vcam", "run", "--source", "test:", "--size", "320x240", "--sink",
                           "null:", "--background", "colour:navy", "--seconds", "3", "--panel", "0", *flags],
                          env=os.environ | environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert seen.exists() is comes
    assert not comes or seen.read_text().startswith("http://127.0.0.1:")
