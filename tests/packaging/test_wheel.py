"""Sdist and wheel: what they carry, that the same sources give the same bytes, and that vcam runs from them alone."""

from __future__ import annotations

import email
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import av
import pytest
from PIL import Image

from tests.packaging.conftest import ROOT, built, copy_sources
from vcam import __version__

# Kernels are compiled at a first run, and this machine may be busy.
pytestmark = pytest.mark.timeout(900)


def tracked(*folders: str) -> list[str]:
    """The files below folders that git knows, or that lie there where there is no git."""
    listed = subprocess.run(["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return listed.stdout.splitlines()
    return [str(path.relative_to(ROOT)) for folder in folders for path in (ROOT / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts]


def test_a_wheel_carries_every_file_of_the_program(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    missing = [name for name in tracked("vcam") if name not in names]
    assert not missing
    pictures = [f"vcam/_backgrounds/{Path(name).name}" for name in tracked("backgrounds")]
    assert len(pictures) >= 8
    assert not [name for name in pictures if name not in names]
    assert wheel.stat().st_size < 8_000_000


def test_a_wheel_carries_the_systems_files_and_the_licences(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in ("share/systemd/user/vcam.service", "lib/systemd/system/vcam.service", "lib/sysusers.d/vcam.conf",
                   "lib/modprobe.d/vcam.conf", "lib/udev/rules.d/60-vcam.rules", "share/applications/vcam.desktop",
                   "share/icons/hicolor/scalable/apps/vcam.svg", "share/metainfo/org.vcam.vcam.metainfo.xml",
                   "licenses/LICENSE", "licenses/vcam/assets/models/NOTICE"):
        assert any(name.endswith(wanted) for name in names), wanted


def test_a_wheel_has_no_tests_and_no_leftovers(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"vcam"}
    assert not [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".orig", ".part"))]


def test_the_version_has_one_home(sdist: Path, wheel: Path) -> None:
    text = next(zipfile.ZipFile(wheel).read(name) for name in zipfile.ZipFile(wheel).namelist()
                if name.endswith(".dist-info/METADATA"))
    assert email.message_from_bytes(text)["Version"] == __version__
    assert f"-{__version__}" in wheel.name
    assert f"-{__version__}." in sdist.name
    assert __version__ in (ROOT / "CHANGELOG.md").read_text()
    assert f'version="{__version__}"' in (ROOT / "packaging/linux/org.vcam.vcam.metainfo.xml").read_text()


def test_the_same_sources_give_the_same_bytes(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    """Whoever cloned them, whenever, wherever."""
    other = copy_sources(tmp_path / "elsewhere")
    for number, path in enumerate(sorted(other.rglob("*"))):
        if not path.is_symlink():
            os.utime(path, (1_600_000_000 + number, 1_600_000_000 + number))
    assert built(other, tmp_path, "sdist").read_bytes() == sdist.read_bytes()
    assert built(other, tmp_path, "wheel").read_bytes() == wheel.read_bytes()


def test_an_sdist_can_be_tested_and_has_nothing_of_a_checkout(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {member.name.partition("/")[2] for member in archive}
    missing = [name for name in tracked("vcam", "backgrounds", "tests", "packaging", "README.md", "CHANGELOG.md",
                                        "pyproject.toml", "LICENSE") if name not in names]
    assert not missing
    assert not [name for name in names if name.startswith((".venv", ".git/", "dist/"))]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """vcam alone, in a folder; what it needs comes from the environment that runs the tests."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
                    "--no-index", "--target", str(folder), str(wheel)], check=True, timeout=120)
    return folder


def vcam(installed: Path, *words: str, folder: Path) -> str:
    """What the installed vcam says, outside every checkout."""
    done = subprocess.run([sys.executable, "-P", "-m", "vcam", *words], cwd=folder, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(installed), "COLUMNS": "200"}, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_installed_program_runs(installed: Path, tmp_path: Path) -> None:
    where = subprocess.run([sys.executable, "-P", "-c", "import vcam; print(vcam.__file__)"], cwd=tmp_path, text=True,
                           env={**os.environ, "PYTHONPATH": str(installed)}, capture_output=True, check=True)
    assert where.stdout.startswith(str(installed))
    assert __version__ in vcam(installed, "--version", folder=tmp_path)
    assert "brick-loft-evening" in vcam(installed, "backgrounds", folder=tmp_path)
    vcam(installed, "run", "--source", "demo:", "--size", "320x180", "--background", "green", "--panel", "off",
         "--frames", "30", "--sink", "out.mkv", folder=tmp_path)
    with av.open(str(tmp_path / "out.mkv")) as film:
        pictures = [picture.to_ndarray(format="rgb24") for picture in film.decode(video=0)]
    assert len(pictures) >= 30  # and cards before them
    red, green, blue = pictures[-1][10, 10]
    assert int(green) > max(int(red), int(blue)) + 80


def test_the_installed_program_cuts_out(installed: Path, tmp_path: Path) -> None:
    person = Image.open(installed / "vcam/assets/demo_person.webp").convert("RGBA")
    room = Image.new("RGBA", person.size, "#607080")
    room.alpha_composite(person)
    room.convert("RGB").save(tmp_path / "me.jpg")
    vcam(installed, "cutout", "me.jpg", "-o", "me.png", folder=tmp_path)
    alpha = Image.open(tmp_path / "me.png").convert("RGBA").getchannel("A")
    assert alpha.getextrema() == (0, 255)
