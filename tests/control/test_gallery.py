"""The way through the backgrounds."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

import pytest
from PIL import Image

from vcam.control.gallery import RECENT, Gallery, with_recent
from vcam.errors import UsageError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.png", "a.jpg"):
        Image.new("RGB", (8, 8)).save(tmp_path / name)
    (tmp_path / "c.mp4").touch()
    return tmp_path


def test_own_ones_come_first(folder: Path) -> None:
    known = Gallery(folder).known()
    assert [(item.name, item.category, item.kind) for item in known[:3]] == [
        ("a", "yours", "picture"), ("b", "yours", "picture"), ("c", "yours", "video")]
    assert {item.category for item in known[3:]} == {"bundled"}


def test_next_and_previous_go_all_the_way_round(folder: Path) -> None:
    gallery = Gallery(folder)
    assert list(gallery.following("a", 1, "yours")) == ["b", "c", "a"]
    assert list(gallery.following("a", -1, "yours")) == ["c", "b", "a"]
    assert next(gallery.following(str(folder / "b.png"), 1, "yours")) == "c", "a path is found again"
    assert next(gallery.following("blur:60", 1, "yours")) == "a"
    assert next(gallery.following("blur:60", -1, "yours")) == "c"
    names = [item.name for item in gallery.known()]
    assert list(gallery.following(names[-1], 1)) == names


def test_a_category_that_is_empty_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no backgrounds of the category 'yours'"):
        next(Gallery(tmp_path / "none").following("blur", 1, "yours"))


def test_what_is_put_into_the_folder_is_found(folder: Path) -> None:
    gallery = Gallery(folder)
    gallery.known()
    Image.new("RGB", (8, 8)).save(folder / "aa.png")
    os.utime(folder, ns=(1, 1))  # whatever the file system's clock ticks in
    assert [item.name for item in islice(gallery.known(), 3)] == ["a", "aa", "b"]
    gallery.use(folder / "elsewhere")
    assert gallery.known()[0].category == "bundled"


def test_recent_ones_are_few_and_new_first() -> None:
    recent: tuple[str, ...] = ()
    for name in "abcabdefghijk":
        recent = with_recent(recent, name)
    assert recent[:3] == ("k", "j", "i")
    assert len(recent) == len(set(recent)) == RECENT
