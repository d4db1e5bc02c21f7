"""The named backgrounds: bundled ones are found in a checkout as in an installed package; broken ones are named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image

from vcam.backdrops import library


def test_bundled_pictures_are_many_large_and_whole() -> None:
    bundled = [item for item in library.items(Path("/nonexistent"), check=True) if item.origin == "bundled"]
    assert len(bundled) >= 8
    assert [item.problem for item in bundled] == [""] * len(bundled)
    for item in bundled:
        with Image.open(item.path) as picture:
            assert picture.size == (1920, 1080)


def test_own_pictures_come_first_and_broken_ones_say_why(tmp_path: Path) -> None:
    (tmp_path / "torn.png").write_bytes(b"\x89PNG torn")
    bundled = next(library.bundled_folder().glob("*.jpg"))
    shutil.copy(bundled, tmp_path / bundled.name)
    found = {item.name: item for item in library.items(tmp_path, check=True)}
    assert found[bundled.stem].origin == "yours"
    assert "torn.png" in found["torn"].problem
    assert library.find(bundled.stem, tmp_path) == tmp_path / bundled.name


def test_an_installed_package_carries_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "vcam" / "_backgrounds").mkdir(parents=True)
    (tmp_path / "backgrounds").mkdir()
    monkeypatch.setattr(library, "files", lambda package: tmp_path / package)
    assert library.bundled_folder() == tmp_path / "vcam" / "_backgrounds"
    shutil.rmtree(tmp_path / "vcam" / "_backgrounds")
    assert library.bundled_folder() == tmp_path / "backgrounds"
