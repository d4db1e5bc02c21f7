"""What desktops and udev read, checked by their own tools."""

from __future__ import annotations

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT

LINUX = ROOT / "packaging/linux"


def checked(*command: str) -> subprocess.CompletedProcess[str]:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("name", ["vcam.desktop", "autostart.desktop"])
def test_desktop_entries(name: str) -> None:
    done = checked("desktop-file-validate", str(LINUX / name))
    assert (done.returncode, done.stdout) == (0, "")


def test_a_wrong_desktop_entry_would_be_found(tmp_path: Path) -> None:
    broken = tmp_path / "vcam.desktop"
    broken.write_text((LINUX / "vcam.desktop").read_text().replace("Type=Application", "Type=Programme"))
    assert checked("desktop-file-validate", str(broken)).returncode != 0


def test_appstream_metadata() -> None:
    done = checked("appstreamcli", "validate", "--no-net", "--pedantic", str(LINUX / "org.vcam.vcam.metainfo.xml"))
    assert done.returncode == 0, done.stdout
    assert "W:" not in done.stdout, done.stdout


def test_nothing_starts_by_itself() -> None:
    """A program that uses the camera waits until somebody ticks it."""
    entry = configparser.ConfigParser(interpolation=None)
    entry.read(LINUX / "autostart.desktop")
    assert entry["Desktop Entry"]["Hidden"] == "true"
    main = configparser.ConfigParser(interpolation=None)
    main.read(LINUX / "vcam.desktop")
    assert entry["Desktop Entry"]["Exec"] == main["Desktop Entry"]["Exec"]
