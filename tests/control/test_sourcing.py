"""Another camera, or the same one set up anew: a device is opened once at a time, and the old one comes back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.control.desk import Desk, desk
from tests.engine.test_demand import wait_until
from tests.parts import SceneSource, room_share
from vcam.config import Settings
from vcam.control import sourcing, wiring
from vcam.errors import SourceError, VcamError
from vcam.frame import Frame
from vcam.sources import Source
from vcam.sources.cameras import CameraInfo

CAMERAS = {"0": CameraInfo(0, "Desk", ""), "Desk": CameraInfo(0, "Desk", ""), "1": CameraInfo(1, "Wall", "")}


class Device(SceneSource):
    """A camera that nobody else may have open."""

    held: dict[int, Device] = {}  # noqa: RUF012
    broken: set[float] = set()  # noqa: RUF012

    def __init__(self, number: int, fps: float) -> None:
        super().__init__(live=True, fault=lambda seq: time.sleep(1 / fps))
        self.number, self.fps = number, fps

    def open(self) -> None:
        if self.held.get(self.number, self) is not self:
            raise SourceError(f"camera {self.number} is busy", "close the other program")
        if self.fps in self.broken:
            raise SourceError(f"camera {self.number} does not give {self.fps:g} pictures a second", "")
        super().open()
        self.held[self.number] = self

    def read(self) -> Frame | None:
        if self.held.get(self.number) is not self:
            raise SourceError(f"camera {self.number} is not open", "")
        return super().read()

    def close(self) -> None:
        if self.held.get(self.number) is self:
            del self.held[self.number]


def found(argument: str) -> CameraInfo:
    if argument not in CAMERAS:
        raise SourceError(f"no camera is called '{argument}'", "vcam devices")
    return CAMERAS[argument]


def chosen(settings: Settings, colour: object, notes: list[str]) -> tuple[str, Source]:
    spec = settings.source or "camera:0"
    return spec, Device(CAMERAS.get(spec.removeprefix("camera:"), CAMERAS["0"]).index, settings.fps or 30.0)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Desk]:
    monkeypatch.setattr(wiring, "choose_source", chosen)
    monkeypatch.setattr(sourcing, "find_camera", found)
    monkeypatch.setattr(sourcing, "check_access", lambda camera: None)
    for limit in ("output.STALL_SECONDS", "health.FROZEN_SECONDS"):
        monkeypatch.setattr(f"vcam.engine.{limit}", 60)
    Device.held, Device.broken = {}, set()
    with desk(monkeypatch, tmp_path, source="camera:0") as made:
        yield made
        assert max(room_share(picture) for picture in made.sink.pictures) == 0
    assert Device.held == {}


def test_the_same_camera_is_closed_before_it_is_opened_again(at: Desk) -> None:
    before = Device.held[0]
    state = at.obey("set", name="fps", value=15)
    assert state.run.problem == ""
    assert Device.held[0] is not before
    assert Device.held[0].fps == 15
    assert at.shown() == "navy"


@pytest.mark.parametrize("name", ["Desk", "0"])
def test_another_name_of_the_same_camera_is_the_same_camera(at: Desk, name: str) -> None:
    assert at.obey("camera", name=name).source == f"camera:{name}"
    assert at.shown() == "navy"


def test_another_camera_is_opened_before_the_old_one_is_closed(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    at.obey("camera", name="1")
    wait_until(lambda: Device.held.keys() == {1})
    assert at.shown() == "navy"
    assert set(at.sink.kinds[3:]) == {"composite"}


def test_a_camera_that_cannot_be_set_up_so_comes_back_as_it_was(at: Desk) -> None:
    Device.broken = {60}
    with pytest.raises(SourceError, match="does not give 60"):
        at.obey("set", name="fps", value=60)
    assert Device.held[0].fps == 30
    assert at.controller.state().settings["fps"] is None
    assert at.shown() == "navy"


def test_one_that_does_not_come_back_either_is_waited_for(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vcam.engine.capture.BACKOFF", (0.05,))
    Device.broken = {60, 30}
    with pytest.raises(SourceError, match="does not give 60"):
        at.obey("set", name="fps", value=60)
    wait_until(lambda: "does not give 30" in at.assembly.run.parts.capture.problem)
    Device.broken = set()
    assert at.shown() == "navy"
    assert at.controller.state().run.reopened == 1


def test_a_camera_that_is_not_there_leaves_the_old_one_alone(at: Desk) -> None:
    before = Device.held[0]
    with pytest.raises(SourceError, match="no camera is called 'Hall'"):
        at.obey("camera", name="Hall")
    assert Device.held[0] is before
    assert at.shown() == "navy"


def test_while_the_user_hides_no_light_goes_on(at: Desk) -> None:
    at.obey("pause")
    wait_until(lambda: Device.held == {})
    assert at.obey("camera", name="1").source == "camera:1"
    with pytest.raises(SourceError, match="no camera is called 'Hall'"):
        at.obey("camera", name="Hall")
    assert Device.held == {}
    at.obey("resume")
    wait_until(lambda: Device.held.keys() == {1})
    assert at.shown() == "navy"


def test_a_camera_that_hangs_is_told_and_kept(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vcam.engine.parts.JOIN_SECONDS", 0)

    def busy(self: Any, seconds: float) -> bool:
        return False

    monkeypatch.setattr("vcam.engine.capture.Capture.join", busy)
    with pytest.raises(VcamError, match="hangs and cannot be set up anew"):
        at.obey("set", name="fps", value=15)
    monkeypatch.undo()
    monkeypatch.setattr("vcam.engine.output.STALL_SECONDS", 60)
    assert at.controller.state().settings["fps"] is None
    assert at.shown() == "navy", "it is opened again once it has let go"
