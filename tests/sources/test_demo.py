"""The animated portrait."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

import vcam
from vcam.errors import SourceError
from vcam.frame import Colour, Frame, FramePool, Size
from vcam.ops.colour import i420_to_bgr
from vcam.sources import SourceOptions, demo, demo_pictures
from vcam.sources.demo import DemoSource


def frames(count: int, size: Size | None = None, colour: Colour | None = None) -> list[Frame]:
    source = DemoSource("", SourceOptions(size=size, colour=colour), FramePool())
    source.open()
    return [source.read() for _ in range(count)]


def test_is_720p30_unless_told() -> None:
    source = DemoSource("", SourceOptions(), FramePool())
    assert source.info.size == Size(1280, 720)
    assert source.info.fps == 30


def test_same_number_same_picture() -> None:
    for one, other in zip(frames(4), frames(4), strict=True):
        assert np.array_equal(one.pixels, other.pixels)


def test_she_moves_and_the_room_does_not() -> None:
    shots = frames(61)
    change = np.abs(shots[0].planes()[0].astype(int) - shots[60].planes()[0])
    assert change[:, :200].max() <= 6  # sensor noise
    assert change[:, 1000:].max() <= 6
    assert change[150:, 300:900].mean() > 3


@pytest.mark.parametrize("size", [Size(320, 180), Size(640, 480), Size(360, 640), Size(1920, 1080)])
def test_every_size_shows_her(size: Size) -> None:
    frame = frames(2, size)[1]
    bgr = i420_to_bgr(frame.pixels, frame.colour).astype(int)
    suit = bgr[int(0.93 * size.height), int(0.42 * size.width)]
    assert suit[2] > 160 > suit[1] > suit[0]  # orange
    assert frame.planes()[0].min() >= 14


def test_both_colours_look_alike() -> None:
    first, second = (i420_to_bgr(frames(1, colour=colour)[0].pixels, colour).astype(int) for colour in Colour)
    assert np.abs(first - second).mean() < 1.5


def test_assets_are_small_and_named_in_the_notice() -> None:
    folder = Path(vcam.__file__).parent / "assets"
    names = ["demo_person.webp", "demo_room.jpg"]
    assert sum((folder / name).stat().st_size for name in names) < 600_000
    assert all(name in (folder / "NOTICE.md").read_text(encoding="utf-8") for name in names)


def test_missing_assets_say_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(demo_pictures, "files", lambda package: tmp_path)
    with pytest.raises(SourceError, match="cannot be read"):
        frames(1)


@pytest.mark.parametrize("size", [Size(320, 180), Size(1280, 720)])
def test_the_boxes_leave_nothing_out(size: Size) -> None:
    source = DemoSource("", SourceOptions(size=size), FramePool())
    source.open()
    scene = source._scene
    assert scene is not None
    for seq in (0, 200, 1234):
        boxed, whole = (np.empty((size.height * 3 // 2, size.width), np.uint8) for _ in range(2))
        scene.draw(seq, seq / 30, boxed)
        boxes, scratch = scene._boxes, scene._scratch
        scene._boxes, scene._scratch = [demo._Box(0, 0, size.width, size.height)], np.empty((2, boxed.size), np.uint8)
        scene.draw(seq, seq / 30, whole)
        scene._boxes, scene._scratch = boxes, scratch
        # OpenCV 4 rounds otherwise at a box's border.
        assert np.abs(boxed.astype(int) - whole).max() <= (1 if int(cv2.__version__.partition(".")[0]) >= 5 else 5)
