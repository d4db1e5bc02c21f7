"""Starting at login. What cannot be run here is held to the formats that the systems read."""

from __future__ import annotations

import plistlib
import shutil
import subprocess
from pathlib import Path

import pytest

from vcam.app import autostart
from vcam.errors import ControlError

COMMAND = ["/opt/my tools/python", "-m", "vcam", "tray", "--background", '/home/me/50% "off" $HOME `x` \\.jpg']


@pytest.fixture
def linux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path / "autostart" / "vcam.desktop"


def test_it_is_turned_on_and_off(linux: Path) -> None:
    assert not autostart.is_on()
    autostart.turn(True, COMMAND)
    assert autostart.is_on()
    assert linux.is_file()
    autostart.turn(False, COMMAND)
    assert not autostart.is_on()
    autostart.turn(False, COMMAND)
    assert list(linux.parent.iterdir()) == []


@pytest.mark.parametrize("line", ["Hidden=true", "X-GNOME-Autostart-enabled=false"])
def test_what_the_desktop_turned_off_is_off(linux: Path, line: str) -> None:
    autostart.turn(True, COMMAND)
    linux.write_text(linux.read_text() + line + "\n")
    assert not autostart.is_on()


@pytest.mark.skipif(shutil.which("sh") is None, reason="a shell quotes as Exec does")
def test_the_desktop_starts_exactly_that_command() -> None:
    """Read as the specification says: first the string's escapes, then the quoting of Exec, then the percent signs."""
    line = next(line for line in autostart.desktop_entry(COMMAND).splitlines() if line.startswith("Exec="))
    text = line.removeprefix("Exec=").replace("\\\\", "\\")
    words = subprocess.run(["sh", "-c", f"printf '%s\\n' {text}"], capture_output=True, text=True, check=True).stdout
    assert [word.replace("%%", "%") for word in words.splitlines()] == COMMAND


@pytest.mark.skipif(shutil.which("gio") is None, reason="gio is not installed")
def test_a_real_desktop_reads_and_starts_the_entry(tmp_path: Path) -> None:
    found = tmp_path / "found"
    program = tmp_path / "a program"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >"{found}.new"\nmv "{found}.new" "{found}"\n')
    program.chmod(0o755)
    entry = tmp_path / "vcam.desktop"
    entry.write_text(autostart.desktop_entry([str(program), *COMMAND[1:]]))
    subprocess.run(["gio", "launch", str(entry)], check=True, timeout=20)
    for _ in range(200):
        if found.exists():
            break
        subprocess.run(["sleep", "0.05"], check=True)
    assert found.read_text().splitlines() == COMMAND[1:]


def test_a_folder_that_cannot_be_written_is_told(linux: Path) -> None:
    linux.parent.write_text("a file in the way")
    with pytest.raises(ControlError, match="starting at login cannot be turned on"):
        autostart.turn(True, COMMAND)


def test_macos_gets_an_agent_for_the_desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setenv("HOME", str(tmp_path))
    autostart.turn(True, COMMAND)
    assert autostart.is_on()
    agent = plistlib.loads((tmp_path / "Library/LaunchAgents/org.vcam.tray.plist").read_bytes())
    assert agent["ProgramArguments"] == COMMAND
    assert agent["RunAtLoad"] is True
    assert agent["LimitLoadToSessionType"] == "Aqua"
    assert "KeepAlive" not in agent  # who quits vcam does not want it back
    autostart.turn(False, COMMAND)
    assert not autostart.is_on()


def test_windows_gets_one_line_without_a_console() -> None:
    command = [r"C:\Program Files\Python\python.exe", "-m", "vcam", "tray", "--background", 'a "b".jpg']
    assert autostart.windows_command(command) == \
        r'"C:\Program Files\Python\pythonw.exe" -m vcam tray --background "a \"b\".jpg"'
    assert autostart.windows_command([r"C:\vcam\vcam.exe", "tray"]) == r"C:\vcam\vcam.exe tray"
