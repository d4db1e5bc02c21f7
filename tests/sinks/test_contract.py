"""What every sink promises, checked on each that can run here."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from tests.pictures import bars_rendered
from vcam.errors import SinkError
from vcam.frame import Colour, Size
from vcam.sinks import Delivery, OutputFormat, Sink, make_sink
from vcam.sinks.virtualcam import available

SIZE = Size(320, 180)
OUTPUT = OutputFormat(SIZE, Fraction(30), Colour.BT601)
SPECS = ("null:", "virtualcam:", "v4l2:", "preview:0", "mjpeg:0", "udp://127.0.0.1:9", "hls:",
         "out.mp4", "out.mkv", "out.mov", "out.webm", "-")


@pytest.fixture(params=SPECS)
def fresh(request: pytest.FixtureRequest, tmp_path: Path,
          monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Sink]]:
    """Makes sinks of one kind; files go to a folder of the test, standard output to a file."""
    spec = request.param
    if spec == "v4l2:" and sys.platform != "linux":
        pytest.skip("v4l2: is Linux")
    if spec in ("virtualcam:", "v4l2:") and not available()[0]:
        pytest.skip(available()[1])
    with (tmp_path / "stdout.y4m").open("w") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        yield lambda: make_sink(f"{spec if spec == 'hls:' else ''}{tmp_path / spec.removeprefix('hls:')}"
                                if spec.startswith(("out.", "hls:")) else spec)


def test_takes_pictures_and_closes_twice(fresh: Callable[[], Sink]) -> None:
    sink = fresh()
    sink.open(OUTPUT)
    for seq in range(5):
        sink.send(bars_rendered(SIZE, Colour.BT601, seq))
    sink.close()
    sink.close()


def test_opens_again(fresh: Callable[[], Sink]) -> None:
    sink = fresh()
    for _ in range(2):
        sink.open(OUTPUT)
        sink.send(bars_rendered(SIZE, Colour.BT601))
        sink.close()


def test_closes_unopened_and_without_a_picture(fresh: Callable[[], Sink]) -> None:
    sink = fresh()
    sink.close()
    sink.open(OUTPUT)
    sink.close()


def test_describes_itself(fresh: Callable[[], Sink]) -> None:
    sink = fresh()
    assert sink.name
    assert sink.delivery in Delivery
    assert isinstance(sink.tags_colour, bool)
    assert "\n" not in sink.note
    sink.open(OUTPUT)
    note = sink.note
    sink.close()
    assert "\n" not in note
    assert bool(note) == (sink.name != "null")


def test_refuses_a_picture_of_another_size(fresh: Callable[[], Sink]) -> None:
    sink = fresh()
    sink.open(OUTPUT)
    with pytest.raises(SinkError, match="opened for 320x180 i420 pictures, got 160x90"):
        sink.send(bars_rendered(Size(160, 90), Colour.BT601))
    sink.close()


def test_takes_a_picture_of_the_other_matrix(fresh: Callable[[], Sink]) -> None:
    sink = fresh()
    sink.open(OUTPUT)
    sink.send(bars_rendered(SIZE, Colour.BT709))
    sink.close()


def test_leaves_no_file_descriptor_open(fresh: Callable[[], Sink]) -> None:
    def cycle() -> None:
        sink = fresh()
        sink.open(OUTPUT)
        sink.send(bars_rendered(SIZE, Colour.BT601))
        sink.close()

    descriptors = Path("/proc/self/fd")
    if not descriptors.exists():
        pytest.skip("needs /proc")
    cycle()  # libraries keep some from their first use
    before = len(os.listdir(descriptors))  # noqa: PTH208
    cycle()
    assert len(os.listdir(descriptors)) <= before  # noqa: PTH208
