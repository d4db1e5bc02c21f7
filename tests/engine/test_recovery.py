"""A camera that stands still, and a computer that slept."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from tests.engine.test_demand import CountingSource, made
from tests.parts import MemorySink, scene_frame
from vcam.engine import capture, health
from vcam.engine.clock import SECOND_NS
from vcam.engine.health import FROZEN_SECONDS, FrozenWatch, SleepWatch
from vcam.frame import Frame


def test_the_same_picture_for_seconds_is_frozen_once() -> None:
    watch, frame = FrozenWatch(), scene_frame()
    limit = int(FROZEN_SECONDS * SECOND_NS)
    assert not watch.is_frozen(frame, 0)
    assert not watch.is_frozen(frame, limit)
    assert watch.is_frozen(frame, limit + 1)
    assert not watch.is_frozen(frame, limit * 2), "still the same after reopening: it is meant so"
    noisy = replace(frame, pixels=frame.pixels ^ np.uint8(1))
    assert not watch.is_frozen(noisy, limit * 3)
    assert not watch.is_frozen(noisy, limit * 4)
    assert watch.is_frozen(noisy, limit * 4 + 1)


def test_a_sensors_noise_is_no_standstill() -> None:
    watch, frame = FrozenWatch(), scene_frame()
    rng = np.random.default_rng(1)
    for second in range(30):
        noise = (rng.random(frame.pixels.shape) < 0.01).astype(np.uint8)
        assert not watch.is_frozen(replace(frame, pixels=frame.pixels ^ noise), second * SECOND_NS)


def test_sleep_is_noticed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asleep = [0]
    monkeypatch.setattr(health, "_asleep_ns", lambda: asleep[0])
    watch = SleepWatch()
    assert not watch.slept()
    asleep[0] = 60 * SECOND_NS
    assert watch.slept()
    assert not watch.slept()


def test_a_frozen_camera_is_reopened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "FROZEN_SECONDS", 0.3)
    monkeypatch.setattr(capture, "BACKOFF", (0.05,))

    class Stuck(CountingSource):
        """Delivers one and the same picture until it is reopened; afterwards every picture differs."""

        def read(self) -> Frame | None:
            frame = super().read()
            assert frame is not None
            if not self.opened:
                return frame
            return replace(frame, pixels=frame.pixels ^ np.uint8(frame.seq % 2))

    source = Stuck(live=True, fault=lambda seq: time.sleep(0.01))
    sink = MemorySink()
    run = made(source, sink)
    run.start()
    sink.wait_for(lambda s: run.status().reopened == 1 and s.kinds.count("composite") > 60)
    assert run.status().problem == ""
    run.finish()
    assert source.opened == 1
