"""Runs in the guest: the whole program between the kernel's test webcam (vivid) and the first free virtual camera.

With v4l2loopback 0.12.7 nobody can tell whether somebody watches.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.vm.program import RUN, Program
from tests.vm.room import GREEN, share
from tests.vm.viewer import figure
from tests.vm.watching import watching
from tests.vm.webcam import is_camera
from vcam.frame import Pixels

WEBCAM, DEVICE = "/dev/video0", "/dev/video10"
VIVID = Path("/sys/bus/platform/drivers/vivid")
RED = (0, 0, 255)  # blue, green, red: what the webcam is made to show
COUNT = 8


def shows_room(picture: Pixels) -> bool:
    return share(picture, RED, 90) > 0


def is_background(picture: Pixels) -> bool:
    """The webcam's picture has nobody in it."""
    return share(picture, GREEN, 24) > 0.9


def is_card(picture: Pixels) -> bool:
    return share(picture, (46, 36, 30), 40) > 0.6


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    subprocess.run(["v4l2-ctl", "-d", WEBCAM, "-c", "test_pattern=6"], check=True)  # 100 % red
    program = Program(tmp_path_factory.mktemp("program"), "--source", "camera:0", "--sink", "v4l2:",
                      *RUN)
    program.wait(lambda state: state["phase"] == "live")
    yield program
    assert program.stop() == 0, program.errors()


def test_the_viewer_sees_the_background_and_never_the_room(program: Program) -> None:
    assert is_camera(DEVICE)
    with watching(DEVICE, shows_room) as watch:
        watch.until(is_background)
        began, before = time.monotonic(), watch.count
        while watch.count < before + COUNT:
            watch.until(is_background)
        figure(f"vivid to viewer, 320x180: {COUNT / (time.monotonic() - began):.1f} pictures a second")


def test_nobody_can_tell_who_watches_so_the_camera_stays_on(program: Program) -> None:
    states = program.reports(10)  # longer than it waits before it switches an unwatched camera off
    assert {state["sinks"][0]["watchers"] for state in states} == {None}
    assert all(state["camera_on"] for state in states)
    assert states[-1]["rendered"] > states[0]["rendered"]
    assert program.is_holding(WEBCAM)


def test_the_driver_cannot_be_taken_away_while_it_is_fed(program: Program) -> None:
    removal = subprocess.run(["rmmod", "v4l2loopback"], capture_output=True, text=True, check=False)
    assert removal.returncode == 1
    assert "is in use" in removal.stderr
    with watching(DEVICE, shows_room) as watch:
        watch.until(is_background)


def test_the_webcam_is_unplugged_and_comes_back(program: Program) -> None:
    with watching(DEVICE, shows_room) as watch:
        watch.until(is_background)
        (VIVID / "unbind").write_text("vivid.0")
        watch.until(is_card)
        program.wait(lambda state: state["phase"] == "card" and "camera 0" in state["problem"])
        (VIVID / "bind").write_text("vivid.0")
        subprocess.run(["v4l2-ctl", "-d", WEBCAM, "-c", "test_pattern=6"], check=True)
        program.wait(lambda state: state["phase"] == "live" and state["reopened"] > 0)
        watch.until(is_background)
