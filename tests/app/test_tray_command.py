"""``vcam tray`` where there is no tray, and what it hands on."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from vcam.app.run_command import run
from vcam.app.tray_command import _LOCK, run_arguments, tray
from vcam.config import fields
from vcam.control.instance import holding


def started(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.run([sys.executable, "-m", "vcam", "tray", *arguments], env=kept | environment,
                          capture_output=True, text=True, check=False, timeout=120)


def given(**values: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(fields())
    return nothing | {"frames": 0, "seconds": 0.0, "config": None, "name": "", "forget": False,
                      "open_panel": None} | values


def test_it_takes_the_flags_of_run() -> None:
    of_run, own = (set(inspect.signature(command).parameters) for command in (run, tray))
    assert own - of_run == {"at_login"}
    assert of_run - own <= {"json", "headless"}


def test_what_was_typed_is_handed_on() -> None:
    arguments = run_arguments(given(source="demo:", mirror=False, loop=True, sink=["null:", "-"], seconds=2.5,
                                    name="two", forget=True, open_panel=False))
    assert arguments == ["--source", "demo:", "--no-mirror", "--loop", "--sink", "null:", "--sink", "-", "--seconds",
                         "2.5", "--name", "two", "--no-open-panel", "--forget"]
    assert run_arguments(given()) == []
    assert run_arguments(given(panel_token="0123456789abcdef")) == [], "every user can read what is handed on so"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a desktop")
def test_without_a_desktop_it_says_so_once_and_goes_on_as_run() -> None:
    done = started("--source", "test:", "--sink", "null:", "--size", "320x240", "--background", "colour:navy",
                   "--frames", "5", "--panel", "off")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("no tray: ") == 1
    assert "null: 5 pictures" in done.stderr


def test_a_wrong_flag_is_told_before_anything_starts() -> None:
    done = started("--size", "huge")
    assert done.returncode == 2
    assert "huge" in done.stderr
    assert "tray" not in done.stderr


def test_there_is_one_icon_for_one_vcam() -> None:
    with holding(_LOCK):
        done = started()
    assert done.returncode == 1
    assert f"already (process {os.getpid()})" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="the entry's format is the desktop's")
def test_starting_at_login_keeps_the_flags(tmp_path: Path) -> None:
    assert started("--at-login", "on", "--background", "green", XDG_CONFIG_HOME=str(tmp_path)).returncode == 0
    entry = (tmp_path / "autostart/vcam.desktop").read_text()
    assert '"vcam" "tray" "--background" "green"' in entry
    assert started("--at-login", "off", XDG_CONFIG_HOME=str(tmp_path)).returncode == 0
    assert not (tmp_path / "autostart/vcam.desktop").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the entry's format is the desktop's")
def test_the_panels_token_never_gets_into_an_entry(tmp_path: Path) -> None:
    flags, variables = ("--panel", "0.0.0.0:9000"), {"XDG_CONFIG_HOME": str(tmp_path)}
    for done in (started("--at-login", "on", *flags, "--panel-token", "0123456789abcdef", **variables),
                 started("--at-login", "on", *flags, VCAM_PANEL_TOKEN="0123456789abcdef", **variables)):
        assert done.returncode == 1
        assert "vcam config set panel_token" in done.stderr
        assert not list(tmp_path.rglob("*.desktop"))
