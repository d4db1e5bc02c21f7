"""Chaos: everything fails, in any order, for as long as it takes. Not one emitted picture shows the room."""

from __future__ import annotations

import os
import random
import threading  # noqa: TID251
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.engine.test_demand import CountingSource, made
from tests.parts import KnowingSegmenter, MemorySink, room_share
from vcam.engine import capture, gate, health, output
from vcam.engine.privacy import Privacy
from vcam.errors import SegmenterError, SinkError, SourceError
from vcam.frame import FloatArray, Frame, Rendered
from vcam.ops.colour import i420_to_bgr
from vcam.sinks import Delivery

SECONDS = float(os.environ.get("VCAM_TEST_CHAOS_SECONDS", "20"))


class Faults:
    """What is broken right now; every fault is drawn, lasts a moment and is counted."""

    KINDS = ("unplugged", "camera hangs", "stands still", "other size", "network fails", "network hangs", "no number",
             "sink lost", "nobody watches", "away", "frozen", "panic", "nothing")

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.now = "nothing"
        self.seen: Counter[str] = Counter()

    def change(self) -> float:
        """Draw the next fault; returns how long it lasts, in seconds."""
        self.now = self._random.choice(self.KINDS)
        self.seen[self.now] += 1
        return self._random.uniform(0.1, 0.9)


class ShakyCamera(CountingSource):
    """A camera with noise, and with faults."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(live=True)
        self._faults = faults

    def open(self) -> None:
        if self._faults.now == "unplugged":
            raise SourceError("camera 0 is not there", "plug it in")
        super().open()

    def read(self) -> Frame | None:
        time.sleep(0.6 if self._faults.now == "camera hangs" else 0.01)
        if self._faults.now == "unplugged":
            raise SourceError("camera 0 is gone", "plug it in")
        frame = super().read()
        assert frame is not None
        if self._faults.now == "other size":
            return replace(frame, pixels=np.ascontiguousarray(frame.pixels.repeat(2, 0).repeat(2, 1)))
        noise = 0 if self._faults.now == "stands still" else frame.seq % 3
        return replace(frame, pixels=frame.pixels ^ np.uint8(noise))


class WatchfulSink(MemorySink):
    """Judges pictures as they come instead of keeping them."""

    worst = 0.0

    def __init__(self, faults: Faults, delivery: Delivery) -> None:
        super().__init__(delivery)
        self._faults = faults

    @property
    def watchers(self) -> int | None:  # type: ignore[override]
        return 0 if self._faults.now == "nobody watches" else 1

    def send(self, picture: Rendered) -> None:
        if self._faults.now == "sink lost" and self.delivery is Delivery.LATEST:
            raise SinkError("the device is gone", "")
        self.kinds.append(picture.kind)
        self.worst = max(self.worst, room_share(i420_to_bgr(picture.frame.pixels, picture.frame.colour)))


def shaky_network(faults: Faults) -> KnowingSegmenter:
    def fault(call: int) -> FloatArray | None:
        if faults.now == "network fails":
            raise SegmenterError("the network failed", "")
        if faults.now == "network hangs":
            time.sleep(0.5)
        return np.full((64, 64), np.nan, np.float32) if faults.now == "no number" else None

    return KnowingSegmenter(fault)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour in seconds."""
    for module, name, value in ((capture, "BACKOFF", (0.02, 0.05)), (output, "BACKOFF", (0.02, 0.05)),
                                (output, "STALL_SECONDS", 0.15), (output, "CARD_INTERVAL", 0.05),
                                (gate, "UNWATCHED_SECONDS", 0.2), (gate, "WATCHED_SECONDS", 0.05),
                                (health, "FROZEN_SECONDS", 0.2)):
        monkeypatch.setattr(module, name, value)


def held() -> tuple[int, int]:
    """Threads and file descriptors of this process."""
    descriptors = Path("/proc/self/fd")
    return threading.active_count(), len(list(descriptors.iterdir())) if descriptors.exists() else 0


@pytest.mark.usefixtures("hurried")
@pytest.mark.timeout(SECONDS * 3 + 120)
def test_an_hour_of_faults(record_property: Callable[[str, object], None]) -> None:
    before = held()
    faults = Faults(seed=11)
    sinks = [WatchfulSink(faults, Delivery.LATEST), WatchfulSink(faults, Delivery.EVERY)]
    run = made(ShakyCamera(faults), *sinks)
    run.parts.pipeline.segmenter = shaky_network(faults)
    run.start()
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        lasts = faults.change()
        run.set_privacy(Privacy(faults.now) if faults.now in ("away", "frozen", "panic") else Privacy.LIVE)
        time.sleep(lasts)
        assert not run.wait(0), "nothing ends the run"
    faults.now = "nothing"
    run.set_privacy(Privacy.LIVE)
    survived = len(sinks[0].kinds)
    while "composite" not in sinks[0].kinds[survived:]:
        time.sleep(0.05)
    final = run.finish()
    record_property("faults", dict(faults.seen))
    assert max(sink.worst for sink in sinks) == 0.0
    assert all(Counter(sink.kinds).keys() == {"card", "composite"} for sink in sinks)
    assert final.reopened > 0
    assert final.rendered > SECONDS
    after = held()
    assert after[0] <= before[0], "threads"
    assert after[1] <= before[1], "file descriptors"
