"""Cameras, with OpenCV's capture replaced by a fake one."""

from __future__ import annotations

import io
import itertools
import os
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from vcam.errors import SourceError
from vcam.frame import Colour, FramePool, PixelFormat, Size
from vcam.ops.colour import i420_to_bgr
from vcam.sources import SourceOptions, cameras, make_source, v4l2_modes
from vcam.sources.camera import CameraInfo, CameraSource
from vcam.sources.mjpeg import MjpegDecoder

SIZES = {"MJPG": [(1280, 720), (640, 480)], "YUYV": [(640, 480)], "NV12": [(640, 480)], "YU12": [(640, 480)]}
CAMERAS = [CameraInfo(0, "Logitech BRIO", ""), CameraInfo(2, "Integrated Camera", ""),
           CameraInfo(3, "Integrated Camera", "")]


class FakeCapture:
    """A device with formats and sizes; it remembers in which order it was asked."""

    formats = ("MJPG",)
    opens = True
    pictures = 1000
    payload: Any = None

    def __init__(self, index: int, backend: int) -> None:
        self.index = index
        self.wishes: list[int] = []
        self.fourcc, self.size, self.fps, self.raw = "YUYV", (640, 480), 30.0, False
        self.left = self.pictures
        self.released = False
        fakes.append(self)

    def isOpened(self) -> bool:
        return self.opens

    def set(self, prop: int, value: float) -> bool:
        self.wishes.append(prop)
        if prop == cv2.CAP_PROP_FOURCC:
            asked = "".join(chr(int(value) >> shift & 0x7F) for shift in (0, 8, 16, 24))
            self.fourcc = asked if asked in self.formats else self.formats[0]
        elif prop == cv2.CAP_PROP_FRAME_HEIGHT:
            sizes = SIZES[self.fourcc]
            self.size = min(sizes, key=lambda size: abs(size[1] - value))
        elif prop == cv2.CAP_PROP_FPS:
            self.fps = min(30.0, value)
        elif prop == cv2.CAP_PROP_CONVERT_RGB:
            self.raw = not value
        return True

    def get(self, prop: int) -> float:
        return {cv2.CAP_PROP_FOURCC: float(cv2.VideoWriter.fourcc(*self.fourcc)), cv2.CAP_PROP_FPS: self.fps,
                cv2.CAP_PROP_FRAME_WIDTH: float(self.size[0]), cv2.CAP_PROP_FRAME_HEIGHT: float(self.size[1])}[prop]

    def grab(self) -> bool:
        self.left -= 1
        return self.left >= 0

    def retrieve(self, into: Any = None) -> tuple[bool, Any]:
        width, height = self.size
        if not self.raw:
            return True, np.full((height, width, 3), (50, 100, 200), np.uint8)
        if self.fourcc == "MJPG":
            return True, self.payload if self.payload is not None else jpeg(self.size)
        shape = (height, width, 2) if self.fourcc == "YUYV" else (height * 3 // 2, width)
        picture = np.full(shape, 128, np.uint8)
        assert into is not None
        assert into.shape == shape
        into[:] = picture
        return True, into

    def release(self) -> None:
        self.released = True


fakes: list[FakeCapture] = []


def jpeg(size: tuple[int, int], subsampling: int = 1, colour: tuple[int, int, int] = (200, 100, 50)) -> Any:
    data = io.BytesIO()
    Image.new("RGB", size, colour).save(data, "JPEG", quality=95, subsampling=subsampling)
    return np.frombuffer(data.getvalue(), np.uint8)[None]


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> type[FakeCapture]:
    """Three cameras, and a capture class to shape."""
    class Shaped(FakeCapture):
        pass

    fakes.clear()
    monkeypatch.setattr(cv2, "VideoCapture", Shaped)
    monkeypatch.setattr(cameras, "list_cameras", lambda: CAMERAS)
    monkeypatch.setattr(sys, "platform", "linux")
    return Shaped


def source(argument: str = "0", **options: Any) -> CameraSource:
    return CameraSource(argument, SourceOptions(**options), FramePool())


def test_format_comes_before_size_before_rate() -> None:
    source().open()
    assert fakes[0].wishes[:5] == [cv2.CAP_PROP_FOURCC, cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT,
                                   cv2.CAP_PROP_FPS, cv2.CAP_PROP_BUFFERSIZE]


def test_info_is_what_the_device_gives() -> None:
    camera = source(size=Size(1920, 1080), fps=Fraction(60))
    camera.open()
    assert camera.info.size == Size(1280, 720)
    assert camera.info.fps == 30
    assert camera.info.live
    assert camera.info.name == "Logitech BRIO"


@pytest.mark.parametrize(("argument", "index"), [("0", 0), ("2", 2), ("Logitech BRIO", 0), ("logitech", 0), ("", 0),
                                                 ("integrated", 2)])
def test_a_camera_by_number_or_name(argument: str, index: int) -> None:
    source(argument).open()
    assert fakes[0].index == index


def test_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(SourceError, match=r"no camera is called 'zoom'.*Logitech BRIO"):
        source("zoom").open()


def test_no_camera_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cameras, "list_cameras", list)
    with pytest.raises(SourceError, match="no camera was found"):
        source("").open()


def test_missing_number() -> None:
    with pytest.raises(SourceError, match=r"camera 97 is not there.*vcam devices"):
        source("97").open()


def test_mjpeg_becomes_limited_i420() -> None:
    camera = source()
    camera.open()
    frame = camera.read()
    assert (frame.format, frame.colour, frame.size) == (PixelFormat.I420, Colour.BT601, Size(1280, 720))
    assert np.abs(i420_to_bgr(frame.pixels, frame.colour)[300, 300].astype(int) - [50, 100, 200]).max() <= 3


def test_undecodable_jpegs_fall_back_to_bgr(machine: type[FakeCapture]) -> None:
    machine.payload = np.zeros((1, 500), np.uint8)
    camera = source()
    camera.open()
    assert camera.read().format is PixelFormat.BGR24


@pytest.mark.parametrize(("fourcc", "layout"), [("YUYV", PixelFormat.YUYV), ("NV12", PixelFormat.NV12),
                                                ("YU12", PixelFormat.I420)])
def test_uncompressed_yuv_is_handed_on(machine: type[FakeCapture], fourcc: str, layout: PixelFormat) -> None:
    machine.formats = (fourcc,)
    camera = source()
    camera.open()
    frame = camera.read()
    assert (frame.format, frame.size, frame.colour) == (layout, Size(640, 480), Colour.BT601)
    assert camera.info.size == frame.size


def test_bgr_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    camera = source()
    camera.open()
    frame = camera.read()
    assert (frame.format, frame.size) == (PixelFormat.BGR24, Size(1280, 720))


def test_stamps_are_the_grabs(monkeypatch: pytest.MonkeyPatch) -> None:
    camera = source()
    camera.open()
    clock = itertools.count(5_000_000_000, 33_000_000)
    monkeypatch.setattr("time.monotonic_ns", lambda: next(clock))
    frames = [camera.read() for _ in range(3)]
    assert [frame.captured_ns for frame in frames] == [5_000_000_000, 5_033_000_000, 5_066_000_000]
    assert [frame.pts for frame in frames] == [0, Fraction(33, 1000), Fraction(66, 1000)]
    assert [frame.seq for frame in frames] == [0, 1, 2]


def test_unplugged(machine: type[FakeCapture]) -> None:
    machine.pictures = 3
    camera = source()
    camera.open()
    camera.read()
    camera.read()
    with pytest.raises(SourceError, match=r"stopped giving pictures.*plug it in"):
        camera.read()
    camera.close()
    assert fakes[0].released


def test_node_gone_while_opencv_repeats_its_last_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    camera = source()
    camera.open()
    monkeypatch.setattr(camera, "_camera", CameraInfo(0, "Logitech BRIO", "/dev/video-that-went-away"))
    with pytest.raises(SourceError, match="stopped giving pictures"):
        camera.read()


def test_a_few_damaged_pictures_are_skipped(machine: type[FakeCapture]) -> None:
    camera = source()
    camera.open()
    good, damaged = jpeg((1280, 720)), np.zeros((1, 100), np.uint8)
    answers = iter([damaged, damaged, good])
    fakes[0].retrieve = lambda into=None: (True, next(answers))  # type: ignore[method-assign]
    assert camera.read().seq == 0


def test_busy_names_the_holder(machine: type[FakeCapture], monkeypatch: pytest.MonkeyPatch) -> None:
    machine.opens = False
    node = "/dev/null"
    monkeypatch.setattr(cameras, "list_cameras", lambda: [CameraInfo(0, "Logitech BRIO", node)])
    monkeypatch.setattr(cameras, "processes_holding", lambda path: iter(["zoom (pid 4242)"]))
    with pytest.raises(SourceError) as caught:
        source("0").open()
    assert caught.value.message == "camera 0 (Logitech BRIO) is busy: held by zoom (pid 4242)"
    assert caught.value.hint == "close that program, or choose another camera: vcam devices"
    assert fakes[0].released


def test_silent_camera(machine: type[FakeCapture]) -> None:
    machine.pictures = 0
    with pytest.raises(SourceError, match="gives no picture"):
        source().open()
    assert fakes[0].released


def test_holders_are_found_in_proc(tmp_path: Path) -> None:
    node = tmp_path / "video0"
    node.touch()
    for pid, name, path in ((4242, "zoom", node), (17, "bash", tmp_path / "other"), (os.getpid(), "self", node)):
        (tmp_path / "proc" / str(pid) / "fd").mkdir(parents=True)
        (tmp_path / "proc" / str(pid) / "comm").write_text(name + "\n")
        (tmp_path / "proc" / str(pid) / "fd" / "3").symlink_to(path)
    assert list(cameras.processes_holding(str(node), tmp_path / "proc")) == ["zoom (pid 4242)"]


def test_no_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(SourceError, match=r"permission denied.*usermod -aG video"):
        cameras.check_access(CameraInfo(0, "Logitech BRIO", "/dev/null"))


def test_output_devices_are_not_cameras(monkeypatch: pytest.MonkeyPatch) -> None:
    device = v4l2_modes.Device("/dev/null", "v4l2 loopback", "vcam", captures=False, outputs=True)
    monkeypatch.setattr(v4l2_modes, "query", lambda path: device)
    with pytest.raises(SourceError, match="gives no pictures"):
        cameras.check_access(CameraInfo(0, "vcam", "/dev/null"))


def test_a_path_that_is_no_video_device() -> None:
    with pytest.raises(SourceError, match="not a video device"):
        source("/dev/null").open()


def test_nodes_that_cannot_be_asked_answer_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (str(tmp_path / "file"), str(tmp_path / "missing")):
        assert v4l2_modes.query(path) is None
        assert v4l2_modes.modes(path) == ()


def test_spec_with_a_number() -> None:
    assert isinstance(make_source("0", SourceOptions(), FramePool()), CameraSource)
    assert isinstance(make_source("camera:brio", SourceOptions(), FramePool()), CameraSource)


@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize("colour", list(Colour))
@pytest.mark.parametrize("rgb", [(200, 100, 50), (40, 90, 220), (255, 255, 255), (0, 0, 0), (128, 128, 128)])
def test_jpeg_colours(subsampling: int, colour: Colour, rgb: tuple[int, int, int]) -> None:
    pixels = MjpegDecoder(colour, FramePool())(jpeg((64, 48), subsampling, rgb))
    assert pixels is not None
    assert np.abs(i420_to_bgr(pixels, colour)[20, 20, ::-1].astype(int) - rgb).max() <= 3


def test_jpeg_with_a_tail_of_an_older_one() -> None:
    data = np.concatenate([jpeg((64, 48))[0], np.zeros(4000, np.uint8)])
    assert MjpegDecoder(Colour.BT601, FramePool())(data) is not None
