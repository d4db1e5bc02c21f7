"""The Ray engine on a real Ray cluster of this machine: the same results, also when a worker is killed in mid-run."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.cutting.films import FAST, Film, cut, left, picture
from vcam.cutting.service import cut_out
from vcam.cutting.wishes import Note, Progress, Result, Wishes
from vcam.engine import cluster
from vcam.engine.batch import Tick
from vcam.engine.cluster import LOCAL, RayEngine
from vcam.errors import CutoutError, EngineError

pytest.importorskip("ray", reason="Ray is not installed")


@dataclass(frozen=True)
class Sum:
    """Adds numbers up, one tick each; fails at 13."""

    numbers: tuple[int, ...]

    def __call__(self, tick: Tick) -> int:
        total = 0
        for number in self.numbers:
            if number == 13:
                raise CutoutError("thirteen", "another number")
            total += number
            tick(1)
        return total


@dataclass(frozen=True)
class DiesOnce:
    """Its process dies the first time: it leaves a file for the second."""

    mark: Path

    def __call__(self, tick: Tick) -> int:
        del tick
        if not self.mark.exists():
            self.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return 7


@pytest.fixture(scope="module")
def engine() -> Iterator[RayEngine]:
    with RayEngine(LOCAL, 2) as engine:
        yield engine


def test_results_come_with_their_numbers(engine: RayEngine) -> None:
    ticks: list[int] = []
    tasks = [Sum(tuple(range(number))) for number in range(9)]
    found = dict(engine.run(tasks, ticks.append))
    assert found == {number: sum(range(number)) for number in range(9)}
    assert sum(ticks) <= sum(range(9))
    assert list(engine.run([], ticks.append)) == []


def test_what_a_task_raises_arrives_in_words(engine: RayEngine) -> None:
    with pytest.raises(CutoutError) as caught:
        list(engine.run([Sum((1, 13)), Sum((2,))], lambda items: None))
    assert type(caught.value) is CutoutError
    assert (caught.value.message, caught.value.hint) == ("thirteen", "another number")


def test_a_task_whose_process_is_killed_runs_again(engine: RayEngine, tmp_path: Path) -> None:
    assert dict(engine.run([DiesOnce(tmp_path / "mark"), Sum((1, 2))], lambda items: None)) == {0: 7, 1: 3}


def test_machines_with_another_version_are_refused(engine: RayEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "__version__", "0.0.1")
    with pytest.raises(EngineError, match=r"a machine of the cluster has vcam .*, this one 0\.0\.1"):
        list(engine.run([Sum((1,))], lambda items: None))


def test_no_cluster_is_one_line(engine: RayEngine) -> None:
    del engine
    with pytest.raises(EngineError) as caught:
        RayEngine("nonsense://nowhere")
    assert "nonsense://nowhere" in caught.value.message
    assert "\n" not in caught.value.message


def workers_at_work() -> list[int]:
    """Ray's processes that run a task."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if words.startswith(b"ray::_work"):
            found.append(int(entry.name))
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc")
def test_a_film_is_the_same_as_made_here_though_a_worker_is_killed(engine: RayEngine, tmp_path: Path) -> None:
    film = Film(tone="aac").write(tmp_path / "talk.mp4", [picture(number // 6) for number in range(60)])
    wanted = cut(film, tmp_path / "here.webm").output.read_bytes()
    killed: list[int] = []

    def kill_one(event: Progress | Note) -> None:
        if isinstance(event, Progress) and event.stage == "render" and not killed and (workers := workers_at_work()):
            killed.append(workers[0])
            os.kill(workers[0], signal.SIGKILL)

    def made(name: str, wishes: Wishes, tell: Any) -> Result:
        return cut_out(film, tmp_path / name, wishes, engine, tell)

    assert made("there.webm", FAST, kill_one).output.read_bytes() == wanted
    assert killed
    assert left(tmp_path) == {"talk.mp4", "here.webm", "there.webm"}
    made("fresh.webm", replace(FAST, fresh=True), lambda event: None)
    assert (tmp_path / "fresh.webm").read_bytes() == wanted
