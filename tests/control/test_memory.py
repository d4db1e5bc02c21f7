"""What was chosen comes back, unless something newer was typed; damaged files are told and replaced."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcam.control.configuration import Configuration
from vcam.control.memory import Choice, Memory, Remembered, state_path


@pytest.fixture
def typed(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def begun(typed: Path, remembered: Remembered, lines: str = "", **flags: object) -> tuple[str, set[str]]:
    """The background that vcam would begin with, and which settings are earlier choices."""
    typed.write_text(lines)
    settings, chosen = remembered.applied(Configuration(flags, typed))
    return settings.background, chosen


def chosen(value: str = "beach", over: str | None = None) -> Remembered:
    return Remembered({"background": Choice(value, over)})


def test_a_choice_comes_back(typed: Path) -> None:
    assert begun(typed, chosen()) == ("beach", {"background"})
    assert begun(typed, Remembered()) == ("blur", set())


def test_a_choice_is_newer_than_what_the_file_said_then(typed: Path) -> None:
    assert begun(typed, chosen(over="green"), 'background = "green"') == ("beach", {"background"})


@pytest.mark.parametrize("lines", ['background = "blur:20"', ""])
def test_the_file_wins_once_it_says_something_else(typed: Path, lines: str) -> None:
    background, names = begun(typed, chosen(over="green"), lines)
    assert (background, names) == ("blur:20" if lines else "blur", set())


def test_a_line_typed_after_the_choice_wins(typed: Path) -> None:
    assert begun(typed, chosen(), 'background = "green"') == ("green", set())


def test_flags_and_environment_always_win(typed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert begun(typed, chosen(), background="none") == ("none", set())
    assert begun(typed, chosen(over="green"), 'background = "green"', background="red") == ("red", set())
    monkeypatch.setenv("VCAM_BACKGROUND", "navy")
    assert begun(typed, chosen()) == ("navy", set())


def test_a_size_is_not_forced_on_a_source_that_is_named_now(typed: Path) -> None:
    remembered = Remembered({"size": Choice("640x360"), "fps": Choice(15.0), "mirror": Choice(True)})
    assert begun(typed, remembered)[1] == {"size", "fps", "mirror"}
    assert begun(typed, remembered, source="clip.mp4")[1] == {"mirror"}


def test_it_is_all_in_the_file(tmp_path: Path) -> None:
    everything = Remembered({"background": Choice("beach", "green"), "fps": Choice(24.0)}, "work", ("beach", "blur"),
                            "panic")
    memory = Memory(tmp_path / "deep" / "state.json")
    assert memory.read() == (Remembered(), "")
    assert memory.write(everything) == ""
    assert Memory(tmp_path / "deep" / "state.json").read() == (everything, "")
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["state.json"]
    memory.forget()
    assert memory.read() == (Remembered(), "")


def test_it_is_written_only_if_there_is_news(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "state.json")
    memory.write(Remembered())
    assert not (tmp_path / "state.json").exists()
    memory.write(chosen())
    (tmp_path / "state.json").unlink()
    memory.write(chosen())
    assert not (tmp_path / "state.json").exists()


@given(st.binary(max_size=200) | st.builds(lambda data: json.dumps(data).encode(), st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["choices", "profile", "recent", "privacy", "background", "value", "over"]), inner))))
def test_whatever_is_in_the_file_it_is_read_or_told(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("memory") / "state.json"
    path.write_bytes(content)
    remembered, problem = Memory(path).read()
    assert remembered == Remembered() or not problem
    if content == b"":
        assert "damaged" in problem


def test_a_damaged_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text('{"choices": {"backgr')
    memory = Memory(path)
    remembered, problem = memory.read()
    assert remembered == Remembered()
    assert str(path) in problem
    assert "damaged" in problem
    memory.write(chosen())
    assert Memory(path).read() == (chosen(), "")


def test_values_that_do_not_fit_are_named_and_the_others_kept(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    content = {"choices": {"background": {"value": "beach", "over": None}, "fit": {"value": "sideways", "over": None},
                           "from_the_future": {"value": 1, "over": None}, "sink": {"value": ["a.mp4"], "over": None}},
               "profile": "", "recent": [], "privacy": "live"}
    path.write_text(json.dumps(content))
    remembered, problem = Memory(path).read()
    assert remembered == chosen()
    assert "fit" in problem
    assert "from_the_future" not in problem


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    memory = Memory(tmp_path / "file" / "state.json")
    assert "will not come back" in memory.write(chosen())


def test_every_instance_has_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VCAM_STATE_FOLDER", str(tmp_path))
    assert state_path("") == tmp_path / "state.json"
    assert state_path("two") == tmp_path / "state-two.json"
    monkeypatch.delenv("VCAM_STATE_FOLDER")
    assert "vcam" in state_path("").parts


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.mkdir()  # also root cannot read that
    assert stat.S_ISDIR(path.stat().st_mode)
    assert "cannot be read" in Memory(path).read()[1]
