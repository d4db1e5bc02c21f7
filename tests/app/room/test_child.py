"""A camera's process: what becomes of it when it ends, hangs, or is asked to stop."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vcam.app.room import child as child_module
from vcam.app.room.child import Child

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sockets and signals of Unix")

_SAYS = """
import os, socket, sys, time
def say(words):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.connect(os.environ["NOTIFY_SOCKET"])
        line.send(words.encode())
"""
LIVES = _SAYS + "say('READY=1')\nwhile True:\n    say('WATCHDOG=1\\nSTATUS=fine')\n    time.sleep(0.05)"
HANGS = _SAYS + "say('READY=1')\ntime.sleep(600)"
NEVER_READY = "import time; time.sleep(600)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + LIVES


def script(code: int) -> str:
    return f"raise SystemExit({code})"


@pytest.fixture
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Child]]:
    import tempfile

    children: list[Child] = []
    with tempfile.TemporaryDirectory(prefix="room-") as folder:
        def make(program: str) -> Child:
            child = Child("left", [sys.executable, "-c", program], {}, Path(folder))
            child.start(time.monotonic())
            children.append(child)
            return child
        yield make
        for child in children:
            child.tell(signal.SIGKILL)
            child.stop(10)


def look_until(child: Child, true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline, child.status
        child.look(time.monotonic())
        time.sleep(0.01)


def test_what_it_says_is_heard(made: Callable[[str], Child]) -> None:
    child = made(LIVES)
    assert not child.is_ready
    look_until(child, lambda: child.status == "fine")
    assert child.is_ready
    assert child.restarts == 0


@pytest.mark.parametrize("code", [0, 2])
def test_who_was_asked_to_end_or_is_wrong_is_not_started_again(made: Callable[[str], Child], code: int) -> None:
    child = made(script(code))
    look_until(child, lambda: child.has_ended)
    child.look(time.monotonic() + 1000)
    assert (child.exit_code, child.restarts) == (code, 0)


def test_who_dies_is_started_again_later_and_later(made: Callable[[str], Child],
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_module, "BACKOFF", (0.02, 0.04))
    child = made(script(1))
    look_until(child, lambda: child.restarts == 4)
    assert not child.has_ended
    assert child.is_ready, "the room does not wait for one that cannot begin"


@pytest.mark.parametrize(("program", "limit"), [(HANGS, "HUNG_SECONDS"), (NEVER_READY, "START_SECONDS")])
def test_who_hangs_is_started_again(made: Callable[[str], Child], monkeypatch: pytest.MonkeyPatch, program: str,
                                    limit: str) -> None:
    monkeypatch.setattr(child_module, "BACKOFF", (0.01,))
    child = made(program)
    first = child.pid
    if program == HANGS:
        look_until(child, lambda: child.is_ready)
    monkeypatch.setattr(child_module, limit, 0.3)
    look_until(child, lambda: child.restarts > 0)
    assert child.pid != first


def test_who_does_not_stop_is_ended(made: Callable[[str], Child]) -> None:
    child = made(DEAF)
    look_until(child, lambda: child.status == "fine")
    child.tell(signal.SIGTERM)
    child.stop(0.2)
    assert child.exit_code == -signal.SIGKILL
