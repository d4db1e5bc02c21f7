"""The tray's life with real vcams beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vcam.app.tray.look import Now
from vcam.app.tray.runner import Runner
from vcam.app.tray.session import Session
from vcam.control import remote
from vcam.control.instance import holding
from vcam.engine.worker import Worker
from vcam.errors import VcamError

RUN = ["--source", "test:", "--sink", "null:", "--size", "320x240", "--background", "colour:navy", "--panel", "off"]


class Life:
    """A session in a thread of its own, and what it showed."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.shown: list[Now] = []
        self.codes: list[int] = []
        self.runner = Runner([*RUN, *arguments], folder / "log" / "vcam.log")
        self.session = Session(self.runner, "", self.shown.append)
        self._worker = Worker("session", lambda: self.codes.append(self.session.run()), lambda error: None)
        self._worker.start()

    def until(self, true: Callable[[Now], bool], what: str) -> Now:
        wait_until(lambda: any(true(now) for now in self.shown), f"{what}: {self.shown[-3:]}")
        return next(now for now in self.shown if true(now))

    def ended(self) -> int:
        assert self._worker.join(30)
        return self.codes[0]

    def close(self) -> None:
        self.session.leave()
        self._worker.join(30)


def wait_until(true: Callable[[], bool], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Life]]:
    monkeypatch.setenv("VCAM_SOCKET_FOLDER", str(tmp_path / "run"))
    monkeypatch.setenv("VCAM_STATE_FOLDER", str(tmp_path / "state"))
    lives: list[Life] = []

    def begin(*arguments: str) -> Life:
        lives.append(Life(tmp_path, *arguments))
        return lives[-1]

    yield begin
    for life in lives:
        life.close()


def is_live(now: Now) -> bool:
    return now.state is not None and now.state["run"]["phase"] == "live"


def test_it_starts_a_vcam_shows_it_and_quits_it(live: Callable[..., Life]) -> None:
    life = live()
    life.until(lambda now: now.starting, "starting")
    life.until(is_live, "live")
    life.session.quit()
    assert life.ended() == 0
    assert not remote.is_running()
    assert not life.runner.runs


def test_a_vcam_that_ends_well_ends_the_tray(live: Callable[..., Life]) -> None:
    assert live("--frames", "20").ended() == 0


def test_why_it_failed_is_shown_and_it_can_be_started_again(live: Callable[..., Life], tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    life = live("--source", str(clip))
    now = life.until(lambda now: bool(now.trouble), "trouble")
    assert "clip.mp4" in now.trouble
    assert now.state is None
    life.runner._arguments = list(RUN)  # the user has mended it
    life.session.start()
    life.until(is_live, "live")


def test_it_shows_one_that_runs_already_and_leaves_it_alone(live: Callable[..., Life]) -> None:
    first = live()
    first.until(is_live, "live")
    second = live()
    second.until(is_live, "the same one")
    assert not second.runner.runs
    second.session.leave()
    assert second.ended() == 0
    assert remote.status()["run"]["phase"] == "live"


def test_it_follows_the_next_one_when_the_one_it_showed_ends(live: Callable[..., Life]) -> None:
    first = live()
    first.until(is_live, "live")
    second = live()
    second.until(is_live, "the same one")
    first.session.quit()
    first.ended()
    second.until(lambda now: now == Now(), "no vcam")
    second.shown.clear()
    third = live()
    third.until(is_live, "live")
    second.until(is_live, "the next one")


def test_quitting_one_that_cannot_be_told_ends_the_tray_all_the_same(live: Callable[..., Life]) -> None:
    with holding(""):  # somebody has the place, but does not listen
        life = live()
        life.until(lambda now: bool(now.trouble), "the refusal of the second one")
        assert "runs already" in life.shown[-1].trouble
        with pytest.raises(VcamError):
            remote.tell("quit")
        life.session.quit()
        assert life.ended() == 1
