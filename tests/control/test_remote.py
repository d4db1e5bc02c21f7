"""A running vcam is told what to do, by its user alone."""

from __future__ import annotations

import json
import stat
import sys
import threading  # noqa: TID251
from collections.abc import Callable, Iterator
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection
from pathlib import Path

import pytest

from tests.control.desk import Desk, desk
from vcam.control import listener, remote
from vcam.control.instance import file_in_folder, holding
from vcam.control.listener import RemoteControl
from vcam.control.remote import address, is_running, tell
from vcam.errors import ControlError, UsageError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VCAM_SOCKET_FOLDER", str(tmp_path / "run"))
    return tmp_path / "run"


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Desk]:
    with desk(monkeypatch, tmp_path) as made:
        yield made


@pytest.fixture
def control(at: Desk) -> Iterator[RemoteControl]:
    control = RemoteControl(at.controller)
    assert control.start() == ""
    yield control
    control.stop()


def connected() -> Connection:
    return Client(address(""), authkey=file_in_folder("key", "", "").read_bytes())


def test_nobody_there() -> None:
    assert not is_running()
    asked: list[Callable[[], object]] = [remote.status, lambda: tell("panic"), lambda: next(remote.watch())]
    for ask in asked:
        with pytest.raises(ControlError, match="no running vcam was found"):
            ask()
    with pytest.raises(ControlError, match="under the name 'two'"):
        remote.status("two")


def test_one_that_holds_the_place_but_does_not_listen_is_told() -> None:
    with holding(""), pytest.raises(ControlError, match="cannot be told anything now"):
        tell("panic")


@pytest.mark.usefixtures("control")
def test_commands_arrive_and_states_come_back(at: Desk) -> None:
    assert tell("bg", {"name": "colour:red"})["settings"]["background"] == "colour:red"
    assert at.shown() == "red"
    assert tell("panic")["run"]["phase"] == "panic"
    assert remote.status()["privacy"] == "panic"
    assert is_running()


@pytest.mark.usefixtures("control")
def test_errors_come_back_as_they_are() -> None:
    for word, arguments, kind, told in (
            ("dance", dict[str, str](), UsageError, "unknown command"),
            ("blur", {"strength": "900"}, UsageError, "900"),
            ("bg", {"name": "no-such"}, UsageError, "neither a file"),
            ("camera", {"name": "97"}, ControlError, "camera 97")):
        with pytest.raises(kind, match=told) as caught:
            tell(word, arguments)
        assert "hint" not in caught.value.message
        assert caught.value.hint


def test_changes_are_watched_until_it_ends(at: Desk, control: RemoteControl) -> None:
    states = remote.watch()
    assert next(states)["run"]["size"] == "320x240"
    tell("bg", {"name": "colour:red"})
    while next(states)["settings"]["background"] != "colour:red":
        pass
    at.controller.stop()
    control.stop()
    assert all(state["pid"] for state in states), "and then it ends"


def test_it_clears_away(control: RemoteControl, folder: Path) -> None:
    control.stop()
    control.stop()
    assert not is_running()
    assert not (folder / "key").exists()


@pytest.mark.usefixtures("control")
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_only_the_user_gets_in(folder: Path) -> None:
    assert stat.S_IMODE((folder / "key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    with pytest.raises(AuthenticationError):
        Client(address(""), authkey=b"guess")
    assert tell("resume")["privacy"] == "live", "a wrong key does no harm"


def test_nothing_is_heard_without_the_key(at: Desk, control: RemoteControl) -> None:
    with Client(address("")) as stranger:
        stranger.recv_bytes()  # the challenge
        stranger.send_bytes(json.dumps({"command": "panic"}).encode())
        with pytest.raises((EOFError, OSError)):
            for _ in range(3):
                assert b"panic" not in stranger.recv_bytes()
    assert at.controller.state().privacy == "live"
    del control


@pytest.mark.usefixtures("control")
def test_callers_that_hang_keep_nobody_from_panic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "_REQUEST_SECONDS", 0.5)
    hanging = [Client(address("")) for _ in range(5)]  # they never answer the challenge
    silent = [connected() for _ in range(5)]  # they never ask for anything
    assert tell("panic")["privacy"] == "panic"
    for connection in (*hanging, *silent):
        connection.close()


@pytest.mark.usefixtures("control")
def test_too_many_callers_are_sent_away_and_the_next_ones_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "_MOST_CALLERS", 3)
    hanging = [Client(address("")) for _ in range(3)]
    for connection in hanging:
        connection.recv_bytes()  # they are being served
    with pytest.raises(ControlError):
        tell("panic")
    for connection in hanging:
        connection.close()
    for _ in range(200):
        try:
            assert tell("panic")["privacy"] == "panic"
            return
        except ControlError:
            threading.Event().wait(0.02)
    raise AssertionError("nobody is served any more")


def test_a_stale_socket_is_no_obstacle(at: Desk, folder: Path) -> None:
    folder.mkdir()
    (folder / "control.sock").touch()
    (folder / "key").write_text("old")
    control = RemoteControl(at.controller)
    assert control.start() == ""
    assert tell("mirror")["settings"]["mirror"] is True
    control.stop()


def test_a_folder_that_cannot_be_used_is_told(at: Desk, folder: Path) -> None:
    folder.write_text("a file")
    control = RemoteControl(at.controller)
    assert "cannot be remote-controlled" in control.start()
    control.stop()


@pytest.mark.usefixtures("control")
@pytest.mark.parametrize("rubbish", [b"", b"{}", b"[1]", b"\xff\xfe", b'"text"', b"[" * 5000, b'{"command": ["x"]}',
                                     b'{"ask": "everything"}', b"x" * 70_000])
def test_what_is_no_command_is_refused(rubbish: bytes) -> None:
    with connected() as connection:
        try:
            connection.send_bytes(rubbish)  # it may be hung up on before all is sent
            assert json.loads(connection.recv_bytes())["error"]
        except (EOFError, ConnectionResetError, BrokenPipeError):
            assert len(rubbish) > 1 << 16, "only what is far too long gets no answer"
    assert is_running()


def test_several_have_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, at: Desk) -> None:
    with desk(monkeypatch, tmp_path / "other") as other:
        first, second = RemoteControl(at.controller), RemoteControl(other.controller, "other")
        assert first.start() == second.start() == ""
        tell("bg", {"name": "colour:red"}, "other")
        assert remote.status()["settings"]["background"] == "colour:navy"
        assert remote.status("other")["settings"]["background"] == "colour:red"
        monkeypatch.setenv("VCAM_INSTANCE", "other")
        assert remote.status()["settings"]["background"] == "colour:red"
        first.stop()
        second.stop()
