"""Video files: time, rotation, colour, damage."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.sources.clips import TAGS, flat, write_clip
from vcam.errors import SourceError
from vcam.frame import Colour, Frame, FramePool, Size
from vcam.ops.colour import i420_to_bgr
from vcam.sources import SourceOptions
from vcam.sources.video import VideoSource

SMALL = Size(96, 64)
COLOURS = [(40, 60, 200), (200, 90, 30), (60, 180, 70), (128, 128, 128), (235, 235, 235)]  # BGR


def frames_of(path: Path, options: SourceOptions | None = None, limit: int = 100) -> list[Frame]:
    source = VideoSource(str(path), options or SourceOptions(loop=False), FramePool())
    source.open()
    frames: list[Frame] = []
    while len(frames) < limit and (frame := source.read()) is not None:
        frames.append(frame)
    source.close()
    return frames


def middle_bgr(frame: Frame) -> list[int]:
    bgr = i420_to_bgr(frame.pixels, frame.colour)
    return [int(value) for value in bgr[frame.size.height // 2, frame.size.width // 2]]


def test_variable_times_are_kept(tmp_path: Path) -> None:
    times = [500, 533, 700, 701, 1500]
    path = write_clip(tmp_path / "vfr.mkv", [flat(SMALL, COLOURS[0], Colour.BT601)] * 5, pts=times)
    assert [frame.pts for frame in frames_of(path)] == [Fraction(time - 500, 1000) for time in times]


def test_loop_goes_on_in_time(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mkv", [flat(SMALL, c, Colour.BT601) for c in COLOURS[:3]], pts=[0, 40, 80])
    frames = frames_of(path, SourceOptions(loop=True), limit=8)
    assert [frame.pts for frame in frames] == [Fraction(40 * i, 1000) for i in range(8)]
    assert [frame.seq for frame in frames] == list(range(8))
    assert np.array_equal(frames[0].pixels, frames[3].pixels)


@pytest.mark.parametrize(("rotation", "corner"), [(0, (2, 2)), (90, (-3, 2)), (180, (-3, -3)), (-90, (2, -3))])
def test_rotation(tmp_path: Path, rotation: int, corner: tuple[int, int]) -> None:
    picture = flat(SMALL, (20, 20, 20), Colour.BT601)
    picture[:16, :24] = 235
    frame = frames_of(write_clip(tmp_path / "turned.mp4", [picture] * 2, rotation=rotation))[0]
    assert frame.size == (Size(64, 96) if rotation in (90, -90) else SMALL)
    assert frame.planes()[0][corner] > 200
    assert np.count_nonzero(frame.planes()[0] > 200) == 16 * 24


@pytest.mark.parametrize("bgr", COLOURS)
@pytest.mark.parametrize("wanted", [None, *Colour])
@pytest.mark.parametrize("written", list(Colour))
def test_colour_survives(tmp_path: Path, written: Colour, wanted: Colour | None, bgr: tuple[int, int, int]) -> None:
    path = write_clip(tmp_path / "colour.mp4", [flat(SMALL, bgr, written)] * 2, tag=TAGS[written])
    frame = frames_of(path, SourceOptions(colour=wanted))[0]
    assert frame.colour is (wanted or written)
    assert np.abs(np.subtract(middle_bgr(frame), bgr)).max() <= 3


@pytest.mark.parametrize("size", [Size(128, 128), Size(32, 64)])
def test_colour_survives_scaling(tmp_path: Path, size: Size) -> None:
    path = write_clip(tmp_path / "colour.mp4", [flat(SMALL, COLOURS[0], Colour.BT709)] * 2, tag=TAGS[Colour.BT709])
    frame = frames_of(path, SourceOptions(size=size, colour=Colour.BT601))[0]
    assert np.abs(np.subtract(middle_bgr(frame), COLOURS[0])).max() <= 3


@pytest.mark.parametrize(("size", "colour"), [(Size(96, 64), Colour.BT601), (Size(128, 720), Colour.BT709)])
def test_untagged_follows_the_height(tmp_path: Path, size: Size, colour: Colour) -> None:
    path = write_clip(tmp_path / "untagged.mp4", [flat(size, COLOURS[0], colour)] * 2)
    frame = frames_of(path)[0]
    assert frame.colour is colour
    assert np.abs(np.subtract(middle_bgr(frame), COLOURS[0])).max() <= 3


def test_full_range_becomes_limited(tmp_path: Path) -> None:
    picture = np.full((96, 96), 128, np.uint8)
    picture[:32], picture[32:64] = 255, 0
    frame = frames_of(write_clip(tmp_path / "full.mp4", [picture] * 2, tag=6, full_range=True))[0]
    luma = frame.planes()[0]
    assert abs(int(luma[8, 8]) - 235) <= 1
    assert abs(int(luma[48, 8]) - 16) <= 1


def test_odd_sizes_become_even(tmp_path: Path) -> None:
    path = tmp_path / "odd.mkv"
    container: Any = av.open(str(path), "w")
    stream: Any = container.add_stream("ffv1", rate=30)
    stream.width, stream.height, stream.pix_fmt = 75, 51, "yuv420p"
    picture = np.random.default_rng(1).integers(16, 235, (51, 75, 3), np.uint8)
    for _ in range(3):
        container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")))
    container.mux(stream.encode())
    container.close()
    frames = frames_of(path)
    assert [frame.size for frame in frames] == [Size(74, 50)] * 3


def test_cover_keeps_the_middle(tmp_path: Path) -> None:
    picture = flat(Size(128, 64), (20, 20, 20), Colour.BT601)
    picture[:64, 48:80] = 235
    frame = frames_of(write_clip(tmp_path / "wide.mp4", [picture] * 2), SourceOptions(size=Size(64, 64)))[0]
    luma = frame.planes()[0]
    assert np.all(luma[:, 18:46] > 200)
    assert np.all(luma[:, :14] < 60)
    assert np.all(luma[:, 50:] < 60)


def test_errors_say_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "noise.mp4").write_bytes(random.Random(1).randbytes(4000))
    container: Any = av.open(str(tmp_path / "sound.wav"), "w")
    stream: Any = container.add_stream("pcm_s16le", rate=8000)
    sound = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
    sound.sample_rate = 8000
    container.mux(stream.encode(sound))
    container.close()
    for name, message in (("missing.mp4", "does not exist"), ("empty.mp4", "is empty"), ("noise.mp4", "cannot be read"),
                          ("sound.wav", "no video stream")):
        source = VideoSource(str(tmp_path / name), SourceOptions(), FramePool())
        with pytest.raises(SourceError, match=message) as caught:
            source.open()
        assert caught.value.hint
        assert "\n" not in str(caught.value)


def noisy_clip(path: Path, count: int) -> Path:
    rng = np.random.default_rng(0)
    return write_clip(path, [rng.integers(16, 235, (96, 96), np.uint8) for _ in range(count)])


def test_damage_in_the_middle_is_skipped(tmp_path: Path) -> None:
    path = noisy_clip(tmp_path / "clip.mp4", 30)
    data = bytearray(path.read_bytes())
    third = len(data) // 3
    data[third:third + 2000] = random.Random(2).randbytes(2000)
    path.write_bytes(data)
    frames = frames_of(path)
    assert 10 < len(frames) <= 30
    assert all(early.pts < late.pts for early, late in pairwise(frames))


def test_damage_without_end_is_an_error(tmp_path: Path) -> None:
    path = noisy_clip(tmp_path / "clip.mp4", 120)
    data = bytearray(path.read_bytes())
    begin = data.index(b"mdat") + 4 + len(data) // 40
    end = data.index(b"moov") if data.index(b"moov") > begin else len(data)
    data[begin:end - 8] = b"\xff" * (end - 8 - begin)
    path.write_bytes(data)
    with pytest.raises(SourceError, match="damaged"):
        frames_of(path, limit=500)


def test_cut_off_file_ends_early(tmp_path: Path) -> None:
    path = noisy_clip(tmp_path / "clip.mkv", 30)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert 5 < len(frames_of(path)) < 30
