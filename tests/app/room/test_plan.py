"""What a configuration with several cameras means."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vcam import config
from vcam.app.room.plan import make_plan
from vcam.config import resolve
from vcam.control.configuration import Configuration
from vcam.errors import ConfigError, UsageError

ROOM = """
background = "blur:70"
fps = 15
[camera.left]
source = "demo:"
sink = ["null:"]
[camera.right]
source = "test:"
sink = ["null:", "udp://127.0.0.1:5004"]
background = "green"
"""


@pytest.fixture
def room(tmp_path: Path) -> Path:
    path = tmp_path / "room.toml"
    path.write_text(ROOM)
    return path


def test_a_cameras_own_table_wins(room: Path) -> None:
    assert make_plan({}, room).cameras == ("left", "right")
    left, right = (resolve({}, {}, room, camera).settings for camera in ("left", "right"))
    assert (left.background, left.fps, left.source) == ("blur:70", 15, "demo:")
    assert (right.background, right.fps, right.sink) == ("green", 15, ("null:", "udp://127.0.0.1:5004"))


def test_without_a_camera_the_tables_are_left_out(room: Path) -> None:
    assert resolve({}, {}, room).settings.sink == ()


def test_a_camera_reads_its_own_table_again(room: Path) -> None:
    configuration = Configuration({}, room, "right")
    room.write_text(ROOM.replace('"green"', '"colour:navy"'))
    assert configuration.in_file["background"] == "green"
    assert configuration.read_again().settings.background == "colour:navy"


def test_flags_are_for_every_camera(room: Path) -> None:
    flags: dict[str, Any] = {"mirror": True, "loop": False, "fps": "10", "panel": "9000", "background": None}
    assert make_plan(flags, room).flags == ("--mirror", "--no-loop", "--fps", "10")


@pytest.mark.parametrize(("before", "after", "words"), [
    ('sink = ["null:"]', "", "camera 'left' in .* has no sink"),
    ('background = "green"', 'backgruond = "green"', "unknown setting 'backgruond' in .*, camera 'right' – did you"),
    ("fps = 15", "fps = -1", "setting 'fps' in .* is '-1'"),
    ('source = "test:"', "fps = 0", "setting 'fps' in .*, camera 'right' is '0'"),
    ("[camera.left]", "[camera.'on the left']", "'on the left' in .* is no name for a camera"),
    ('source = "demo:"', 'source = "demo:"\npanel = "9000"', "camera 'left' in .* has a panel of its own"),
    (ROOM, "camera = 3", "'camera' in .* is no table"), (ROOM, "camera.left = 3", "'camera' in .* is no table")])
def test_what_is_wrong_is_told(room: Path, before: str, after: str, words: str) -> None:
    room.write_text(ROOM.replace(before, after))
    with pytest.raises(ConfigError, match=words):
        make_plan({}, room)


def test_one_device_for_two_is_told(room: Path) -> None:
    room.write_text(ROOM.replace("demo:", "camera:0").replace("test:", "camera:0"))
    with pytest.raises(ConfigError, match=r"cameras 'left' and 'right' in .* are both 'camera:0'"):
        make_plan({}, room)


@pytest.mark.parametrize("flag", ["sink", "source"])
def test_what_only_one_can_have_is_no_flag_for_all(room: Path, flag: str) -> None:
    with pytest.raises(UsageError, match=f"--{flag} cannot be meant for every camera"):
        make_plan({flag: ["x"]}, room)


def test_a_camera_that_is_not_there_is_told(room: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no camera 'middle' in .* – known: left, right"):
        Configuration({}, room, "middle")
    assert config.cameras(room) == ("left", "right")
