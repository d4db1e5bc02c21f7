"""The service manager's own opinion of the units that come with vcam."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[1] / "packaging" / "systemd"

pytestmark = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="not installed: systemd")


def unit(folder: Path, kind: str) -> Path:
    """The unit with a program that exists here in the place of vcam."""
    copy = folder / "vcam.service"
    text = (UNITS / kind / "vcam.service").read_text()
    copy.write_text(re.sub(r"^ExecStart=(/usr/bin/)?vcam ", "ExecStart=/bin/true ", text, flags=re.MULTILINE))
    return copy


def analysed(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(folder)}
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, env=environment, check=False)


@pytest.mark.parametrize(("kind", "flags"), [("system", ()), ("user", ("--user",))])
def test_systemd_understands_every_line(kind: str, flags: tuple[str, ...], tmp_path: Path) -> None:
    found = analysed("verify", "--man=no", *flags, str(unit(tmp_path, kind)), folder=tmp_path)
    assert (found.returncode, found.stderr) == (0, "")


def test_a_wrong_line_would_be_found(tmp_path: Path) -> None:
    broken = unit(tmp_path, "system")
    broken.write_text(broken.read_text().replace("WatchdogSec", "WatchdogSecs"))
    assert "WatchdogSecs" in analysed("verify", "--man=no", str(broken), folder=tmp_path).stderr


def test_the_system_service_is_well_locked_in(tmp_path: Path) -> None:
    """systemd's own score: 10 is a service without any protection, below 2 is what it calls OK."""
    told = analysed("security", "--offline=true", str(unit(tmp_path, "system")), folder=tmp_path).stdout
    score = re.search(r"exposure level for .*: ([\d.]+)", told)
    assert score is not None, told
    assert float(score[1]) < 2


@pytest.mark.parametrize("kind", ["system", "user"])
def test_the_flags_in_the_units_exist(kind: str) -> None:
    from typer.testing import CliRunner

    from vcam.app.cli import app

    line = re.search(r"^ExecStart=\S*vcam (.*)$", (UNITS / kind / "vcam.service").read_text(), re.MULTILINE)
    assert line is not None
    word, *flags = line[1].split()
    shown = CliRunner().invoke(app, [word, "--help"], env={"COLUMNS": "200"}).output
    for flag in (flag for flag in flags if flag.startswith("-")):
        assert flag in re.sub(r"\x1b\[[\d;]*m", "", shown)
