"""Profiles: saved, found again, and damaged files told."""

from __future__ import annotations

from pathlib import Path

import pytest

from vcam.control.profiles import Profiles
from vcam.errors import ConfigError, UsageError


@pytest.fixture
def profiles(tmp_path: Path) -> Profiles:
    return Profiles(tmp_path / "deep" / "profiles.toml")


def test_what_was_saved_comes_back(profiles: Profiles) -> None:
    values = {"background": "beach", "mirror": True, "fps": 24.0, "size": None}
    assert profiles.names() == ()
    profiles.save("at work", values)
    profiles.save("home", {"mirror": False})
    assert profiles.names() == ("at work", "home")
    assert profiles.load("at work") == {"background": "beach", "mirror": True, "fps": 24.0}
    profiles.save("home", {"mirror": True})
    assert profiles.load("home") == {"mirror": True}
    profiles.delete("home")
    assert profiles.names() == ("at work",)


def test_comments_stay(tmp_path: Path) -> None:
    path = tmp_path / "profiles.toml"
    path.write_text('# mine\n[work]\nmirror = true  # the mirror\n')
    Profiles(path).save("home", {"mirror": False})
    assert "# mine" in path.read_text()
    assert "# the mirror" in path.read_text()


def test_unknown_ones_are_told_with_the_nearest(profiles: Profiles) -> None:
    with pytest.raises(UsageError, match="vcam profile save"):
        profiles.load("work")
    profiles.save("work", {})
    for action in (profiles.load, profiles.delete):
        with pytest.raises(UsageError, match="did you mean 'work'"):
            action("wrok")


@pytest.mark.parametrize("name", ["", "  ", "-x", "a\nb", "x" * 41])
def test_what_is_no_name_is_refused(profiles: Profiles, name: str) -> None:
    with pytest.raises(UsageError, match="no name for a profile"):
        profiles.save(name, {"mirror": True})
    assert profiles.names() == ()


@pytest.mark.parametrize("content", [b"[work", b"\xff\xfe\x00", b"a = 1\na = 2\n"])
def test_a_damaged_file_is_told_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "profiles.toml"
    path.write_bytes(content)
    for action in (lambda: Profiles(path).names(), lambda: Profiles(path).save("work", {"mirror": True})):
        with pytest.raises(ConfigError, match="not TOML"):
            action()
    assert path.read_bytes() == content


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"cannot be (read|written)"):
        Profiles(tmp_path / "file" / "profiles.toml").save("work", {})
