"""The folder that PyInstaller makes, run as on a machine without any Python of ours."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import av
import pytest
from PIL import Image

from tests.packaging.conftest import ROOT

pytestmark = [pytest.mark.release, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """VCAM_TEST_ONEDIR names a folder where it is already; it is moved, so that nothing depends on its place."""
    folder = Path(os.environ.get("VCAM_TEST_ONEDIR") or tmp_path_factory.mktemp("onedir"))
    if not (folder / "vcam/vcam").exists():
        subprocess.run([ROOT / "packaging/build_onedir", folder], check=True, timeout=3000)
    moved = tmp_path_factory.mktemp("elsewhere") / "vcam"
    shutil.copytree(folder / "vcam", moved, symlinks=True)
    return moved / "vcam"


def run(program: Path, *words: str, folder: Path, codes: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run([program, *words], cwd=folder, capture_output=True, text=True, timeout=300, check=False,
                          env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8", "COLUMNS": "200"})
    assert done.returncode in codes, done.stderr
    return done.stdout


def test_it_composites(program: Path, tmp_path: Path) -> None:
    run(program, "run", "--source", "demo:", "--size", "320x180", "--background", "green", "--panel", "off", "--frames",
        "30", "--sink", "out.mkv", folder=tmp_path)
    with av.open(str(tmp_path / "out.mkv")) as film:
        pictures = [picture.to_ndarray(format="rgb24") for picture in film.decode(video=0)]
    red, green, blue = pictures[-1][10, 10]
    assert int(green) > max(int(red), int(blue)) + 80
    kept = [*tmp_path.rglob("*.nbi"), *program.parent.rglob("*.nbi")]
    assert kept, "kernels are not kept, so every start compiles them"


def test_it_cuts_out_in_processes_of_its_own(program: Path, tmp_path: Path) -> None:
    person = Image.open(ROOT / "vcam/assets/demo_person.webp").convert("RGBA")
    room = Image.new("RGBA", person.size, "#607080")
    room.alpha_composite(person)
    for name in ("one.jpg", "two.jpg"):
        room.convert("RGB").save(tmp_path / name)
    (tmp_path / "cut").mkdir()
    run(program, "cutout", "one.jpg", "two.jpg", "-o", "cut", folder=tmp_path)
    assert len(list((tmp_path / "cut").glob("*.png"))) == 2


def test_it_knows_itself(program: Path, tmp_path: Path) -> None:
    assert "brick-loft-evening" in run(program, "backgrounds", folder=tmp_path)
    told = run(program, "doctor", folder=tmp_path, codes=(0, 1))
    assert "files intact" in told
    assert "does not load" not in told
    assert run(program, "-m", "vcam", "--version", folder=tmp_path) == run(program, "--version", folder=tmp_path)


def test_it_has_nothing_that_must_not_be_shipped(program: Path) -> None:
    names = [path.name.lower() for path in program.parent.rglob("*")]
    assert not [name for name in names if "pyvirtualcam" in name or "pystray" in name]
