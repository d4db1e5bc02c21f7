"""Runs inside the virtual machine (see test_kernel_device.py): the sink and a real v4l2loopback at /dev/video10."""

from __future__ import annotations

import errno
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.pictures import bars_rendered, farthest
from tests.vm.viewer import Viewer, bgr, figure
from vcam.errors import SinkError
from vcam.frame import Colour, Size
from vcam.ops.colour import i420_to_bgr
from vcam.sinks import OutputFormat
from vcam.sinks.v4l2 import V4l2Sink

DEVICE = "/dev/video10"
SIZE = Size(320, 180)
LARGER = Size(640, 360)
VERSION = tuple(int(part) for part in os.environ["V4L2LOOPBACK"].split("."))
PIXELS = {"I420": "YU12", "NV12": "NV12", "YUYV": "YUYV"}


@contextmanager
def fed(argument: str = DEVICE, colour: Colour = Colour.BT601, size: Size = SIZE) -> Iterator[V4l2Sink]:
    """A sink that has sent one picture."""
    sink = V4l2Sink(argument)
    sink.open(OutputFormat(size, Fraction(30), colour))
    try:
        sink.send(bars_rendered(size, colour))
        yield sink
    finally:
        sink.close()


@pytest.fixture
def viewer() -> Iterator[Viewer]:
    opened = Viewer(DEVICE)
    yield opened
    opened.close()


@pytest.mark.parametrize("colour", Colour)
@pytest.mark.parametrize("layout", PIXELS)
def test_viewers_get_the_colours_that_were_sent(layout: str, colour: Colour, viewer: Viewer) -> None:
    with fed(f"{DEVICE}?format={layout}", colour) as sink:
        told = viewer.told()
        assert (told.size, told.code) == (SIZE, PIXELS[layout])
        assert (told.matrix, told.range, told.transfer) == (1 if colour is Colour.BT601 else 2, 2, 1)
        assert viewer.frames_a_second() == pytest.approx(30)
        viewer.start()
        for seq in range(1, 4):
            sink.send(bars_rendered(SIZE, colour, seq))
        taken = viewer.picture()
        assert taken is not None
        error = farthest(bgr(taken, told))
        figure(f"{layout} {colour}: error {error:.2f} of 255, colour space {told.colourspace}")
        assert error <= 2


def test_v4l2_ctl_reads_the_same_bytes(tmp_path: Path) -> None:
    expected = bars_rendered(SIZE, Colour.BT601).frame.pixels
    file = tmp_path / "taken.yuv"
    with fed() as sink:
        reader = subprocess.Popen(["v4l2-ctl", "-d", DEVICE, "--stream-mmap=2", "--stream-count=5",
                                   f"--stream-to={file}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while reader.poll() is None:
            sink.send(bars_rendered(SIZE, Colour.BT601))
            time.sleep(0.02)
        assert reader.returncode == 0
    taken = np.frombuffer(file.read_bytes(), np.uint8)
    assert taken.size >= 5 * expected.size
    assert np.array_equal(taken[-expected.size:], expected.reshape(-1))


def test_closes_and_opens_again(viewer: Viewer) -> None:
    for _ in range(3):
        with fed():
            pass
    with fed("vcam"):
        assert viewer.told().size == SIZE


def test_another_size_after_closing() -> None:
    for size in (SIZE, LARGER, SIZE):
        with fed(size=size):
            viewer = Viewer(DEVICE)
            assert viewer.told().size == size
            viewer.close()


def test_opens_again_under_a_viewer_who_goes_on_watching(viewer: Viewer) -> None:
    with fed() as sink:
        viewer.start()
        sink.send(bars_rendered(SIZE, Colour.BT601))
        assert viewer.picture() is not None
    viewer.newest()
    with fed() as sink:
        for seq in range(3):
            sink.send(bars_rendered(SIZE, Colour.BT601, seq))
        taken = viewer.picture()
        assert taken is not None
        assert farthest(bgr(taken, viewer.told())) <= 2


def test_another_size_under_a_viewer_waits_until_he_has_gone() -> None:
    viewer = Viewer(DEVICE)
    with fed():
        viewer.start()
    try:
        with pytest.raises(SinkError, match="is fixed to 320x180, not 640x360") as caught, fed(size=LARGER):
            pass
        assert caught.value.hint.startswith("--size 320x180, or close every program")
    finally:
        viewer.close()
    with fed(size=LARGER):
        pass


def test_a_second_producer_is_refused_in_one_line() -> None:
    with fed() as first, pytest.raises(SinkError) as caught, fed():
        pass
    assert str(caught.value).startswith(f"virtual camera {DEVICE} is in use by another program – stop the program")
    assert "\n" not in str(caught.value)
    assert not first.note
    with fed() as sink:
        assert sink.note == f"virtual camera: vcam ({DEVICE})"


def test_a_viewer_may_open_before_the_first_picture(viewer: Viewer) -> None:
    sink = V4l2Sink(DEVICE)
    sink.open(OutputFormat(SIZE, Fraction(30), Colour.BT601))
    sink.send(bars_rendered(SIZE, Colour.BT601))
    viewer.start()
    sink.send(bars_rendered(SIZE, Colour.BT601))
    assert viewer.picture() is not None
    sink.close()


def test_without_a_producer_viewers_are_turned_away(viewer: Viewer) -> None:
    """So there is always something to send, even while nobody watches."""
    with pytest.raises(OSError) as caught:
        viewer.start()
    figure(f"without a producer: {errno.errorcode[caught.value.errno or 0]}")


def test_how_many_may_watch(viewer: Viewer) -> None:
    second = Viewer(DEVICE)
    with fed() as sink:
        viewer.start()
        sink.send(bars_rendered(SIZE, Colour.BT601))
        assert viewer.picture() is not None
        if VERSION < (0, 13):
            second.start()
        else:
            with pytest.raises(OSError) as caught:
                second.start()
            assert caught.value.errno == errno.EBUSY
    second.close()


def test_nobody_else_may_open_it() -> None:
    Path(DEVICE).chmod(0o600)
    child = os.fork()
    if child == 0:
        os.setuid(65534)
        try:
            V4l2Sink().open(OutputFormat(SIZE, Fraction(30), Colour.BT601))
        except SinkError as error:
            os._exit(error.hint.startswith("sudo usermod -aG video") and "permission denied" in error.message)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1


def test_viewers_are_counted(viewer: Viewer) -> None:
    with fed() as sink:
        if VERSION < (0, 13):
            assert sink.watchers is None
            return
        assert sink.watchers == 0
        viewer.start()
        assert sink.watchers == 1
        viewer.stop()
        assert sink.watchers == 0
    assert sink.watchers is None


def test_the_last_picture_survives_a_pause(viewer: Viewer) -> None:
    with fed() as sink:
        viewer.start()
        viewer.newest()
        time.sleep(2)
        sink.send(bars_rendered(SIZE, Colour.BT601, 1))
        assert viewer.picture() is not None


def test_rate() -> None:
    picture = bars_rendered(Size(1280, 720), Colour.BT601)
    with fed(size=Size(1280, 720)) as sink:
        began, count = time.perf_counter(), 0
        while time.perf_counter() - began < 1:
            sink.send(picture)
            count += 1
    figure(f"1280x720 I420: {count} pictures a second into the device")
    assert count > 30


def test_pyvirtualcam_alone_leaves_the_device_dead() -> None:
    """Why this sink exists; last, because it breaks the device of 0.12.7 for good."""
    import pyvirtualcam

    def once() -> None:
        with pyvirtualcam.Camera(320, 180, 30, fmt=pyvirtualcam.PixelFormat.I420, device=DEVICE) as camera:
            camera.send(bars_rendered(SIZE, Colour.BT601).frame.pixels)

    once()
    if VERSION < (0, 13):
        with pytest.raises(RuntimeError):
            once()
    else:
        once()


def test_bars_are_what_opencv_makes_of_them() -> None:
    """The yardstick itself: the viewer's arithmetic against the program's own."""
    picture = bars_rendered(SIZE, Colour.BT709).frame
    converted = np.empty((SIZE.height, SIZE.width, 3), np.uint8)
    i420_to_bgr(picture.pixels, Colour.BT709, converted)
    assert farthest(converted) <= 2
