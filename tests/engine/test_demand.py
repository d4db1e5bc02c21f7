"""On demand: the camera is off while nobody watches, on again at once when somebody does, and never flickers."""

from __future__ import annotations

import threading  # noqa: TID251
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.test_clock import HandClock
from tests.parts import SIZE, KnowingSegmenter, MemorySink, SceneSource, room_share
from vcam.backdrops import BackdropOptions, make_backdrop
from vcam.engine import gate as gate_module
from vcam.engine.clock import SECOND_NS
from vcam.engine.gate import UNWATCHED_SECONDS, WATCHED_SECONDS, Gate
from vcam.engine.live import Limits, LiveRun
from vcam.engine.privacy import AwayCard
from vcam.engine.status import Phase
from vcam.frame import Colour
from vcam.ops.cpu import CpuOps
from vcam.pipeline import Pipeline, PipelineSettings


class CountingSource(SceneSource):
    """Knows whether it is open."""

    is_open = True
    closed = 0

    def open(self) -> None:
        super().open()
        self.is_open = True

    def close(self) -> None:
        self.closed += self.is_open
        self.is_open = False


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_module, "UNWATCHED_SECONDS", 0.5)


def made(source: SceneSource, *sinks: MemorySink, on_demand: bool = True, away: AwayCard | None = None) -> LiveRun:
    pipeline = Pipeline(CpuOps(), KnowingSegmenter(), PipelineSettings(SIZE, Colour.BT601))
    backdrop = make_backdrop("green", BackdropOptions(SIZE, Colour.BT601))
    return LiveRun(source, pipeline, backdrop, sinks, Limits(on_demand=on_demand, away=away or AwayCard()))


def wait_until(condition: object, seconds: float = 15) -> None:
    assert callable(condition)
    stop = threading.Event()
    for _ in range(int(seconds * 50)):
        if condition():
            return
        stop.wait(0.02)
    raise AssertionError("it did not happen in time")


@pytest.mark.usefixtures("impatient")
def test_off_while_nobody_watches_and_back_for_a_viewer() -> None:
    source, sink = CountingSource(live=True, fault=lambda seq: time.sleep(0.03)), MemorySink()
    sink.watchers = 0
    run = made(source, sink)
    run.start()
    wait_until(lambda: run.status().phase is Phase.IDLE and not source.is_open)
    before = len(sink.pictures)
    sink.wait_for(lambda s: len(s.pictures) > before + 1)
    assert sink.kinds[-1] == "card"
    assert not run.status().camera_on
    sink.watchers = 1
    sink.wait_for(lambda s: s.kinds[-1] == "composite")
    assert run.status().phase is Phase.LIVE
    assert source.is_open
    run.finish()
    assert max(room_share(picture) for picture in sink.pictures) == 0
    assert not source.is_open


@pytest.mark.usefixtures("impatient")
def test_a_sink_that_cannot_tell_keeps_the_camera_on() -> None:
    source, unknown, unwatched = CountingSource(), MemorySink(), MemorySink()
    unwatched.watchers = 0
    run = made(source, unknown, unwatched)
    run.start()
    unknown.wait_for(lambda s: s.kinds.count("composite") > 40)
    assert source.is_open
    run.finish()


@pytest.mark.usefixtures("impatient")
def test_always_on() -> None:
    source, sink = CountingSource(), MemorySink()
    sink.watchers = 0
    run = made(source, sink, on_demand=False)
    run.start()
    sink.wait_for(lambda s: s.kinds.count("composite") > 40)
    run.finish()
    assert source.closed == 1


@given(st.lists(st.tuples(st.booleans(), st.integers(10, 200)), max_size=30))
def test_polling_apps_do_not_flash_the_light(visits: list[tuple[bool, int]]) -> None:
    """Visits shorter than the debounce (here up to 200 ms, then at least as long away) change nothing."""
    clock = HandClock()
    watched = [False]
    gate = Gate(clock, lambda: watched[0], on_demand=True)
    clock.now += int((UNWATCHED_SECONDS + 1) * SECOND_NS)
    gate.poll()
    assert not gate.is_open
    for is_visit, milliseconds in visits:
        for now_watched in ((True, False) if is_visit else (False,)):
            watched[0] = now_watched
            gate.poll()
            clock.now += milliseconds * 1_000_000
            watched[0] = False
            gate.poll()
        assert not gate.is_open


def test_times_of_the_gate() -> None:
    clock = HandClock()
    watched = [True]
    gate = Gate(clock, lambda: watched[0], on_demand=True)
    watched[0] = False
    for seconds, is_open in ((0, True), (UNWATCHED_SECONDS - 0.1, True), (0.2, False)):
        clock.now += int(seconds * SECOND_NS)
        gate.poll()
        assert gate.is_open is is_open
    watched[0] = True
    for seconds, is_open in ((0.1, False), (WATCHED_SECONDS, True)):
        clock.now += int(seconds * SECOND_NS)
        gate.poll()
        assert gate.is_open is is_open
    gate.allow(False)
    assert not gate.is_open
    gate.allow(True)
    assert gate.is_open
