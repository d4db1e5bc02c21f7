"""Parts are exchanged while a run lasts: all at once, without a gap, or not at all."""

from __future__ import annotations

import threading  # noqa: TID251
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from tests.engine.test_demand import CountingSource, wait_until
from tests.parts import PERSON, SIZE, KnowingSegmenter, MemorySink, gone, is_person, room_share
from vcam.backdrops import Backdrop, BackdropOptions, make_backdrop
from vcam.engine import parts as parts_module
from vcam.engine.change import Change
from vcam.engine.live import Limits, LiveRun
from vcam.engine.privacy import AwayCard, Privacy
from vcam.engine.status import Phase
from vcam.errors import EngineError, SegmenterError, SinkError, SourceError
from vcam.frame import Colour, FloatArray, Pixels, Size
from vcam.ops.cpu import CpuOps
from vcam.pipeline import Pipeline, PipelineSettings
from vcam.sinks import Delivery, OutputFormat

COLOURS = {"navy": (128, 0, 0), "red": (0, 0, 255)}  # BGR
LARGE = Size(640, 480)


def colour(name: str, size: Size = SIZE) -> Backdrop:
    return make_backdrop(f"colour:{name}", BackdropOptions(size, Colour.BT601))


def background_of(picture: Pixels) -> str:
    """Which colour is behind the person, or what else there is."""
    corner = picture[4:20, 4:20].reshape(-1, 3).mean(axis=0)
    near = [name for name, bgr in COLOURS.items() if np.abs(corner - bgr).max() < 12]
    return near[0] if near else f"nothing known: {corner.round()}"


def shows_person(picture: Pixels) -> bool:
    height, width = picture.shape[:2]
    middle = picture[height // 2:height * 3 // 4, width * 2 // 5:width * 3 // 5].reshape(-1, 3).mean(axis=0)
    return bool(np.abs(middle - PERSON).max() < 12)


def made(*sinks: MemorySink, source: CountingSource | None = None,
         segmenter: KnowingSegmenter | None = None) -> LiveRun:
    pipeline = Pipeline(CpuOps(), segmenter or KnowingSegmenter(), PipelineSettings(SIZE, Colour.BT601))
    run = LiveRun(source or CountingSource(), pipeline, colour("navy"), sinks, Limits())
    run.start()
    return run


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy this machine is: a card means a gap, not a late picture."""
    monkeypatch.setattr("vcam.engine.output.STALL_SECONDS", 60)


@pytest.fixture
def sink() -> MemorySink:
    return MemorySink(Delivery.EVERY)


@pytest.fixture
def running(sink: MemorySink) -> Iterator[LiveRun]:
    run = made(sink)
    sink.wait_for(lambda s: s.kinds.count("composite") > 2)
    yield run
    run.finish()
    assert max(room_share(picture) for picture in sink.pictures) == 0


def later(sink: MemorySink, pictures: int = 4) -> None:
    seen = len(sink.kinds)
    sink.wait_for(lambda s: len(s.kinds) >= seen + pictures)


def test_backdrops_change_between_two_frames(running: LiveRun, sink: MemorySink) -> None:
    for turn in range(20):
        former = running.parts.exchange(Change(colour(["red", "navy"][turn % 2])))
        assert former.backdrop is not None
        later(sink, 2)
    shown = [background_of(picture) for picture in sink.pictures]
    assert set(shown) == {"navy", "red"}
    assert sum(before != after for before, after in pairwise(shown)) == 20
    assert all(shows_person(picture) for picture in sink.pictures)


def test_everything_changes_with_the_same_frame(running: LiveRun, sink: MemorySink) -> None:
    """Backdrop, mirroring and network at once: no picture has one of them without the others."""
    def right_half(call: int) -> FloatArray:
        del call
        mask = is_person(Size(64, 64)).astype(np.float32)
        mask[:, :32] = 0
        return mask

    now = running.parts.pipeline.settings
    mirrored = Pipeline(CpuOps(), KnowingSegmenter(right_half), replace(now, mirror=True))
    former = running.parts.exchange(Change(colour("red"), pipeline=mirrored))
    later(sink)
    assert former.pipeline is not None
    left = [background_of(np.ascontiguousarray(picture[150:190, 90:130])) for picture in sink.pictures]
    behind = [background_of(picture) for picture in sink.pictures]
    assert "red" in behind
    assert all((whole == "red") == (half == "red") for whole, half in zip(behind, left, strict=True))


def test_a_run_that_hangs_or_is_over_changes_nothing(monkeypatch: pytest.MonkeyPatch, sink: MemorySink) -> None:
    monkeypatch.setattr(parts_module, "CHANGE_SECONDS", 0.2)
    hang, go_on = threading.Event(), threading.Event()

    def fault(call: int) -> None:
        del call
        if hang.is_set():
            go_on.wait(20)

    run = made(sink, segmenter=KnowingSegmenter(fault))
    sink.wait_for(lambda s: s.kinds.count("composite") > 2)
    hang.set()
    wait_until(lambda: run.status().phase is Phase.CARD)
    with pytest.raises(EngineError, match="no picture gets finished"):
        run.parts.exchange(Change(colour("red")))
    hang.clear()
    go_on.set()
    later(sink)
    assert "red" not in {background_of(picture) for picture in sink.pictures}
    run.finish()
    with pytest.raises(EngineError, match="stopped"):
        run.parts.exchange(Change(colour("red")))


def test_work_between_frames_gives_its_result_or_error(running: LiveRun) -> None:
    assert running.parts.between_frames(lambda pipeline: pipeline.settings.size) == SIZE
    with pytest.raises(ZeroDivisionError):
        running.parts.between_frames(lambda pipeline: 1 // 0)


def test_another_source_takes_over_without_a_gap(running: LiveRun, sink: MemorySink) -> None:
    old, new = running.parts.source, CountingSource()
    former = running.parts.take(new, None, Change(colour("red")))
    assert former.backdrop is not None
    wait_until(lambda: not old.is_open)  # type: ignore[attr-defined]
    later(sink)
    assert running.parts.source is new
    assert set(sink.kinds) == {"composite"}
    assert background_of(sink.pictures[-1]) == "red"
    status = running.status()
    assert status.captured >= status.rendered > 0


def test_an_old_source_that_fails_late_does_no_harm(sink: MemorySink) -> None:
    hold, fail, reading = threading.Event(), threading.Event(), threading.Event()

    def fault(seq: int) -> None:
        if fail.is_set():
            reading.set()
            hold.wait(20)
            raise SourceError(f"the file broke at {seq}", "")

    old = CountingSource(fault=fault)
    run = made(sink, source=old)
    sink.wait_for(lambda s: s.kinds.count("composite") > 2)
    fail.set()
    assert reading.wait(20)
    run.parts.take(CountingSource(), None, Change())
    hold.set()
    wait_until(lambda: not old.is_open)
    later(sink)
    assert run.finish().phase is Phase.STOPPED


def test_a_source_is_closed_set_up_anew_and_goes_on(running: LiveRun, sink: MemorySink) -> None:
    source = running.parts.source
    assert isinstance(source, CountingSource)
    assert running.parts.release()
    assert not source.is_open
    source.open()
    running.parts.take(source, Fraction(60), Change())
    later(sink)
    assert set(sink.kinds) == {"composite"}


def test_after_a_release_that_came_to_nothing_the_source_is_waited_for(sink: MemorySink,
                                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vcam.engine.capture.BACKOFF", (0.05,))
    run = made(sink)
    sink.wait_for(lambda s: s.kinds.count("composite") > 2)
    assert run.parts.release()
    lost = [True]

    class Lost(CountingSource):
        def open(self) -> None:
            if lost:
                gone(0)
            super().open()

    source = Lost(live=True, fault=lambda seq: gone(seq) if lost else None)
    run.parts.take_back(source, None)
    wait_until(lambda: run.parts.capture.problem != "")
    lost.clear()
    later(sink)
    assert run.finish().reopened > 0


def test_while_the_user_hides_another_camera_stays_off(sink: MemorySink) -> None:
    run = made(sink)
    sink.wait_for(lambda s: s.kinds.count("composite") > 2)
    run.set_privacy(Privacy.PANIC)
    old, new = run.parts.source, CountingSource()
    assert isinstance(old, CountingSource)
    new.close()
    wait_until(lambda: not old.is_open)
    run.parts.take(new, None, Change())
    later(sink, 3)
    assert new.opened == 0
    assert not run.status().camera_on
    run.set_privacy(Privacy.LIVE)
    seen = len(sink.kinds)
    sink.wait_for(lambda s: "composite" in s.kinds[seen:])
    assert (old.opened, new.opened) == (0, 1), "the light of the old one stays off too"
    run.finish()


def large() -> Change:
    return Change(colour("red", LARGE), PipelineSettings(LARGE, Colour.BT601), away=AwayCard("Lunch"))


class SizedSink(MemorySink):
    """Judges pictures by their shape, and takes only some sizes."""

    def __init__(self, *sizes: Size, delivery: Delivery = Delivery.LATEST) -> None:
        super().__init__(delivery)
        self._sizes = sizes

    def open(self, output: OutputFormat) -> None:
        if output.size not in self._sizes:
            raise SinkError(f"fixed to {self._sizes[0]}, not {output.size}", "")
        super().open(output)


@pytest.mark.parametrize("delivery", list(Delivery))
def test_another_size_reopens_the_sinks_and_shows_no_card(delivery: Delivery) -> None:
    sinks = [SizedSink(SIZE, LARGE, delivery=delivery), SizedSink(SIZE, LARGE)]
    run = made(*sinks)
    for sink in sinks:
        sink.wait_for(lambda s: s.kinds.count("composite") > 2)
    first = [sink.kinds.index("composite") for sink in sinks]
    run.parts.resize(large())
    for sink in sinks:
        sink.wait_for(lambda s: s.pictures[-1].shape == (480, 640, 3))
    later(sinks[1])
    assert run.status().size == "640x480"
    for begun, sink in zip(first, sinks, strict=True):
        assert set(sink.kinds[begun:]) == {"composite"}
        assert sink.closed == 1
        assert {(picture.shape, background_of(picture)) for picture in sink.pictures[begun:]} == {
            ((240, 320, 3), "navy"), ((480, 640, 3), "red")}
    run.set_privacy(Privacy.AWAY)
    sinks[1].wait_for(lambda s: s.kinds[-1] == "card" and s.pictures[-1].shape == (480, 640, 3))
    run.finish()


def test_a_size_that_one_sink_cannot_take_leaves_all_as_they_were() -> None:
    sinks = [SizedSink(SIZE, LARGE), SizedSink(SIZE)]
    run = made(*sinks)
    for sink in sinks:
        sink.wait_for(lambda s: s.kinds.count("composite") > 2)
    with pytest.raises(SinkError, match="fixed to 320x240"):
        run.parts.resize(large())
    for sink in sinks:
        later(sink)
        assert background_of(sink.pictures[-1]) == "navy"
        assert sink.pictures[-1].shape == (240, 320, 3)
        assert sink.output is not None and sink.output.size == SIZE
    assert run.status().size == "320x240"
    assert [sink.problem for sink in run.status().sinks] == ["", ""]
    run.finish()


def test_a_panic_in_the_middle_of_a_change_of_size_reaches_every_sink() -> None:
    opening, go_on = threading.Event(), threading.Event()

    class Slow(MemorySink):
        def open(self, output: OutputFormat) -> None:
            if output.size == LARGE:
                opening.set()
                go_on.wait(20)
            super().open(output)

    slow, waiting = Slow(), MemorySink()
    run = made(slow, waiting)
    for sink in (slow, waiting):
        sink.wait_for(lambda s: s.kinds.count("composite") > 2)
    change = threading.Thread(target=run.parts.resize, args=(large(),))
    change.start()
    opening.wait(20)
    run.set_privacy(Privacy.PANIC)  # the other sink still has the old size
    waiting.wait_for(lambda s: s.kinds[-1] == "card" and s.pictures[-1].shape == (240, 320, 3))
    go_on.set()
    change.join(20)
    for sink in (slow, waiting):
        sink.wait_for(lambda s: s.kinds[-1] == "card" and s.pictures[-1].shape == (480, 640, 3))
    run.finish()


def test_sinks_come_and_go(running: LiveRun, sink: MemorySink) -> None:
    guest = MemorySink(Delivery.EVERY)
    running.parts.outputs.add(guest)
    guest.wait_for(lambda s: len(s.kinds) > 3)
    assert len(running.status().sinks) == 2
    assert running.parts.outputs.remove(guest)
    assert guest.closed == 1
    seen = len(guest.kinds)
    later(sink)
    assert len(guest.kinds) == seen
    assert len(running.status().sinks) == 1


def test_a_sink_that_does_not_open_is_not_there(running: LiveRun, sink: MemorySink) -> None:
    with pytest.raises(SinkError):
        running.parts.outputs.add(SizedSink(LARGE))
    later(sink)
    assert len(running.status().sinks) == 1


def test_a_sink_that_hangs_refuses_a_size_and_delays_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vcam.engine.outputs.JOIN_SECONDS", 0.2)
    hanging, go_on = threading.Event(), threading.Event()

    def hang(count: int) -> None:
        if count == 3:
            hanging.set()
            go_on.wait(20)

    stuck, well = MemorySink(fault=hang), MemorySink()
    run = made(well, stuck)
    assert hanging.wait(20)
    with pytest.raises(SinkError, match="does not let go"):
        run.parts.resize(large())
    later(well)
    assert well.pictures[-1].shape == (240, 320, 3)
    go_on.set()
    run.finish()


def test_raw_pictures_stop_with_the_wish_for_them() -> None:
    """A sink is busy, and has the room in its slot, when the user has chosen a background."""
    still, go_on, busy = threading.Event(), threading.Event(), threading.Event()

    def hold(count: int) -> None:
        if still.is_set():
            busy.set()
            go_on.wait(20)
        del count

    def stand(seq: int) -> None:
        if busy.is_set() and run.status().rendered > rendered[0] + 1:  # one is in the slot; none may push it out
            go_on.wait(20)
        del seq

    sink, rendered = MemorySink(fault=hold), [0]
    run = made(sink, source=CountingSource(fault=stand))
    run.parts.exchange(Change(make_backdrop("none", BackdropOptions(SIZE, Colour.BT601))))
    sink.wait_for(lambda s: s.kinds.count("raw") > 1)
    still.set()
    assert busy.wait(20)
    rendered[0] = run.status().rendered
    wait_until(lambda: run.status().rendered > rendered[0] + 1)
    run.parts.exchange(Change(colour("navy")))
    seen = len(sink.kinds) + 1  # the one that the sink was busy with
    still.clear()
    go_on.set()
    sink.wait_for(lambda s: len(s.kinds) > seen + 3)
    assert "raw" not in sink.kinds[seen:]
    run.finish()


def test_the_network_fails_and_another_takes_over(sink: MemorySink) -> None:
    def broken(call: int) -> None:
        raise SegmenterError(f"failed {call}", "")

    run = made(sink, segmenter=KnowingSegmenter(broken))
    wait_until(lambda: run.status().failed > 2)
    run.parts.exchange(Change(pipeline=Pipeline(CpuOps(), KnowingSegmenter(), PipelineSettings(SIZE, Colour.BT601))))
    sink.wait_for(lambda s: s.kinds.count("composite") > 2)
    run.finish()
