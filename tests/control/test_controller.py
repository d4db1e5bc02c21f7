"""The controller: any thread commands, every follower sees the same truth, privacy overtakes everything."""

from __future__ import annotations

import json
import threading  # noqa: TID251
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.control.desk import Desk, command, desk
from tests.engine.test_demand import wait_until
from vcam.control import wiring
from vcam.control.memory import Choice, Memory, Remembered
from vcam.control.state import State
from vcam.engine.status import Phase
from vcam.errors import ControlError, UsageError


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Desk]:
    with desk(monkeypatch, tmp_path) as made:
        yield made


def until(states: Any, condition: Callable[[State], bool]) -> State:
    """The first state that a feed tells of which ``condition`` holds."""
    for _ in range(100):
        state = states.get(10)
        assert state is not None, "it was never told"
        if condition(state):
            return state
    raise AssertionError("it was never told")


def test_every_follower_is_told_of_a_command(at: Desk) -> None:
    heard: list[State] = []
    end = at.controller.follow(heard.append)
    with at.controller.feed() as first, at.controller.feed() as second:
        answer = at.obey("bg", name="colour:red")
        told = [until(feed, lambda state: state.settings["background"] == "colour:red" and not state.busy)
                for feed in (first, second)]
    wait_until(lambda: heard and heard[-1].settings["background"] == "colour:red")
    end()
    assert told[0].serial == told[1].serial > 0
    assert answer.settings == told[0].settings
    assert answer.recent == told[0].recent == ("colour:red",)
    assert all(before.serial < after.serial for before, after in pairwise(heard))


def test_a_new_follower_is_told_at_once_what_there_is(at: Desk) -> None:
    with at.controller.feed() as states:
        assert until(states, lambda state: True).run.size == "320x240"


def test_what_happens_by_itself_is_told_too(at: Desk) -> None:
    with at.controller.feed() as states:
        until(states, lambda state: state.run.phase is Phase.LIVE)
        at.assembly.run.parts.outputs.remove(at.sink)
        until(states, lambda state: len(state.run.sinks) == 1)


def test_a_loading_background_is_told_and_privacy_does_not_wait_for_it(at: Desk,
                                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    load, loading, go_on = wiring.load_backdrop, threading.Event(), threading.Event()

    def slow(*arguments: Any) -> Any:
        loading.set()
        go_on.wait(20)
        return load(*arguments)

    monkeypatch.setattr(wiring, "load_backdrop", slow)
    with at.controller.feed() as states:
        future = at.controller.submit(command("bg", name="colour:red"))
        assert loading.wait(20)
        until(states, lambda state: state.busy == "bg colour:red")
        assert at.obey("panic").run.phase is Phase.PANIC
        at.sink.wait_for(lambda s: s.kinds[-1] == "card")
        until(states, lambda state: state.privacy == "panic" and bool(state.busy))
        go_on.set()
        assert future.result(20).settings["background"] == "colour:red"
        until(states, lambda state: state.busy == "")
    assert at.obey("resume").privacy == "live"


def test_commands_from_many_threads_are_carried_out_one_after_another(at: Desk) -> None:
    names = ["colour:red", "colour:navy", "colour:white"] * 4
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda name: at.obey("bg", name=name).settings["background"], names))
    assert set(answers) == set(names)
    final = at.controller.state()
    assert final.settings["background"] == f"colour:{at.shown()}"
    assert final.run.failed == 0


def test_problems_are_told_until_it_works(at: Desk) -> None:
    for word, arguments in (("bg", {"name": "no-such"}), ("camera", {"name": "97"}), ("bg", {"name": "nor-this"})):
        with pytest.raises(Exception, match=r"no|97"):
            at.obey(word, **arguments)
    assert [problem.about for problem in at.controller.state().problems] == ["background", "camera"]
    assert at.controller.state().problems[0].hint
    assert [problem.about for problem in at.obey("blur").problems] == ["camera"]


def test_a_mistake_in_vcam_itself_is_an_answer_and_not_the_end(at: Desk, monkeypatch: pytest.MonkeyPatch,
                                                               caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(wiring, "load_backdrop", lambda *arguments: 1 // 0)
    with pytest.raises(ControlError, match="ZeroDivisionError"):
        at.obey("bg", name="colour:red")
    assert "ZeroDivisionError" in caplog.text
    monkeypatch.undo()
    assert at.obey("bg", name="colour:red").settings["background"] == "colour:red"


def test_a_command_is_checked_before_it_is_obeyed(at: Desk) -> None:
    with pytest.raises(UsageError, match="unknown command"):
        at.obey("dance")


def test_what_comes_too_late_is_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with desk(monkeypatch, tmp_path) as at:
        followed = at.controller.feed()
        at.controller.stop()
        with pytest.raises(ControlError, match="stopping"):
            at.obey("blur")
        list(followed)  # it ends


def test_quit_ends_the_run(at: Desk) -> None:
    at.obey("quit")
    assert at.assembly.run.wait(20)


def test_choices_are_saved_while_it_runs_and_privacy_only_for_the_worst(monkeypatch: pytest.MonkeyPatch,
                                                                       tmp_path: Path) -> None:
    memory = Memory(tmp_path / "state.json")
    with desk(monkeypatch, tmp_path) as at:
        at.obey("bg", name="colour:red")
        at.obey("panic")
        wait_until(lambda: memory.read()[0] == Remembered({"background": Choice("colour:red")}, "", ("colour:red",),
                                                          "panic"))
    assert memory.read()[0].privacy == "live", "it ended cleanly"
    with desk(monkeypatch, tmp_path) as at:
        at.obey("pause")
        at.controller.stop(clean=False)
    assert json.loads((tmp_path / "state.json").read_text())["privacy"] == "live", "the last stop was clean again"


def test_privacy_survives_a_bad_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with desk(monkeypatch, tmp_path) as at:
        at.obey("pause")
        monkeypatch.setattr(at.controller, "stop", lambda: None)
        type(at.controller).stop(at.controller, clean=False)
    assert Memory(tmp_path / "state.json").read()[0].privacy == "away"


def test_choices_that_cannot_be_saved_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with desk(monkeypatch, tmp_path) as at:
        (tmp_path / "state.json").mkdir()
        at.obey("bg", name="colour:red")
        with at.controller.feed() as states:
            until(states, lambda state: any("will not come back" in problem.text for problem in state.problems))


def test_a_state_is_json_of_one_line(at: Desk) -> None:
    at.obey("profile save", name="work")
    data = json.loads(at.controller.state().to_json())
    assert "\n" not in at.controller.state().to_json()
    assert data["settings"]["size"] == "320x240"
    assert (data["source"], data["sinks"]) == ("test:", ["null:", "memory:"])
    assert data["profiles"] == ["work"]
    assert {"name", "category", "kind"} == set(data["backgrounds"][0])
    assert data["pid"] > 0
