"""A whole room: processes, signals, and the panel of all."""

from __future__ import annotations

import json
import os
import re
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.test_headless import Service
from tests.servers.nginx import free_port

ROOM = """
size = "320x180"
panel = "{panel}"
{more}
[camera.left]
source = "demo:"
sink = ["null:"]
[camera.right]
source = "test:"
background = "green"
sink = ["null:"]
"""
TOKEN = "a-token-of-the-room"


class Room(Service):
    """The room as a service, and a visitor of its panel."""

    panel = 0
    token = ""

    def write(self, more: str = "", behind: str = "") -> None:
        self.panel = self.panel or free_port()
        self.configuration.write_text(ROOM.format(panel=f"127.0.0.1:{self.panel}", more=more) + behind)

    def ask(self, path: str, values: dict[str, Any] | None = None, more: dict[str, str] | None = None
            ) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        data = None
        if values is not None:
            data, headers["Content-Type"] = json.dumps(values).encode(), "application/json"
        request = urllib.request.Request(f"http://127.0.0.1:{self.panel}{path}", data, {**headers, **(more or {})})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except urllib.error.URLError:
            return 0, b""

    def cameras(self) -> dict[str, Any]:
        status, body = self.ask("/state")
        return json.loads(body)["cameras"] if status == 200 else {}

    def wait_until(self, true: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        deadline = time.monotonic() + 90
        while not true(told := self.cameras()):
            assert time.monotonic() < deadline and self.process and self.process.poll() is None, self.journal()
            time.sleep(0.1)
        return told

    def wait_until_live(self, *names: str) -> dict[str, Any]:
        return self.wait_until(lambda told: all(
            (told.get(name, {}).get("state") or {}).get("run", {}).get("rendered", 0) > 0 for name in names))


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path)
    made.write()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.stop()
    made.close()


def test_all_cameras_are_seen_and_told_what_to_do_in_one_place(room: Room) -> None:
    room.start()
    told = room.wait_until_live("left", "right")
    room.wait_for("READY=1", room.words)
    room.wait_for(r"STATUS=left: live, .* \| right: live", room.words)
    assert {name: camera["state"]["instance"] for name, camera in told.items()} == {"left": "left", "right": "right"}
    assert told["left"]["state"]["pid"] != told["right"]["state"]["pid"]
    assert room.ask("/left/snapshot.jpg")[1][:2] == b"\xff\xd8"
    status, body = room.ask("/left/commands/bg", {"name": "colour:navy"})
    assert (status, json.loads(body)["run"]["background"]) == (200, "colour navy")
    assert json.loads(room.ask("/right/state")[1])["run"]["background"] == "green screen"
    assert room.ask("/left/commands/bg", {"name": "no such thing"})[0] == 422
    assert room.ask("/middle/state")[0] == 404
    assert room.stop() == 0
    assert re.search(r"^<6>\[left\] null: \d+ pictures", room.journal(), re.MULTILINE)


def test_a_camera_that_crashes_comes_back_and_the_other_never_notices(room: Room) -> None:
    room.start()
    before = room.wait_until_live("left", "right")
    os.kill(before["left"]["state"]["pid"], signal.SIGKILL)
    room.wait_for("camera left ended with exit code -9, and is started again in 1 s", room.journal)
    after = room.wait_until(lambda told: bool(told["left"]["state"])
                            and told["left"]["state"]["pid"] != before["left"]["state"]["pid"])
    assert after["right"]["state"]["pid"] == before["right"]["state"]["pid"]
    assert after["right"]["state"]["run"]["sinks"][0]["dropped"] == 0
    assert room.stop() == 0


def test_cameras_come_and_go_with_the_configuration(room: Room) -> None:
    room.start()
    before = room.wait_until_live("left", "right")
    room.write(behind='[camera.middle]\nsource = "test:"\nsink = ["null:"]\n')
    room.configuration.write_text(room.configuration.read_text().replace("[camera.left]", "[camera.side]")
                                  .replace('"green"', '"colour:navy"'))
    assert room.process is not None
    room.process.send_signal(signal.SIGHUP)
    after = room.wait_until_live("side", "middle")
    assert set(after) == {"side", "right", "middle"}
    after = room.wait_until(lambda told: told["right"]["state"]["run"]["background"] == "colour navy")
    assert after["right"]["state"]["pid"] == before["right"]["state"]["pid"]
    room.configuration.write_text("[camera.right]\nsinks = 1\n")
    room.process.send_signal(signal.SIGHUP)
    room.wait_for("<3>the configuration is not followed: unknown setting 'sinks'", room.journal)
    assert set(room.cameras()) == {"side", "right", "middle"}


def test_no_camera_outlives_the_room(room: Room) -> None:
    room.start()
    pids = [camera["state"]["pid"] for camera in room.wait_until_live("left", "right").values()]
    assert room.process is not None
    room.process.kill()
    room.process.wait()
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < deadline, room.journal()
        time.sleep(0.1)


def test_strangers_see_no_camera(room: Room) -> None:
    room.write(more=f'panel_token = "{TOKEN}"')
    room.start()
    room.token = TOKEN
    room.wait_until_live("left")
    assert TOKEN.encode() not in room.ask("/state")[1]
    room.token = ""
    for path in ("/state", "/left/state", "/left/snapshot.jpg", "/left/view/picture"):
        assert room.ask(path)[0] == 401, path
    assert room.ask("/session", {"token": "wrong"})[0] == 401
    room.token = TOKEN
    for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert room.ask("/left/state", more=headers)[0] == 403, headers
    assert room.ask("/left/view/split")[0] == 403


@pytest.mark.parametrize(("more", "words", "told"), [
    ("", ["--sink", "null:"], "--sink cannot be meant for every camera"),
    ("", ["--json"], "--json is for one vcam"), ("", ["--name", "x"], "--name is for one vcam"),
    ("", ["--camera", "middle"], "there is no camera 'middle'"),
    ("backgruond = 1", [], "unknown setting 'backgruond'")])
def test_what_is_wrong_is_told_before_anything_starts(room: Room, more: str, words: list[str], told: str) -> None:
    room.write(more)
    room.start(*words)
    assert room.process is not None
    assert room.process.wait(60) == 2
    assert told in room.journal().replace("\n", " ")


def test_one_camera_can_be_run_alone(room: Room) -> None:
    room.start("--camera", "right", "--frames", "60", "--panel", "off")
    assert room.process is not None
    assert room.process.wait(60) == 0
    assert "[right] live: test picture → green screen" in room.journal()
