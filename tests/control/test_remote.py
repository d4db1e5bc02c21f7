"""A running vcam is told what to do, by its user alone."""

from __future__ import annotations

import stat
import sys
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from pathlib import Path

import pytest

from vcam.config import Settings
from vcam.control import remote
from vcam.control.commands import obey
from vcam.control.remote import RemoteControl, is_running, tell
from vcam.control.wiring import assemble
from vcam.errors import ControlError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VCAM_SOCKET_FOLDER", str(tmp_path / "run"))
    return tmp_path / "run"


def test_nobody_there() -> None:
    assert not is_running()
    with pytest.raises(ControlError, match="no running vcam"):
        tell("status")


def test_words_arrive_and_answers_come_back(folder: Path) -> None:
    heard: list[str] = []

    def obeyed(word: str) -> dict[str, str]:
        heard.append(word)
        return {"word": word}

    control = RemoteControl(obeyed)
    assert control.start() == ""
    assert [tell(word) for word in ("panic", "resume")] == [{"word": "panic"}, {"word": "resume"}]
    assert heard == ["panic", "resume"]
    second = RemoteControl(lambda word: {})
    assert "another vcam" in second.start()
    second.stop()
    assert is_running()
    control.stop()
    control.stop()
    assert not is_running()
    assert not (folder / "key").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_only_the_user_gets_in(folder: Path) -> None:
    control = RemoteControl(lambda word: {})
    control.start()
    assert stat.S_IMODE((folder / "key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    with pytest.raises(AuthenticationError):
        Client(remote._address(), authkey=b"guess")
    assert tell("anything") == {}, "a wrong key does no harm"
    control.stop()


def test_a_stale_socket_is_no_obstacle(folder: Path) -> None:
    folder.mkdir()
    (folder / "control.sock").touch()
    (folder / "key").write_text("old")
    control = RemoteControl(lambda word: {"fine": True})
    assert control.start() == ""
    assert tell("x") == {"fine": True}
    control.stop()


def test_what_is_no_command_is_refused() -> None:
    control = RemoteControl(lambda word: {})
    control.start()
    for rubbish in (b"", b"{}", b"[1]", b"\xff\xfe", b'"text"'):
        with Client(remote._address(), authkey=remote._key()) as connection:
            connection.send_bytes(rubbish)
            assert b"error" in connection.recv_bytes()
    control.stop()


def test_a_run_obeys() -> None:
    settings = Settings.model_validate({"source": "test:", "sink": "null:", "size": "320x240", "background": "green"})
    assembly = assemble(settings)
    assembly.run.start()
    for word, phase in (("pause", "away"), ("panic", "panic"), ("freeze", "frozen")):
        assert obey(assembly, word)["run"]["phase"] == phase
    assert obey(assembly, "resume")["run"]["phase"] in ("live", "starting")
    assert "known" in obey(assembly, "dance")["error"]
    assembly.run.finish()


def test_no_room_is_a_policy() -> None:
    with pytest.raises(Exception, match="require_background"):
        assemble(Settings.model_validate({"source": "test:", "sink": "null:", "background": "none",
                                          "require_background": True}))
