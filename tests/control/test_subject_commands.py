"""What is pointed at, and the empty room, on a real run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.control.desk import desk
from vcam.errors import UsageError
from vcam.refine.plate import CAPTURE_FRAMES


def test_things_are_kept_dropped_and_forgotten(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with desk(monkeypatch, tmp_path) as at:
        subject = at.assembly.run.parts.pipeline.refiner.subject
        at.obey("keep", x=0.06, y=0.5)
        at.obey("drop", x=0.94, y=0.5)
        assert subject.things == 2
        at.obey("forget")
        assert subject.things == 0


def test_a_point_outside_is_an_error_and_nothing_changes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with desk(monkeypatch, tmp_path) as at:
        with pytest.raises(UsageError):
            at.obey("keep", x=1.5, y=0.5)
        assert at.assembly.run.parts.pipeline.refiner.subject.things == 0


def test_the_empty_room_is_learnt_in_a_second(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with desk(monkeypatch, tmp_path) as at:
        plate = at.assembly.run.parts.pipeline.refiner.plate
        at.obey("plate capture")
        at.later(CAPTURE_FRAMES + 10)
        assert plate.capturing == 0
        at.obey("plate forget")


def test_another_tier_keeps_what_was_learnt(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with desk(monkeypatch, tmp_path) as at:
        before = at.assembly.run.parts.pipeline
        at.director.adapt("light")
        after = at.assembly.run.parts.pipeline
        assert after is not before
        assert after.refiner is before.refiner
        assert at.controller.state().settings["tier"] == "light"
        assert "tier" not in at.director.remembered.choices


def test_main_person_and_light_are_changed_between_two_frames(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with desk(monkeypatch, tmp_path) as at:
        at.director.change(subject="main", light_match=40, light_wrap="30")
        picture = at.assembly.run.parts.pipeline.settings
        assert (picture.only_main, picture.light.match, picture.light.wrap) == (True, 0.4, 0.3)
        at.later()
        assert at.assembly.run.parts.pipeline.refiner.subject.only_main
