"""A run: limits, pacing, slow and dead sinks, clean stops."""

from __future__ import annotations

import time

import pytest

from tests.parts import SIZE, KnowingSegmenter, MemorySink, SceneSource, gone
from vcam.backdrops import BackdropOptions, make_backdrop
from vcam.engine.live import Limits, LiveRun, run_to_end
from vcam.engine.status import Phase, RunStatus
from vcam.errors import SinkError, SourceError
from vcam.frame import Colour
from vcam.ops.cpu import CpuOps
from vcam.pipeline import STAGES, Pipeline, PipelineSettings
from vcam.sinks import Delivery, OutputFormat


def made(source: SceneSource, *sinks: MemorySink, limits: Limits | None = None) -> LiveRun:
    pipeline = Pipeline(CpuOps(), KnowingSegmenter(), PipelineSettings(SIZE, Colour.BT601), time.perf_counter_ns)
    backdrop = make_backdrop("blur", BackdropOptions(SIZE, Colour.BT601))
    return LiveRun(source, pipeline, backdrop, sinks, limits or Limits())


def ended(run: LiveRun) -> RunStatus:
    return run_to_end(run, lambda status: None, 0.05)


def test_it_stops_after_the_frames_asked_for() -> None:
    sink = MemorySink(Delivery.EVERY)
    final = ended(made(SceneSource(), sink, limits=Limits(frames=12)))
    assert (final.phase, final.rendered, sink.closed) == (Phase.STOPPED, 12, 1)
    assert sink.kinds == ["composite"] * 12
    assert set(final.stage_ms) == set(STAGES)


def test_it_stops_after_the_seconds_asked_for() -> None:
    final = ended(made(SceneSource(), MemorySink(), limits=Limits(seconds=0.7)))
    assert 0.7 <= final.seconds < 5


def test_it_stops_at_the_end_of_a_file_and_sends_everything() -> None:
    sink = MemorySink(Delivery.EVERY)
    final = ended(made(SceneSource(frames=20), sink))
    assert final.captured == 20
    assert len(sink.pictures) == final.rendered == 20 - final.dropped
    steps = [float(b - a) for a, b in zip(sink.pts, sink.pts[1:], strict=False)]
    assert all(step == pytest.approx(1 / 30 * round(step * 30), abs=1e-6) for step in steps)


def test_a_recorded_source_keeps_its_own_pace() -> None:
    final = ended(made(SceneSource(frames=31), MemorySink()))
    assert final.sinks[0].mean_fps == pytest.approx(30, rel=0.1)


def test_a_slow_sink_never_slows_another() -> None:
    slow, quick = MemorySink(fault=lambda n: time.sleep(0.3)), MemorySink(Delivery.EVERY)
    final = ended(made(SceneSource(frames=45), slow, quick))
    assert len(quick.pictures) == final.rendered
    assert final.rendered > 35
    assert len(slow.pictures) < 12
    assert final.sinks[0].dropped > 20


def test_a_dead_recording_is_told_and_the_rest_goes_on() -> None:
    def fault(count: int) -> None:
        if count == 5:
            raise SinkError("disk full", "free some space")

    dead, well = MemorySink(Delivery.EVERY, fault), MemorySink(Delivery.EVERY)
    final = ended(made(SceneSource(frames=30), dead, well))
    assert "disk full" in final.sinks[0].problem
    assert len(dead.pictures) == 5
    assert dead.closed >= 1
    assert len(well.pictures) == final.rendered > 20


def test_a_live_sink_is_reopened() -> None:
    broken = [True]

    def fault(count: int) -> None:
        if count == 5 and broken:
            broken.pop()
            raise SinkError("device gone", "")

    sink = MemorySink(fault=fault)
    run = made(SceneSource(), sink)
    run.start()
    sink.wait_for(lambda s: len(s.pictures) > 12)
    assert run.status().sinks[0].problem == ""
    run.finish()


class Refusing(MemorySink):
    def open(self, output: OutputFormat) -> None:
        raise SinkError("not writable", "choose another")


def test_a_sink_that_does_not_open_stops_everything_before_it_starts() -> None:
    well = MemorySink()
    run = made(SceneSource(), well, Refusing())
    with pytest.raises(SinkError, match="not writable"):
        run.start()
    assert well.closed == 1
    assert well.pictures == []


def test_a_broken_file_ends_the_run_with_its_reason() -> None:
    def fault(seq: int) -> None:
        if seq == 5:
            gone(seq)

    with pytest.raises(SourceError, match="gone"):
        ended(made(SceneSource(fault=fault), MemorySink()))


def test_backdrops_change_between_two_frames() -> None:
    sink = MemorySink()
    run = made(SceneSource(), sink)
    run.start()
    sink.wait_for(lambda s: s.kinds.count("composite") > 2)
    run.show(make_backdrop("colour:#ff8000", BackdropOptions(SIZE, Colour.BT601)))
    sink.wait_for(lambda s: tuple(s.pictures[-1][5, 5] // 10) == (0, 12, 25))
    assert "ff8000" in run.status().background
    run.finish()


def test_stopping_twice_is_harmless() -> None:
    run = made(SceneSource(), MemorySink())
    run.start()
    run.stop()
    run.finish()
    assert run.finish().phase is Phase.STOPPED


def test_a_recording_does_not_begin_with_the_wait_for_its_first_picture() -> None:
    viewer, recording = MemorySink(), MemorySink(Delivery.EVERY)
    run = made(SceneSource(frames=60, fault=lambda seq: time.sleep(2.5 if seq == 0 else 0)), viewer, recording)
    ended(run)
    assert viewer.kinds[0] == "card"
    assert recording.kinds[0] == "composite"
