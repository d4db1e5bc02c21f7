"""``vcam doctor`` as typed, on this machine and on invented ones."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.app.test_cli import vcam
from vcam.app.cli import app
from vcam.control import doctor
from vcam.control.doctor import Finding

LONG = "sudo apt install " + "a-package-with-a-long-name " * 8
FINDINGS = [
    Finding("Virtual camera", "v4l2loopback", "problem", "not [installed]",
            ("sudo apt install it", LONG.strip(), "sudo reboot")),
    Finding("Virtual camera", "at start-up", "warning", "missing", ("sudo apt install it", "echo 'a' | sudo tee /b")),
    Finding("Cameras", "camera", "warning", "again", ("sudo apt install it",)),
    Finding("Desktop", "tray", "skipped", "no library", ("sudo apt install tray",)),
    Finding("Desktop", "session", "ok", "X11"),
]


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[Finding]], None]:
    def put(findings: list[Finding]) -> None:
        monkeypatch.setattr(doctor, "examine", lambda: findings)
    return put


def test_report(found: Callable[[list[Finding]], None]) -> None:
    found(FINDINGS)
    done = CliRunner().invoke(app, ["doctor"], env={"COLUMNS": "60"})
    assert done.exit_code == 1
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    assert lines[0] == "Virtual camera"
    assert lines[1] == "  ✗  v4l2loopback  not [installed]"
    assert lines[2] == "      sudo apt install it"
    assert lines[3] == f"      {LONG.strip()}", "a command is never wrapped"
    assert "  !  at start-up   missing" in lines
    assert "  –  tray          no library" in lines
    assert "  ✓  session       X11" in lines
    assert "1 problem and 2 warnings." in done.stdout


def test_json(found: Callable[[list[Finding]], None]) -> None:
    found(FINDINGS)
    done = CliRunner().invoke(app, ["doctor", "--json"])
    told = json.loads(done.stdout)
    assert done.exit_code == 1
    assert (told["problems"], told["warnings"]) == (1, 2)
    assert told["findings"][0] == {"topic": "Virtual camera", "name": "v4l2loopback", "level": "problem",
                                   "found": "not [installed]", "fix": list(FINDINGS[0].fix)}


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_fix_is_a_script_that_says_why(found: Callable[[list[Finding]], None]) -> None:
    found(FINDINGS)
    done = CliRunner().invoke(app, ["doctor", "--fix"])
    assert done.exit_code == 1
    commands = [line for line in done.stdout.splitlines() if line and not line.startswith("#")]
    assert commands == ["sudo apt install it", LONG.strip(), "sudo apt install it", "echo 'a' | sudo tee /b",
                        "sudo reboot"]
    assert "# Virtual camera, v4l2loopback: not [installed]" in done.stdout
    subprocess.run(["sh", "-n"], input=done.stdout, text=True, check=True)


def test_nothing_to_mend_and_only_warnings_are_no_failure(found: Callable[[list[Finding]], None]) -> None:
    found(FINDINGS[4:])
    assert "nothing to mend" in CliRunner().invoke(app, ["doctor", "--fix"]).stdout
    assert "Everything is in order." in CliRunner().invoke(app, ["doctor"]).stdout
    found(FINDINGS[1:])
    assert CliRunner().invoke(app, ["doctor"]).exit_code == 0


def test_json_and_fix_exclude_each_other(tmp_path: Path) -> None:
    done = vcam("doctor", "--json", "--fix", folder=tmp_path)
    assert done.returncode == 2
    assert "--fix" in done.stderr


def test_a_real_run(tmp_path: Path) -> None:
    begun = time.monotonic()
    done = vcam("doctor", "--json", folder=tmp_path)
    assert time.monotonic() - begun < 20
    assert done.returncode in (0, 1)
    assert done.stderr == ""
    told = json.loads(done.stdout)
    assert done.returncode == (1 if told["problems"] else 0)
    assert not [finding for finding in told["findings"] if "could not be checked" in finding["found"]]
    assert {"Virtual camera", "Cameras", "Permissions", "Desktop", "Installation", "Processing"} == {
        finding["topic"] for finding in told["findings"]}
    shown = vcam("doctor", folder=tmp_path)
    assert shown.returncode == done.returncode
    assert "Traceback" not in shown.stdout + shown.stderr
    assert list(tmp_path.iterdir()) == []
