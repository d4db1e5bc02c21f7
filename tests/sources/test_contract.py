"""What every source promises, checked on every source that can run here."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.sources.clips import flat, write_clip
from vcam.errors import SourceError
from vcam.frame import Colour, Frame, FramePool, PixelFormat, Size, i420_shape
from vcam.sources import Source, SourceOptions, make_source

Make = Callable[[SourceOptions], Source]

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:mss")


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """An X display: an empty one of our own."""
    if shutil.which("Xvfb") is None:
        pytest.skip("no Xvfb to grab a screen from")
    reading, writing = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(writing), "-screen", "0", "800x600x24", "-nolisten", "tcp",
                               "-noreset"],
                              pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as answer:
        number = answer.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait()


@pytest.fixture(params=["video", "picture", "demo", "test", "screen", "camera"])
def make(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """A maker of one kind of source."""
    spec = f"{request.param}:"
    if request.param == "video":
        pictures = [flat(Size(320, 180), (10 * i, 100, 200), Colour.BT601) for i in range(4)]
        spec = str(write_clip(tmp_path / "clip.mp4", pictures))
    elif request.param == "picture":
        Image.new("RGB", (300, 200), (200, 100, 50)).save(tmp_path / "picture.png")
        spec = str(tmp_path / "picture.png")
    elif request.param == "screen":
        monkeypatch.setenv("DISPLAY", request.getfixturevalue("display"))
        monkeypatch.delenv("XDG_SESSION_TYPE", raising=False)
    elif request.param == "camera" and not list(Path("/dev").glob("video*")):
        pytest.skip("this machine has no camera: no /dev/video*")
    return lambda options: make_source(spec, options, FramePool())


def take(source: Source, count: int) -> list[Frame]:
    """That many frames."""
    frames = [source.read() for _ in range(count)]
    assert all(frame is not None for frame in frames)
    return [frame for frame in frames if frame is not None]


def test_frames_are_what_info_says(make: Make) -> None:
    source = make(SourceOptions())
    source.open()
    for frame in take(source, 6):
        assert frame.size == source.info.size
        assert frame.pixels.dtype == np.uint8
        assert frame.pixels.flags.c_contiguous
        if frame.format is PixelFormat.I420:
            assert frame.pixels.shape == i420_shape(frame.size)
            assert frame.colour in Colour
    assert source.info.name
    assert source.info.fps > 0
    source.close()


def test_counts_from_nought_and_time_grows(make: Make) -> None:
    source = make(SourceOptions())
    source.open()
    frames = take(source, 10)
    assert [frame.seq for frame in frames] == list(range(10))
    assert frames[0].pts == 0
    assert all(isinstance(frame.pts, Fraction) for frame in frames)
    assert all(early.pts < late.pts for early, late in pairwise(frames))
    source.close()


def test_opens_again(make: Make) -> None:
    source = make(SourceOptions())
    for _ in range(2):
        source.open()
        assert take(source, 2)[0].seq == 0
        source.close()
        source.close()


def test_read_after_close_raises(make: Make) -> None:
    source = make(SourceOptions())
    with pytest.raises(SourceError, match="not open"):
        source.read()
    source.open()
    source.close()
    with pytest.raises(SourceError, match="not open"):
        source.read()


@pytest.mark.parametrize("size", [Size(640, 360), Size(128, 240)])
def test_follows_the_size(make: Make, size: Size, request: pytest.FixtureRequest) -> None:
    if "camera" in request.node.name:
        pytest.skip("a camera has its own sizes")
    source = make(SourceOptions(size=size))
    source.open()
    assert source.info.size == size
    assert take(source, 1)[0].size == size
    source.close()


@pytest.mark.parametrize("colour", list(Colour))
def test_tags_the_wanted_colour(make: Make, colour: Colour) -> None:
    source = make(SourceOptions(colour=colour))
    source.open()
    frame = take(source, 1)[0]
    if frame.format is PixelFormat.I420:
        assert frame.colour is colour
    source.close()


def test_frames_stay_as_they_are(make: Make) -> None:
    source = make(SourceOptions())
    source.open()
    first = take(source, 1)[0]
    before = first.pixels.copy()
    take(source, 4)
    assert np.array_equal(first.pixels, before)
    source.close()
