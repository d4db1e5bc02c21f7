"""The test picture and its machine-readable number."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.clips import write_clip
from vcam.frame import FramePool, Size
from vcam.ops.colour import i420_to_bgr
from vcam.sources import SourceOptions
from vcam.sources.test import TestSource, read_stamp, write_stamp
from vcam.sources.video import VideoSource


def opened(**options: object) -> TestSource:
    source = TestSource("", SourceOptions(**options), FramePool())  # type: ignore[arg-type]
    source.open()
    return source


def test_default_is_720p30() -> None:
    source = opened()
    assert (source.info.size, source.info.fps) == (Size(1280, 720), Fraction(30))


def test_stamps_count_and_times_follow_the_rate() -> None:
    source = opened(fps=Fraction(24000, 1001))
    frames = [source.read() for _ in range(5)]
    assert [read_stamp(frame.planes()[0]) for frame in frames] == [0, 1, 2, 3, 4]
    assert frames[4].pts == Fraction(4 * 1001, 24000)


def test_bars_have_their_colours() -> None:
    source = opened()
    frame = source.read()
    bgr = i420_to_bgr(frame.pixels, frame.colour)
    row = bgr[650, 90::183].astype(int)
    assert np.abs(row[:3] - [[191, 191, 191], [0, 191, 191], [191, 191, 0]]).max() <= 3


def test_clock_is_drawn() -> None:
    source = opened(size=Size(640, 360))
    first = source.read().planes()[0][144:252]
    assert 0.02 < np.mean(first > 200) < 0.6
    assert not np.array_equal(first, source.read().planes()[0][144:252])


@settings(max_examples=60, deadline=None)
@given(seq=st.integers(0, 2**32 - 1), width=st.integers(100, 960), height=st.integers(56, 540),
       quality=st.integers(30, 95), target=st.floats(0.7, 1.6))
def test_stamp_survives_scaling_and_jpeg(seq: int, width: int, height: int, quality: int, target: float) -> None:
    luma = np.full((height * 2, width * 2), 100, np.uint8)
    write_stamp(luma, seq)
    assert read_stamp(luma) == seq
    scaled = cv2.resize(luma, None, fx=target, fy=target,
                        interpolation=cv2.INTER_AREA if target < 1 else cv2.INTER_LINEAR)
    coded = cv2.imencode(".jpg", scaled, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    decoded = cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)
    assert decoded is not None
    if decoded.shape[1] > 200 and decoded.shape[0] > 100:
        assert read_stamp(decoded.astype(np.uint8)) == seq


@settings(max_examples=60, deadline=None)
@given(seq=st.integers(0, 2**32 - 1), cell=st.integers(0, 31))
def test_a_damaged_stamp_is_not_misread(seq: int, cell: int) -> None:
    luma = np.full((360, 640), 100, np.uint8)
    write_stamp(luma, seq)
    at = 0.04 + 0.92 * (4 + cell + 0.5) / 46
    middle = round(at * 640)
    luma[:40, middle - 5:middle + 6] = 251 - luma[20, middle]
    assert read_stamp(luma) is None


@given(st.integers(0, 2**32 - 1))
def test_noise_is_no_stamp(seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 255, (120, 200), np.uint8)
    assert read_stamp(noise) is None
    assert read_stamp(np.full((120, 200), seed % 256, np.uint8)) is None


def test_too_small_for_a_stamp() -> None:
    assert read_stamp(np.zeros((20, 40), np.uint8)) is None


def test_stamp_survives_h264(tmp_path: Path) -> None:
    source = opened(size=Size(640, 360))
    path = write_clip(tmp_path / "stamps.mp4", [source.read().pixels for _ in range(12)], crf=38)
    video = VideoSource(str(path), SourceOptions(loop=False, size=Size(480, 270)), FramePool())
    video.open()
    read = []
    while (frame := video.read()) is not None:
        read.append(read_stamp(frame.planes()[0]))
    assert read == list(range(12))
