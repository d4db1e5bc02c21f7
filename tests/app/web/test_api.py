"""The API: the table's commands, the same state for everybody, numbers, streams."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.app.web.visiting import JSON, Visit, visit
from tests.control.desk import background_of
from tests.engine.test_demand import wait_until
from vcam.app.web.commanding import path_of
from vcam.app.web.openapi import description
from vcam.app.web.thumbnails import Thumbnails
from vcam.control.commands import TABLE


def test_every_command_of_the_table_has_a_path(at: Visit) -> None:
    paths = description()["paths"]
    assert at.ask("/openapi.json").json == json.loads(json.dumps(description()))
    for verb in TABLE.verbs().values():
        schema = paths[path_of(verb)]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert schema.get("properties", {}).keys() == {parameter.name for parameter in verb.parameters}
        assert at.tell(verb.word, nonsense=1).status == 422


def test_a_command_changes_what_leaves(at: Visit) -> None:
    answer = at.tell("bg", name="colour:red")
    assert (answer.status, answer.json["settings"]["background"]) == (200, "colour:red")
    assert at.desk.shown() == "red"
    assert at.ask("/state").json["settings"]["background"] == "colour:red"
    at.tell("bg", name="colour:navy")


@pytest.mark.parametrize(("path", "body", "status"), [
    ("/commands/dance", b"{}", 404), ("/commands/bg", b"{}", 422), ("/commands/bg", b"[]", 422),
    ("/commands/bg", b'{"name"', 422), ("/commands/bg", b'{"name": "no-such"}', 422),
    ("/commands/bg", b"[" * 9999, 422),
    ("/commands/blur", b'{"strength": 1000}', 422), ("/commands/blur", b'{"self": 1}', 422),
    ("/commands/blur", b'{"word": 1}', 422), ("/commands/bg", b'{"name": "' + b"a" * 70000 + b'"}', 422),
    ("/commands/camera", b'{"name": "97"}', 409)])
def test_what_cannot_be_done_is_explained(at: Visit, path: str, body: bytes, status: int) -> None:
    answer = at.ask(path, "POST", body, JSON)
    assert answer.status == status
    assert answer.json["error"]
    at.tell("bg", name="colour:navy")


def test_a_state_tells_no_token(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with visit(monkeypatch, tmp_path, panel_token="0123456789abcdef") as at:
        assert b"0123456789abcdef" not in at.ask("/state").body
        connection, events = at.open("/events")
        assert "0123456789abcdef" not in json.dumps(next_state(events))
        connection.close()


def next_state(events: Any) -> dict[str, Any]:
    """The next state of an event stream."""
    while True:
        line = events.readline()
        assert line, "the stream ended"
        if line.startswith(b"data: "):
            state: dict[str, Any] = json.loads(line[6:])
            return state


def test_all_front_ends_see_the_same_state_soon(at: Visit) -> None:
    connection, events = at.open("/events")
    next_state(events)
    late: list[float] = []
    with at.desk.controller.feed() as states:
        for colour in ("white", "red", "navy"):
            at.desk.obey("bg", name=f"colour:{colour}")
            other = None
            while other is None or other.settings["background"] != f"colour:{colour}":
                other = states.get(10)
            begun = time.monotonic()
            while (state := next_state(events))["settings"]["background"] != f"colour:{colour}":
                pass
            late.append(time.monotonic() - begun)
            assert state["serial"] >= other.serial
    connection.close()
    assert len(late) == 3


def test_events_end_with_the_panel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with visit(monkeypatch, tmp_path) as at:
        connection, events = at.open("/events")
        picture_connection, pictures = at.open("/view/picture")
        next_state(events)
        pictures.read(100)
        at.panel.stop()
        while events.readline():
            pass
        while pictures.read(65536):
            pass
        connection.close()
        picture_connection.close()


def test_who_leaves_is_forgotten(at: Visit) -> None:
    connections = [at.open("/events"), at.open("/view/picture")]
    wait_until(lambda: at.panel.looks.watchers == 1)
    for connection, answer in connections:
        answer.close()
        connection.close()
    wait_until(lambda: at.panel.looks.watchers == 0)


def decoded(data: bytes) -> Any:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


@pytest.mark.parametrize(("path", "kind"), [("/snapshot.jpg", "image/jpeg"), ("/snapshot.png", "image/png")])
def test_a_snapshot_is_what_leaves(at: Visit, path: str, kind: str) -> None:
    at.tell("bg", name="colour:navy")
    at.desk.later(4)
    answer = at.ask(path)
    assert (answer.status, answer.headers["content-type"]) == (200, kind)
    assert background_of(decoded(answer.body)) == "navy"


def test_a_snapshot_under_panic_is_the_card(at: Visit) -> None:
    at.tell("panic")
    wait_until(lambda: at.desk.sink.kinds[-1] == "card")
    wait_until(lambda: background_of(decoded(at.ask("/snapshot.png").body)) != "navy")
    shown = decoded(at.ask("/snapshot.png").body)
    at.tell("resume")
    assert np.abs(shown.astype(int) - at.desk.sink.pictures[at.desk.sink.kinds.index("card")]).mean() < 60


def test_metrics_are_prometheus_text(at: Visit) -> None:
    answer = at.ask("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.body.decode().splitlines()
    numbers = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}
    assert numbers["vcam_frames_rendered_total"] > 3
    assert numbers['vcam_phase{phase="live"}'] == 1
    assert numbers['vcam_sink_up{sink="0",kind="null"}'] == 1
    told = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(told) == len(set(told))
    assert {name.partition("{")[0] for name in numbers} <= set(told)


def test_backgrounds_and_thumbnails(at: Visit) -> None:
    names = [known["name"] for known in at.ask("/backgrounds").json]
    assert "golden-bokeh" in names
    answer = at.ask("/backgrounds/golden-bokeh/thumbnail")
    assert decoded(answer.body).shape == (180, 320, 3)


@pytest.mark.parametrize("name", ["..%2F..%2Fetc%2Fpasswd", "%2Fetc%2Fpasswd", "no-such", "..", "golden-bokeh.jpg%00"])
def test_no_path_leads_out_of_the_folders(at: Visit, name: str) -> None:
    secret = at.folder / "secret.png"
    cv2.imwrite(str(secret), np.zeros((20, 20, 3), np.uint8))
    for asked in (name, str(secret).replace("/", "%2F"), "..%2Fsecret"):
        assert at.ask(f"/backgrounds/{asked}/thumbnail").status == 404
    assert at.ask("/static/..%2Froutes.py").status == 404
    (at.folder / "own").mkdir(exist_ok=True)
    for asked in ("../routes.py", "..", "..%5Croutes.py", "%2e%2e", "no-such.js", ""):
        assert at.ask(f"/static/{asked}").status == 404
    for asked in ("../secret.png", str(secret), "../secret", ".."):
        assert Thumbnails().of(asked, at.folder / "own") is None, "nor where a path comes another way"


def test_nothing_is_encoded_while_nobody_looks(at: Visit) -> None:
    wait_until(lambda: at.panel.looks.watchers == 0)
    before = at.panel.looks.encoded
    at.desk.later(20)
    assert at.panel.looks.encoded == before


def test_nothing_is_loaded_before_the_first_visitor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with visit(monkeypatch, tmp_path) as at:
        assert at.panel._server is None
        at.ask("/state")
        assert at.panel._server is not None
