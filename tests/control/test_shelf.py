"""Pictures that were shown lately: found again as they were made, and not too many of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from vcam.config import Settings
from vcam.control import shelf as shelf_module
from vcam.control.shelf import Shelf
from vcam.control.wiring import load_backdrop, picture_settings
from vcam.frame import Size

SMALL, LARGE = (picture_settings(Settings.model_validate({}), size, None) for size in (Size(64, 36), Size(640, 360)))


def settings(folder: Path, name: str, **values: object) -> Settings:
    return Settings.model_validate({"background": name, "backgrounds_folder": str(folder)} | values)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in "abcdefghijkl":
        Image.new("RGB", (8, 8)).save(tmp_path / f"{name}.png")
    return tmp_path


def test_it_is_the_same_picture_only_in_the_same_shape(folder: Path) -> None:
    shelf, chosen = Shelf(), settings(folder, "a")
    made = load_backdrop(chosen, SMALL)
    shelf.keep(chosen, SMALL, made)
    assert shelf.take(chosen, SMALL) is made
    assert shelf.take(settings(folder, str(folder / "a.png")), SMALL) is made, "by any name"
    assert shelf.take(chosen, LARGE) is None
    assert shelf.take(settings(folder, "a", fit="contain"), SMALL) is None
    (folder / "a.png").unlink()
    assert shelf.take(chosen, SMALL) is None


def test_what_is_no_picture_is_made_anew(folder: Path) -> None:
    shelf = Shelf()
    for name in ("blur:60", "green", "slideshow:"):
        chosen = settings(folder, name)
        shelf.keep(chosen, SMALL, load_backdrop(chosen, SMALL))
        assert shelf.take(chosen, SMALL) is None


@pytest.mark.parametrize(("most_bytes", "kept"), [(1 << 30, 8), (3 * 64 * 54, 3), (1, 1)])
def test_the_ones_used_last_are_kept(folder: Path, monkeypatch: pytest.MonkeyPatch, most_bytes: int, kept: int) -> None:
    monkeypatch.setattr(shelf_module, "_MOST_BYTES", most_bytes)
    shelf = Shelf()
    for name in "abcdefghijkl":
        chosen = settings(folder, name)
        shelf.keep(chosen, SMALL, load_backdrop(chosen, SMALL))
        shelf.take(settings(folder, "a"), SMALL)  # always in use
    found = [name for name in "abcdefghijkl" if shelf.take(settings(folder, name), SMALL) is not None]
    assert len(found) == kept
    assert found[-1] in ("l", "a")
    assert ("a" in found) is (kept > 1)
