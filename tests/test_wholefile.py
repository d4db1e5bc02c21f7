"""Files that are there whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from vcam.errors import UsageError
from vcam.wholefile import check_target, replacing, write_whole


def test_it_replaces_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write_whole(path, b"old")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), replacing(path) as temporary:
        assert temporary.suffix == ".mkv"
        temporary.write_bytes(b"half")
        raise ZeroDivisionError
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_others_may_read_it_as_they_may_any_file(tmp_path: Path) -> None:
    write_whole(tmp_path / "whole", b"")
    (tmp_path / "plain").touch()
    assert (tmp_path / "whole").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_targets_are_checked_beforehand(tmp_path: Path) -> None:
    check_target(tmp_path / "new.json")
    for path, told in ((tmp_path / "no" / "new.json", "its folder does not exist"), (tmp_path, "it is a folder")):
        with pytest.raises(UsageError, match=told):
            check_target(path)
