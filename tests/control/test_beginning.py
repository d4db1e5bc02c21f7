"""A start after a start: choices come back, and what is no longer there does not keep vcam from running."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.control.desk import FLAGS
from tests.parts import KnowingSegmenter
from vcam.control import wiring
from vcam.control.beginning import begin
from vcam.control.configuration import Configuration
from vcam.control.memory import Choice, Memory, Remembered, state_path
from vcam.control.state import State
from vcam.errors import ModelError, UsageError


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("VCAM_STATE_FOLDER", str(tmp_path))
    monkeypatch.setenv("VCAM_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setattr(wiring, "make_segmenter", lambda *arguments: KnowingSegmenter())
    return tmp_path


def begun(remembered: Remembered, forget: bool = False, **flags: object) -> State:
    """The state of a vcam that begins with this memory; it runs until it has made two pictures."""
    Memory(state_path("")).write(remembered)
    given = {"source": "test:", "sink": "null:", "size": "320x240"} | flags
    controller, assembly = begin(Configuration(given), forget=forget, frames=2)
    assembly.run.start()
    state = controller.state()
    assembly.run.stop()
    assembly.run.finish()
    return state


def test_choices_come_back_and_are_told() -> None:
    state = begun(Remembered({"background": Choice("colour:red"), "mirror": Choice(True)}, "work", ("colour:red",)))
    assert (state.settings["background"], state.settings["mirror"]) == ("colour:red", True)
    assert (state.profile, state.recent) == ("work", ("colour:red",))
    assert any("as you chose last: background colour:red, mirror True" in note for note in state.notes)


def test_a_flag_wins() -> None:
    state = begun(Remembered({"background": Choice("colour:red")}), background="colour:navy")
    assert state.settings["background"] == "colour:navy"
    assert state.notes == ()


def test_forgetting_is_for_good(folder: Path) -> None:
    state = begun(Remembered({"background": Choice("colour:red")}, recent=("colour:red",)), forget=True)
    assert (state.settings["background"], state.recent) == ("blur", ())
    assert not (folder / "state.json").exists()


@pytest.mark.parametrize(("choices", "left_out"), [
    ({"background": "/no/such/beach.jpg"}, {"background"}),
    ({"away_picture": "/no/such/lunch.jpg"}, {"away_picture"}),
    ({"background": "/no/such/beach.jpg", "mirror": True}, {"background"}),
    ({"source": "camera:97", "mirror": True}, {"source"}),
    ({"source": "/no/such/clip.mp4", "mirror": True, "background": "colour:red"}, {"source", "background", "mirror"}),
])
def test_what_is_no_longer_there_is_told_and_left_out(choices: dict[str, object], left_out: set[str]) -> None:
    Memory(state_path("")).write(Remembered({name: Choice(value) for name, value in choices.items()}))
    flags = {key: value for key, value in FLAGS.items() if key not in ("background", "source")}
    if "source" not in choices:
        flags["source"] = "test:"
    controller, assembly = begin(Configuration(flags))
    assembly.run.parts.source.close()
    state = controller.state()
    told = " ".join(state.notes)
    assert "left out" in told
    for name, value in choices.items():
        assert (str(state.settings[name]) == str(value)) is (name not in left_out), name
    assert Memory(state_path("")).read()[0].choices.keys() == choices.keys(), "it may be there the next time"


def test_a_network_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    def some(name: str, *arguments: object) -> KnowingSegmenter:
        if name == "multiclass":
            raise ModelError("model 'multiclass' is not here", "vcam models fetch multiclass")
        return KnowingSegmenter()

    monkeypatch.setattr(wiring, "make_segmenter", some)
    state = begun(Remembered({"model": Choice("multiclass"), "background": Choice("colour:red")}))
    assert (state.settings["model"], state.settings["background"]) == ("", "colour:red"), "left to the tier"
    assert state.model == "knowing", "what is in use is told all the same"
    assert any("multiclass" in note for note in state.notes)


def test_what_was_typed_is_never_left_out() -> None:
    with pytest.raises(UsageError, match="neither a file nor a known background"):
        begun(Remembered({"mirror": Choice(True)}), background="no-such")


@pytest.mark.parametrize(("privacy", "phase"), [("panic", "panic"), ("away", "away"), ("frozen", "away"),
                                                ("rubbish", "away")])
def test_who_was_hidden_when_vcam_died_stays_hidden(privacy: str, phase: str) -> None:
    state = begun(Remembered(privacy=privacy))
    assert state.run.phase == phase
    assert state.run.rendered == 0
    assert any("vcam resume" in note for note in state.notes)


def test_a_damaged_memory_is_told(folder: Path) -> None:
    (folder / "state.json").write_text("{")
    controller, assembly = begin(Configuration(FLAGS))
    assembly.run.parts.source.close()
    assert any("damaged" in note for note in controller.state().notes)
