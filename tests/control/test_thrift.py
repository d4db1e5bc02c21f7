"""A run is held to its budget."""

from __future__ import annotations

from dataclasses import replace

from vcam.config import Settings
from vcam.control.thrift import WINDOW_SECONDS, Thrift
from vcam.engine.status import Phase, RunStatus

BASE = RunStatus(Phase.LIVE, "", "scene", "blur", "640x480", 0, 0, 0, 0, 0, 30, 50)
MODEST = Settings.model_validate({"budget": 15})


def windows(thrift: Thrift, settings: Settings, cpu: float, count: int, rendered: float = 30, captured: float = 30,
            phase: Phase = Phase.LIVE) -> list[str]:
    """What it says after each window of ``count``."""
    said = []
    for number in range(count + 1):
        seconds = number * WINDOW_SECONDS
        run = replace(BASE, phase=phase, cpu=cpu, rendered=int(rendered * seconds), captured=int(captured * seconds))
        said.append(thrift.look(seconds, settings, run))
    return said


def test_without_a_budget_it_says_nothing() -> None:
    assert set(windows(Thrift(), Settings.model_validate({}), 400, 20)) == {""}


def test_over_the_budget_it_asks_for_a_lighter_tier_and_says_why() -> None:
    thrift = Thrift()
    assert windows(thrift, MODEST, 40, 2)[-1] == "light"
    assert "over the budget" in thrift.reason


def test_a_dark_room_is_nobodys_fault() -> None:
    """The camera gives 12 pictures a second, and all are rendered."""
    assert set(windows(Thrift(), MODEST, 14, 20, rendered=12, captured=12)) == {""}


def test_a_computer_that_does_not_keep_up_gets_less_work() -> None:
    assert "light" in windows(Thrift(), Settings.model_validate({"budget": 100}), 90, 3, rendered=18, captured=30)


def test_idle_and_paused_windows_do_not_count() -> None:
    assert set(windows(Thrift(), MODEST, 90, 20, phase=Phase.IDLE)) == {""}
    assert set(windows(Thrift(), MODEST, 90, 20, phase=Phase.AWAY)) == {""}


def test_what_the_user_chooses_begins_anew() -> None:
    thrift = Thrift()
    windows(thrift, MODEST, 40, 2)
    assert thrift.look(100, Settings.model_validate({"budget": 30, "tier": "default"}), BASE) == ""
    assert thrift.reason == ""
