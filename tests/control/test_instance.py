"""One vcam at a time, unless they have names; the lock outlives nobody."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from vcam.control.instance import file_in_folder, holding, instance_name, owner
from vcam.errors import ControlError, UsageError

HOLDER = """
import sys
from vcam.control.instance import holding
with holding(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VCAM_SOCKET_FOLDER", str(tmp_path / "run"))
    return tmp_path / "run"


def holder(name: str = "") -> subprocess.Popen[str]:
    """Another process that is the vcam of that name."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               text=True, cwd=Path(__file__).parents[2])
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_second_one_is_told_who_is_first_and_what_to_type() -> None:
    with holder() as other, pytest.raises(ControlError) as caught, holding(""):
        pass
    told = str(caught.value)
    assert f"process {other.pid}" in told
    assert "vcam quit" in told
    assert "--name second" in told
    with holding("") as problem:
        assert problem == ""


def test_names_are_apart() -> None:
    with holder("other") as other, holding(""), holding("third"):
        assert owner("other") == other.pid
        assert owner("") == owner("third") == os.getpid()
        with pytest.raises(ControlError, match="as 'other'"), holding("other"):
            pass
    assert owner("other") == owner("") == 0


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_dead_one_holds_nothing() -> None:
    with holder() as other:
        other.send_signal(signal.SIGKILL)
        other.wait(20)
    assert file_in_folder("vcam", ".lock", "").read_text() == f"{other.pid}\n", "it could not clear away"
    assert owner("") == 0
    with holding(""):
        assert owner("") == os.getpid()


def test_where_no_lock_can_be_it_runs_all_the_same(folder: Path) -> None:
    folder.write_text("a file, not a folder")
    with holding("") as problem:
        assert "cannot be remote-controlled" in problem


@pytest.mark.parametrize("name", ["a b", "../x", "-n", "x" * 33, "ü"])
def test_names_are_words(name: str) -> None:
    with pytest.raises(UsageError, match="no name for a vcam"):
        instance_name(name)


def test_the_environment_may_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VCAM_INSTANCE", "studio")
    assert instance_name() == "studio"
    assert instance_name("other") == "other"
    monkeypatch.delenv("VCAM_INSTANCE")
    assert instance_name() == ""
