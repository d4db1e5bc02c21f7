"""Law 1, proved from the emitted pixels: whatever fails, the room never shows."""

from __future__ import annotations

import threading  # noqa: TID251
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.parts import SIZE, KnowingSegmenter, MemorySink, SceneSource, gone, room_share
from vcam.backdrops import Backdrop, BackdropOptions, Scene, make_backdrop
from vcam.engine.live import Limits, LiveRun
from vcam.engine.status import Phase, RunStatus
from vcam.errors import BackdropError, SegmenterError
from vcam.frame import Colour, FloatArray, Frame, Matte, Pixels
from vcam.ops.cpu import CpuOps
from vcam.pipeline import Pipeline, PipelineSettings
from vcam.segmenters import Segmenter
from vcam.sinks import Delivery

SETTINGS = PipelineSettings(SIZE, Colour.BT601)
# The matte's transition may hold a mixture of room and background, never the room itself.
NOTHING = 0.0


def navy() -> Backdrop:
    return make_backdrop("colour:navy", BackdropOptions(SIZE, Colour.BT601))


def live(source: SceneSource, segmenter: Segmenter, sink: MemorySink, backdrop: Backdrop | None = None,
         ops: CpuOps | None = None) -> LiveRun:
    pipeline = Pipeline(ops or CpuOps(), segmenter, SETTINGS)
    return LiveRun(source, pipeline, backdrop or navy(), [sink], Limits())


def proved(run: LiveRun, sink: MemorySink, until: Callable[[MemorySink], bool]) -> RunStatus:
    """Run until the sink has seen enough; every picture it ever got is free of the room."""
    run.start()
    try:
        sink.wait_for(until)
        status = run.status()
    finally:
        run.finish()
    assert sink.pictures
    assert "raw" not in sink.kinds
    assert max(room_share(picture) for picture in sink.pictures) == NOTHING
    return status


def cards_after_composites(sink: MemorySink) -> bool:
    return "composite" in sink.kinds and sink.kinds[-1] == "card"


def test_the_proof_can_fail() -> None:
    """With the room on purpose, the same measure sees it."""
    sink = MemorySink()
    run = live(SceneSource(), KnowingSegmenter(), sink,
               make_backdrop("none", BackdropOptions(SIZE, Colour.BT601)))
    run.start()
    sink.wait_for(lambda s: "raw" in s.kinds)
    run.finish()
    assert max(room_share(picture) for picture in sink.pictures) > 0.3


def test_all_well() -> None:
    sink = MemorySink()
    status = proved(live(SceneSource(), KnowingSegmenter(), sink), sink, lambda s: s.kinds.count("composite") > 5)
    assert status.phase is Phase.LIVE
    assert sink.kinds[0] == "card", "before the first matte there is the card"


def test_no_matte_yet() -> None:
    release = threading.Event()

    def wait(call: int) -> None:
        del call
        release.wait(20)

    sink = MemorySink()
    run = live(SceneSource(), KnowingSegmenter(wait), sink)
    try:
        status = proved_until_stuck(run, sink, release)
    finally:
        release.set()
    assert set(sink.kinds) == {"card"}
    assert status.phase is Phase.STARTING


def proved_until_stuck(run: LiveRun, sink: MemorySink, release: threading.Event) -> RunStatus:
    run.start()
    sink.wait_for(lambda s: s.kinds.count("card") >= 3)
    status = run.status()
    kinds = list(sink.kinds)
    run.stop()
    release.set()
    run.finish()
    assert max(room_share(picture) for picture in sink.pictures) == NOTHING
    sink.kinds[:] = kinds
    return status


def raising(call: int) -> FloatArray | None:
    if call > 8:
        raise SegmenterError("the network broke", "")
    return None


def crashing(call: int) -> FloatArray | None:
    if call > 8:
        raise ZeroDivisionError("a bug")
    return None


def no_number(call: int) -> FloatArray | None:
    return np.full((64, 64), np.nan, np.float32) if call > 8 else None


def too_sure(call: int) -> FloatArray | None:
    return np.full((64, 64), 40.0, np.float32) if call > 8 else None


@pytest.mark.parametrize("fault", [raising, crashing, no_number, too_sure])
def test_network_fails(fault: Callable[[int], FloatArray | None]) -> None:
    sink = MemorySink()
    status = proved(live(SceneSource(), KnowingSegmenter(fault), sink), sink, cards_after_composites)
    assert status.phase is Phase.CARD
    assert status.failed > 0
    assert status.problem


def test_network_recovers() -> None:
    def sometimes(call: int) -> FloatArray | None:
        if 8 < call < 60:
            raise SegmenterError("the network broke", "")
        return None

    sink = MemorySink()
    proved(live(SceneSource(), KnowingSegmenter(sometimes), sink), sink,
           lambda s: s.kinds[-3:] == ["composite"] * 3 and "card" in s.kinds[3:])


def test_network_stalls() -> None:
    stuck = threading.Event()

    def stall(call: int) -> FloatArray | None:
        if call == 9:
            stuck.wait(20)
        return None

    sink = MemorySink()
    run = live(SceneSource(), KnowingSegmenter(stall), sink)
    run.start()
    sink.wait_for(cards_after_composites)
    assert run.status().phase is Phase.CARD
    stuck.set()
    sink.wait_for(lambda s: s.kinds[-1] == "composite")
    run.finish()
    assert max(room_share(picture) for picture in sink.pictures) == NOTHING


class Broken:
    """A backdrop whose file vanished."""

    name, replaces = "broken", True

    def __init__(self, after: int) -> None:
        self._left = after
        self._good = navy()

    def pixels(self, scene: Scene) -> Pixels:
        self._left -= 1
        if self._left < 0:
            raise BackdropError("background 'beach.jpg' is gone", "choose another")
        return self._good.pixels(scene)

    def close(self) -> None:
        """Nothing to give back."""


@pytest.mark.parametrize("after", [0, 6])
def test_background_missing(after: int) -> None:
    sink = MemorySink()
    status = proved(live(SceneSource(), KnowingSegmenter(), sink, Broken(after)), sink,
                    lambda s: s.kinds.count("card") > 2 and s.kinds[-1] == "card")
    assert "beach.jpg" in status.problem


def test_background_of_another_size() -> None:
    class Small(Broken):
        def pixels(self, scene: Scene) -> Pixels:
            return scene.frame.pixels[:60, :80].copy()

    sink = MemorySink()
    proved(live(SceneSource(), KnowingSegmenter(), sink, Small(0)), sink, lambda s: s.kinds.count("card") > 2)


@pytest.mark.parametrize("is_live", [True, False])
def test_camera_stops(is_live: bool) -> None:
    def fault(seq: int) -> None:
        if seq > 8 and is_live:
            gone(seq)
        elif seq > 8:
            time.sleep(3)  # hangs without a word

    sink = MemorySink()
    status = proved(live(SceneSource(live=is_live, fault=fault), KnowingSegmenter(), sink), sink,
                    cards_after_composites)
    assert status.phase is Phase.CARD
    if is_live:
        assert "camera 0 is gone" in status.problem


def test_camera_comes_back() -> None:
    lost = [True]

    def fault(seq: int) -> None:
        time.sleep(0.02)
        if seq == 9 and lost:
            lost.pop()
            gone(seq)

    source, sink = SceneSource(live=True, fault=fault), MemorySink()
    proved(live(source, KnowingSegmenter(), sink), sink, lambda s: s.kinds.count("composite") > 30)
    assert source.opened == 1, "reopened once"


class BrokenOps(CpuOps):
    """Compositing fails after a while, as when memory runs out."""

    def __init__(self) -> None:
        super().__init__()
        self.left = 10

    def composite(self, frame: Frame, matte: Matte, background: Pixels) -> Pixels:
        self.left -= 1
        if self.left < 0:
            raise MemoryError
        return super().composite(frame, matte, background)


def test_composite_raises() -> None:
    sink = MemorySink()
    status = proved(live(SceneSource(), KnowingSegmenter(), sink, ops=BrokenOps()), sink, cards_after_composites)
    assert "MemoryError" in status.problem


def test_a_matte_is_never_blended_over_another_frame() -> None:
    pipeline = Pipeline(CpuOps(), KnowingSegmenter(), SETTINGS)
    first = SceneSource().read()
    assert first is not None
    _, matte = pipeline._understand(first)
    other: Any = Frame(first.pixels, first.format, first.seq + 1, first.pts)
    with pytest.raises(AssertionError):
        pipeline._composite(other, matte, first.pixels)


def test_recordings_too() -> None:
    sink = MemorySink(Delivery.EVERY)
    proved(live(SceneSource(), KnowingSegmenter(raising), sink), sink, cards_after_composites)
