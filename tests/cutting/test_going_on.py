"""Work that was interrupted goes on where it was, and the result is the same to the last byte; so it is with any number
of processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cutting.films import FAST, Film, cut, left, picture
from vcam.cutting.service import Cancelled, cut_out, cut_out_aside
from vcam.cutting.wishes import Note, Progress
from vcam.engine.batch import LocalEngine

_FRAMES = 60  # three chunks


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("film")
    return Film(tone="aac").write(folder / "talk.mp4", [picture(number // 6) for number in range(_FRAMES)])


@pytest.fixture(scope="module")
def whole(film: Path) -> bytes:
    """The cut-out of a run in one go, in one process."""
    return cut(film, film.with_name("whole.webm")).output.read_bytes()


class Interrupting:
    """Interrupts at the given share of a stage, and counts what is done anew in each."""

    def __init__(self, stage: str = "", at: int = 0) -> None:
        self._stage, self._at = stage, at
        self.first: dict[str, int] = {}

    def __call__(self, event: Progress | Note) -> None:
        if isinstance(event, Progress):
            self.first.setdefault(event.stage, event.done)
            if event.stage == self._stage and event.done >= self._at:
                raise KeyboardInterrupt


@pytest.mark.parametrize(("stage", "at"), [("survey", 40), ("see", 30), ("render", 30), ("render", _FRAMES)])
def test_after_ctrl_c(film: Path, whole: bytes, tmp_path: Path, stage: str, at: int) -> None:
    with LocalEngine(1) as engine:
        with pytest.raises(KeyboardInterrupt):
            cut_out(film, tmp_path / "out.webm", FAST, engine, Interrupting(stage, at))
        assert left(tmp_path) == {".out.webm.work"}
        watch = Interrupting()
        cut_out(film, tmp_path / "out.webm", FAST, engine, watch)
    assert watch.first[stage] >= at // 2, "what was done is not done again"
    assert (tmp_path / "out.webm").read_bytes() == whole
    assert left(tmp_path) == {"out.webm"}


def test_what_is_there_of_another_wish_is_not_used(film: Path, tmp_path: Path) -> None:
    with LocalEngine(1) as engine:
        with pytest.raises(KeyboardInterrupt):
            cut_out(film, tmp_path / "out.webm", FAST, engine, Interrupting("render", _FRAMES // 2))
        for wishes in (replace(FAST, background="green"), replace(FAST, fresh=True)):
            with pytest.raises(KeyboardInterrupt):
                watch = Interrupting("render", _FRAMES // 2)
                cut_out(film, tmp_path / "out.webm", wishes, engine, watch)
            assert watch.first["survey"] == 0


def test_two_processes_make_the_same(film: Path, whole: bytes, tmp_path: Path) -> None:
    with LocalEngine(2) as engine:
        cut_out(film, tmp_path / "out.webm", FAST, engine, lambda event: None)
    assert (tmp_path / "out.webm").read_bytes() == whole
    assert left(tmp_path) == {"out.webm"}


def start(film: Path, target: Path) -> subprocess.Popen[bytes]:
    words = ["cutout", str(film), str(target), "--quality", "fast", "--processes", "2"]
    return subprocess.Popen([sys.executable, "-m", "vcam", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def wait_for(check: Any, program: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 120
    while not check():
        assert program.poll() is None, program.stderr.read() if program.stderr else b""
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.01)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_after_it_was_killed(film: Path, whole: bytes, tmp_path: Path, how: signal.Signals) -> None:
    target, work = tmp_path / "out.webm", tmp_path / ".out.webm.work"
    with start(film, target) as program:
        wait_for(lambda: any(work.glob("evidence-*")) and any(work.glob("part-*")), program)
        program.send_signal(how)
        _, words = program.communicate(timeout=60)
    if how is signal.SIGINT:
        assert program.returncode == 130
        assert b"interrupted" in words
        assert b"Traceback" not in words
    assert not target.exists()
    with start(film, target) as program:
        _, words = program.communicate(timeout=120)
    assert program.returncode == 0, words
    assert target.read_bytes() == whole
    assert left(tmp_path) == {"out.webm"}


def children(of: int) -> Iterator[int]:
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1]) == of:
                yield int(entry.name)
        except (OSError, ValueError):
            continue


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc")
def test_a_worker_that_dies_is_replaced(film: Path, whole: bytes, tmp_path: Path) -> None:
    killed: list[int] = []

    def kill_one(event: Progress | Note) -> None:
        if isinstance(event, Progress) and event.stage == "render" and event.done > 5 and not killed:
            workers = [child for child in children(os.getpid())
                       if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]
            killed.append(workers[0])
            os.kill(workers[0], signal.SIGKILL)

    with LocalEngine(2) as engine:
        cut_out(film, tmp_path / "out.webm", FAST, engine, kill_one)
    assert killed
    assert (tmp_path / "out.webm").read_bytes() == whole
    assert left(tmp_path) == {"out.webm"}


def test_aside_and_cancelled(film: Path, whole: bytes, tmp_path: Path) -> None:
    told: list[Progress | Note] = []

    def enough() -> bool:
        return any(isinstance(event, Progress) and event.stage == "render" and event.done > 10 for event in told)

    with pytest.raises(Cancelled, match="cancelled"):
        cut_out_aside(film, tmp_path, FAST, told.append, enough, 1)
    assert left(tmp_path) == set()
    begun = time.process_time()
    result = cut_out_aside(film, tmp_path / "out.webm", FAST, told.append, lambda: False, 1)
    assert time.process_time() - begun < 3, "the work is done elsewhere"
    assert result.output.read_bytes() == whole
