"""What the next viewer finds: no picture of before, and no camera left on for a sink that is lost."""

from __future__ import annotations

import threading  # noqa: TID251
import time
from collections.abc import Callable

import pytest

from tests.engine.test_demand import CountingSource, impatient, wait_until
from tests.parts import SIZE, KnowingSegmenter, MemorySink, SceneSource, gone
from vcam.backdrops import BackdropOptions, make_backdrop
from vcam.engine import capture, output
from vcam.engine.live import Limits, LiveRun
from vcam.engine.status import Phase
from vcam.errors import SinkError
from vcam.frame import Colour, FloatArray, Rendered
from vcam.ops.cpu import CpuOps
from vcam.pipeline import Pipeline, PipelineSettings

__all__ = ["impatient"]


def made(source: SceneSource, sink: MemorySink, fault: Callable[[int], FloatArray | None] = lambda call: None,
         on_demand: bool = True) -> LiveRun:
    pipeline = Pipeline(CpuOps(), KnowingSegmenter(fault), PipelineSettings(SIZE, Colour.BT601))
    backdrop = make_backdrop("green", BackdropOptions(SIZE, Colour.BT601))
    return LiveRun(source, pipeline, backdrop, [sink], Limits(on_demand=on_demand))


@pytest.mark.usefixtures("impatient")
def test_the_last_word_to_nobody_is_the_card() -> None:
    """A virtual camera shows its last picture to whoever opens it next: also one that was begun while somebody watched
    must not be it."""
    source, sink, go_on = CountingSource(live=True, fault=lambda seq: time.sleep(0.01)), MemorySink(), threading.Event()

    def stall(call: int) -> None:
        if call == 20:
            assert go_on.wait(15)

    sink.watchers = 0
    run = made(source, sink, stall)
    run.start()
    wait_until(lambda: run.status().phase is Phase.IDLE)
    sink.wait_for(lambda s: s.kinds[-1] == "card", seconds=0.9)  # at once, not when the idle card is next due
    last, rendered = len(sink.kinds), run.status().rendered
    go_on.set()
    wait_until(lambda: run.status().rendered > rendered)
    sink.wait_for(lambda s: len(s.kinds) > last)
    assert set(sink.kinds[last:]) == {"card"}
    run.finish()


class Removable(MemorySink):
    """Can be taken away and brought back."""

    is_there = True

    def open(self, wanted: object) -> None:
        if not self.is_there:
            raise SinkError("the device is gone", "bring it back")

    def send(self, picture: Rendered) -> None:
        self.open(None)
        super().send(picture)


@pytest.mark.usefixtures("impatient")
def test_a_lost_sink_does_not_keep_the_camera_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """It cannot tell who watches; but nobody does."""
    monkeypatch.setattr(output, "BACKOFF", (0.1,))
    source, sink = CountingSource(live=True, fault=lambda seq: time.sleep(0.01)), Removable()
    run = made(source, sink)
    run.start()
    sink.wait_for(lambda s: s.kinds.count("composite") > 3)
    sink.is_there = False
    wait_until(lambda: run.status().phase is Phase.IDLE and not source.is_open)
    assert run.status().sinks[0].problem.startswith("the device is gone")
    before, sink.is_there = len(sink.kinds), True
    sink.wait_for(lambda s: "composite" in s.kinds[before:])
    assert source.is_open
    run.finish()


@pytest.mark.usefixtures("impatient")
def test_a_sink_that_is_back_is_sent_something_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until then a virtual camera turns viewers away."""
    monkeypatch.setattr(output, "BACKOFF", (0.1,))
    monkeypatch.setattr(output, "IDLE_INTERVAL", 0.1)
    sink = Removable()
    sink.watchers = 0
    run = made(CountingSource(live=True, fault=lambda seq: time.sleep(0.01)), sink)
    run.start()
    wait_until(lambda: run.status().phase is Phase.IDLE)
    sink.is_there = False
    wait_until(lambda: run.status().sinks[0].problem)
    monkeypatch.setattr(output, "IDLE_INTERVAL", 60.0)
    before, sink.is_there = len(sink.kinds), True
    sink.wait_for(lambda s: s.kinds[before:] == ["card"])
    run.finish()


def test_a_lost_camera_is_let_go_of_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that comes back while its old node is held gets another number."""
    monkeypatch.setattr(capture, "BACKOFF", (60.0,))
    source, sink = CountingSource(live=True, fault=lambda seq: gone(seq) if seq == 5 else None), MemorySink()
    run = made(source, sink, on_demand=False)
    run.start()
    wait_until(lambda: "gone" in run.status().problem)
    wait_until(lambda: not source.is_open)
    run.finish()
