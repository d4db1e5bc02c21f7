from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.tray.states import state
from vcam.app.tray import surroundings
from vcam.app.tray.menu import Plugged
from vcam.app.tray.surroundings import Cameras, page
from vcam.sources import v4l2_modes
from vcam.sources.v4l2_modes import Device

BRIO = Device("/dev/video0", "uvcvideo", "Logitech BRIO", captures=True, outputs=False)
METADATA = Device("/dev/video1", "uvcvideo", "Logitech BRIO", captures=False, outputs=False)
LOOPBACK = Device("/dev/video10", "v4l2 loopback", "vcam", captures=True, outputs=True)


class Machine:
    """What is plugged in."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.devices: list[Device] = []
        self.asked = 0
        self._folder = folder
        monkeypatch.setattr("sys.platform", "linux")
        monkeypatch.setattr(surroundings, "_DEVICES", folder)
        monkeypatch.setattr(v4l2_modes, "devices", self._list)

    def plug(self, *devices: Device) -> None:
        for path in self._folder.iterdir():
            path.unlink()
        for device in devices:
            (self._folder / Path(device.path).name).touch()
        self.devices = list(devices)

    def _list(self) -> list[Device]:
        self.asked += 1
        return self.devices


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_cameras_that_come_and_go_are_seen_and_virtual_ones_are_none(machine: Machine) -> None:
    cameras = Cameras()
    assert cameras.plugged(0) == ()
    machine.plug(BRIO, METADATA, LOOPBACK)
    assert cameras.plugged(1) == (Plugged("camera:Logitech BRIO", "Logitech BRIO", 0),)
    machine.plug()
    assert cameras.plugged(2) == ()


def test_drivers_are_only_asked_when_something_was_plugged_in(machine: Machine) -> None:
    cameras = Cameras()
    machine.plug(BRIO)
    for now in range(100):
        cameras.plugged(now)
    assert machine.asked == 1


def test_cameras_of_one_name_are_told_apart_by_number(machine: Machine) -> None:
    twin = Device("/dev/video2", "uvcvideo", "Logitech BRIO", captures=True, outputs=False)
    machine.plug(BRIO, twin)
    assert [camera.spec for camera in Cameras().plugged(0)] == ["camera:0", "camera:2"]
    assert [camera.name for camera in Cameras().plugged(0)] == ["Camera 0 (Logitech BRIO)", "Camera 2 (Logitech BRIO)"]


def test_the_panel_is_preferred_to_the_preview() -> None:
    assert page(state()) == ("preview", "http://127.0.0.1:8765/")
    assert page(state(notes=("panel: http://127.0.0.1:8750/",))) == ("panel", "http://127.0.0.1:8750/")
    bare = state()
    bare["run"]["sinks"] = []
    assert page(bare) == ("", "")
