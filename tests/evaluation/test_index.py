"""Indexes: what is read from them, and one clear line for everything that can be wrong with one."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from tests.evaluation.sets import SIZE, entry, write_index, write_set
from vcam.errors import EvaluationError, UsageError
from vcam.evaluation.index import TruthKind, read_index


def test_every_kind_of_clip(tmp_path: Path) -> None:
    index = read_index(write_set(tmp_path))
    moving, masked, real, bare, photo = index.clips
    assert index.name == "drawn"
    assert [clip.truth_kind for clip in index.clips] == [TruthKind.EXACT, TruthKind.MASK, TruthKind.NONE,
                                                         TruthKind.NONE, TruthKind.PSEUDO]
    assert (moving.file, moving.truth) == (tmp_path / "moving.mkv", tmp_path / "moving_pha.mkv")
    assert (moving.size, moving.fps, moving.frames) == (SIZE, Fraction(25), 6)
    assert moving.remark == "a disc <moving> · drawn · none needed"
    assert masked.compared_with == tmp_path / "masked_pha.mkv"
    assert (real.truth, real.compared_with) == (None, tmp_path / "real_ref.mkv")
    assert bare.compared_with is None
    assert photo.is_still
    assert photo.fps == 1


def test_fractions_of_a_frame_a_second(tmp_path: Path) -> None:
    write_set(tmp_path)
    assert read_index(write_index(tmp_path, entry("moving", fps=29.97))).clips[0].fps == Fraction(2997, 100)


def test_a_set_without_a_name_has_its_folders(tmp_path: Path) -> None:
    write_set(tmp_path)
    path = write_index(tmp_path, entry("moving"))
    path.write_text(path.read_text().replace('"set": "drawn"', '"set": ""'))
    assert read_index(path).name == tmp_path.name


@pytest.mark.parametrize(("change", "told"), [
    ({"gt_kind": "certain"}, "unknown gt_kind 'certain'"),
    ({"gt_kind": " "}, "unknown gt_kind"),
    ({"gt": None}, "its gt_kind is 'exact', but it has no 'gt'"),
    ({"gt_kind": None}, "its 'gt' has no gt_kind"),
    ({"file": "no.mkv"}, "no.mkv' does not exist"),
    ({"gt": "no.mkv"}, "no.mkv' does not exist"),
    ({"file": ""}, "'file' is empty"),
    ({"gt": None, "gt_kind": None, "ref": "no.mkv"}, "no.mkv' does not exist"),
    ({"kind": "still"}, "a still has one frame, not 6"),
    ({"fps": None}, "needs 'fps'"),
    ({"fps": 0}, "'fps'"),
    ({"frames": 0}, "'frames'"),
    ({"frames": "many"}, "'frames'"),
    ({"size": [96]}, "'size"),
    ({"size": [96, 0]}, "'size"),
    ({"size": [9600, 64]}, "'size"),
    ({"name": "../up"}, "'name'"),
    ({"name": ""}, "'name'"),
    ({"kind": None}, "'kind'"),
    ({"name": "Second"}, "another clip has that name")])
def test_a_bad_clip_is_named_with_its_reason(tmp_path: Path, change: dict[str, object], told: str) -> None:
    write_set(tmp_path)
    path = write_index(tmp_path, entry("second", file="moving.mkv", gt="moving_pha.mkv"), entry("moving") | change)
    with pytest.raises(EvaluationError) as caught:
        read_index(path)
    assert told in caught.value.message
    assert f"clip 2 ('{change.get('name', 'moving')}')" in caught.value.message
    assert caught.value.hint
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"set": "x"}', '{"clips": []}', '{"clips": [3]}', "\x00\xff"])
def test_a_file_that_is_no_index(tmp_path: Path, content: str) -> None:
    (tmp_path / "index.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(EvaluationError, match="is not an index") as caught:
        read_index(tmp_path / "index.json")
    assert "\n" not in str(caught.value)


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        read_index(tmp_path / "index.json")
    with pytest.raises(UsageError, match="is a folder"):
        read_index(tmp_path)
