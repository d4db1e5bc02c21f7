"""The sink's own logic; the kernel is stood in for at its boundary by a driver that answers like v4l2loopback."""

from __future__ import annotations

import errno
import fcntl
import os
import select
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.pictures import bars_rendered
from tests.sinks.v4l2_driver import DQEVENT, G_FMT, QUERYCAP, S_FMT, S_PARM, STREAMOFF, STREAMON, SUBSCRIBE, Driver
from vcam import videodev2
from vcam.errors import SinkError, UsageError
from vcam.frame import Colour, Pixels, Size
from vcam.ops.convert import i420_to_nv12, i420_to_yuyv, nv12_to_i420, yuyv_to_i420
from vcam.sinks import Delivery, OutputFormat, loopback, make_sink
from vcam.sinks.v4l2 import V4l2Sink
from vcam.sinks.v4l2_device import OutputDevice

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="V4L2 is Linux")

SIZE = Size(320, 180)
OUTPUT = OutputFormat(SIZE, Fraction(30000, 1001), Colour.BT601)
INSTALL = "sudo apt install v4l2loopback-dkms && sudo modprobe v4l2loopback exclusive_caps=1 card_label=vcam"

Machine = Callable[..., Driver]


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """A Linux machine without video devices; call it to add one."""
    drivers: dict[str, Driver] = {}
    real_open, real_close, real_ioctl = os.open, os.close, fcntl.ioctl
    real_write, real_select = os.write, select.select
    sysfs, dev = tmp_path / "sys", tmp_path / "dev"

    def by_handle(handle: int) -> Driver | None:
        return next((driver for driver in drivers.values() if handle in driver.handles), None)

    def fake_open(path: str, flags: int, *rest: int, **more: int) -> int:
        driver = drivers.get(str(path))
        return driver.open(flags) if driver else real_open(path, flags, *rest, **more)

    def fake_close(handle: int) -> None:
        driver = by_handle(handle)
        if driver:
            driver.handles.remove(handle)
        real_close(handle)

    def fake_ioctl(handle: int, request: int, memory: bytearray | bytes, change: bool = True) -> int | bytes:
        driver = by_handle(handle)
        if driver is None:
            return real_ioctl(handle, request, memory, change)
        changed = bytearray(memory)
        driver.ioctl(request, changed)
        if isinstance(memory, bytes):
            return bytes(changed)
        memory[:] = changed
        return 0

    def fake_write(handle: int, data: memoryview) -> int:
        driver = by_handle(handle)
        return driver.write(data) if driver else real_write(handle, data)

    def fake_select(read: list[int], write: list[int], event: list[int], seconds: float) -> tuple[list[int], ...]:
        driver = by_handle(event[0]) if event else None
        if driver is None:
            return real_select(read, write, event, seconds)
        assert seconds == 0
        return [], [], event if driver.events else []

    def add(number: int = 10, label: str = "vcam", **manners: object) -> Driver:
        entry = sysfs / f"video{number}"
        entry.mkdir(parents=True)
        (entry / "name").write_text(label + "\n")
        path = str(dev / entry.name)
        drivers[path] = Driver(path, **manners)  # type: ignore[arg-type]
        return drivers[path]

    monkeypatch.setattr(loopback, "_SYSFS", sysfs)
    monkeypatch.setattr(loopback, "_DEV", dev)
    monkeypatch.setattr(os, "open", fake_open)
    monkeypatch.setattr(os, "close", fake_close)
    monkeypatch.setattr(os, "write", fake_write)
    monkeypatch.setattr(fcntl, "ioctl", fake_ioctl)
    monkeypatch.setattr(select, "select", fake_select)
    yield add
    monkeypatch.undo()


def opened(argument: str = "", output: OutputFormat = OUTPUT) -> V4l2Sink:
    sink = V4l2Sink(argument)
    sink.open(output)
    return sink


@pytest.mark.parametrize("old", [True, False])
def test_sends_i420_as_it_is(machine: Machine, old: bool) -> None:
    driver = machine(old=old)
    sink = opened()
    picture = bars_rendered(SIZE, Colour.BT601)
    sink.send(picture)
    assert driver.written == [picture.frame.pixels.tobytes()]
    assert driver.format[:3] == (320, 180, struct.unpack("<I", b"YU12")[0])
    assert driver.seconds == (1001, 30000)
    assert (sink.delivery, sink.tags_colour) == (Delivery.LATEST, False)
    assert sink.note == f"virtual camera: vcam ({driver.path})"
    sink.close()
    sink.close()
    assert not sink.note
    assert (STREAMOFF in driver.log) == old


@pytest.mark.parametrize(("colour", "tags"), [(Colour.BT601, (1, 1, 2, 1)), (Colour.BT709, (3, 2, 2, 1))])
def test_tags_the_colour(machine: Machine, colour: Colour, tags: tuple[int, ...]) -> None:
    driver = machine()
    sink = opened(output=replace(OUTPUT, colour=colour))
    picture = bars_rendered(SIZE, colour)
    sink.send(picture)
    assert (driver.format[6], *driver.format[9:]) == tags
    assert driver.written == [picture.frame.pixels.tobytes()]
    sink.close()


def test_tags_replace_those_of_the_last_program(machine: Machine) -> None:
    driver = machine()
    for colour, matrix in ((Colour.BT601, 1), (Colour.BT709, 2), (Colour.BT601, 1)):
        opened(output=replace(OUTPUT, colour=colour)).close()
        assert driver.format[:2] == (320, 180)
        assert driver.format[9] == matrix


@pytest.mark.parametrize("manner", [{"keeps_tags": False}, {"refuses": {G_FMT: errno.EINVAL}}])
def test_without_tags_it_sends_what_viewers_assume(machine: Machine, manner: dict[str, object]) -> None:
    driver = machine(**manner)
    sink = opened(output=replace(OUTPUT, colour=Colour.BT709))
    sink.send(bars_rendered(SIZE, Colour.BT709))
    expected = bars_rendered(SIZE, Colour.BT601).frame.pixels.reshape(-1)
    assert np.abs(np.frombuffer(driver.written[0], np.uint8).astype(int) - expected).max() <= 2
    sink.close()


@pytest.mark.parametrize(("layout", "code", "line"), [("YUYV", b"YUYV", 640), ("nv12", b"NV12", 320)])
def test_other_pixel_formats(machine: Machine, layout: str, code: bytes, line: int) -> None:
    driver = machine()
    sink = make_sink(f"v4l2:vcam?format={layout}")
    sink.open(OUTPUT)
    pixels = bars_rendered(SIZE, Colour.BT601).frame.pixels
    sink.send(bars_rendered(SIZE, Colour.BT601))
    assert (driver.format[2], driver.format[4]) == (struct.unpack("<I", code)[0], line)
    taken, back = np.frombuffer(driver.written[0], np.uint8), np.empty_like(pixels)
    (yuyv_to_i420 if code == b"YUYV" else nv12_to_i420)(taken.reshape(-1, line), back)
    assert np.array_equal(back, pixels)
    sink.close()


@pytest.mark.parametrize("there_and_back", [
    (i420_to_nv12, nv12_to_i420, (270, 320)), (i420_to_yuyv, yuyv_to_i420, (180, 640))])
def test_conversions_lose_nothing(there_and_back: tuple[Callable[[Pixels, Pixels], None],
                                                        Callable[[Pixels, Pixels], None], tuple[int, int]]) -> None:
    there, back, shape = there_and_back
    pixels = np.random.default_rng(5).integers(0, 256, (270, 320), np.uint8)
    between, again = np.empty(shape, np.uint8), np.empty_like(pixels)
    there(pixels, between)
    back(between, again)
    assert np.array_equal(again, pixels)


@pytest.mark.parametrize("argument", ["?format=RGB", "vcam?size=1", "/dev/video10?"])
def test_unknown_options(argument: str) -> None:
    with pytest.raises(UsageError, match=r"virtual camera option .* is unknown"):
        V4l2Sink(argument)


def test_takes_the_first_free_device(machine: Machine) -> None:
    busy, free = machine(2, fed_by_another=True), machine(10)
    sink = opened()
    assert sink.note.endswith(f"({free.path})")
    assert not busy.format
    sink.close()


def test_finds_a_device_by_name(machine: Machine) -> None:
    machine(2, "other")
    wanted = machine(3, "Studio")
    sink = opened("Studio")
    assert wanted.path in sink.note
    sink.close()
    with pytest.raises(SinkError, match="no virtual camera is called 'vcam'; there are other") as caught:
        opened("vcam")
    assert caught.value.hint.startswith("v4l2:")


def test_without_a_device_it_says_how_to_get_one() -> None:
    with pytest.raises(SinkError, match="no v4l2loopback device was found") as caught:
        opened()
    assert caught.value.hint == INSTALL


def test_every_device_is_busy(machine: Machine) -> None:
    machine(2, fed_by_another=True)
    machine(3, fed_by_another=True)
    with pytest.raises(SinkError, match=r"is free: .*video2 is in use.*; .*video3 is in use"):
        opened()


def test_a_webcam_is_no_virtual_camera(machine: Machine) -> None:
    webcam = machine(name=b"uvcvideo", fed_by_another=True)
    with pytest.raises(SinkError, match="is vcam, which takes no pictures"):
        opened(webcam.path)


@pytest.mark.parametrize("manner", [{"pinned": Size(640, 480)}, {"line": 384}])
def test_a_format_that_the_driver_changed(machine: Machine, manner: dict[str, object]) -> None:
    driver = machine(**manner)
    with pytest.raises(SinkError, match=r"is fixed to (640x480, not 320x180|YU12 with 384 bytes)"):
        opened(driver.path)
    assert not driver.handles


@pytest.mark.parametrize(("number", "words", "hint"), [
    (errno.ENODEV, "has gone", INSTALL), (errno.EIO, "input/output error", "sudo modprobe -r v4l2loopback"),
    (errno.EBUSY, "in use by another program", "stop the program"), (errno.EPERM, "permission denied", "usermod"),
    (errno.EACCES, "permission denied", "sudo usermod -aG video"), (errno.EINVAL, "does not take", "close every"),
    (errno.ENOENT, "does not exist", "v4l2: for the first"), (errno.ENOMEM, "Cannot allocate memory", INSTALL)])
@pytest.mark.parametrize("request_code", [0, QUERYCAP, S_FMT, 1])
def test_every_errno_is_a_line_with_a_remedy(machine: Machine, request_code: int, number: int, words: str,
                                             hint: str) -> None:
    driver = machine(refuses={request_code: number})
    with pytest.raises(SinkError, match=words) as caught:
        sink = opened(driver.path)
        try:
            sink.send(bars_rendered(SIZE, Colour.BT601))
        finally:
            sink.close()
    assert hint in caught.value.hint
    assert driver.path in caught.value.message
    assert "\n" not in str(caught.value)
    assert not driver.handles


def test_half_a_picture_is_an_error(machine: Machine) -> None:
    sink = opened(machine(takes=1000).path)
    with pytest.raises(SinkError, match="took 1000 of 86400 bytes"):
        sink.send(bars_rendered(SIZE, Colour.BT601))
    sink.close()


def test_a_driver_without_rates_is_fine(machine: Machine) -> None:
    opened(machine(refuses={S_PARM: errno.ENOTTY}).path).close()


def test_stream_on_errors_count_if_they_mean_something(machine: Machine) -> None:
    with pytest.raises(SinkError, match="in use"):
        opened(machine(refuses={STREAMON: errno.EBUSY}).path)


def test_viewers_are_counted_where_the_driver_tells(machine: Machine) -> None:
    driver = machine(events=[0])
    sink = opened(driver.path)
    assert sink.watchers == 0
    driver.events = [1, 0, 1]
    assert sink.watchers == 1
    assert sink.watchers == 1
    driver.refuses = {DQEVENT: errno.ENOENT}
    driver.events = [0]
    assert sink.watchers == 1
    sink.close()
    assert sink.watchers is None
    assert not driver.handles


def test_an_old_driver_does_not_count(machine: Machine) -> None:
    driver = machine(old=True)
    sink = opened(driver.path)
    assert sink.watchers is None
    assert len(driver.handles) == 1  # a second one would keep 0.12.7 from ever freeing its buffers
    sink.close()


def test_opening_again_lets_go_first(machine: Machine) -> None:
    driver = machine()
    sink = opened(driver.path)
    sink.open(replace(OUTPUT, size=Size(640, 360)))
    sink.send(bars_rendered(Size(640, 360), Colour.BT601))
    assert len(driver.handles) == 2
    sink.close()


def test_elsewhere_it_names_the_other_sink(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(SinkError, match="Linux only – use virtualcam:"):
        opened()


def test_structs_are_as_long_as_the_c_compiler_makes_them() -> None:
    """sizeof() of linux/videodev2.h on a 64-bit machine."""
    sizes = {"CAPABILITY": 104, "FORMAT_NAME": 64, "FRAME_SIZE": 44, "FRAME_INTERVAL": 52, "FORMAT": 208,
             "PARAMETERS": 204, "SUBSCRIPTION": 32, "EVENT": 136}
    assert {name: getattr(videodev2, name).size for name in sizes} == sizes
    assert (videodev2.SET_FORMAT, videodev2.TAKE_EVENT, videodev2.SUBSCRIBE_EVENT) == (S_FMT, DQEVENT, SUBSCRIBE)
    assert (videodev2.SET_PARAMETERS, videodev2.STREAM_ON, videodev2.STREAM_OFF) == (S_PARM, STREAMON, STREAMOFF)


def test_the_kernel_itself_says_no_to_what_is_no_device() -> None:
    device = OutputDevice("/dev/null")
    with pytest.raises(OSError) as caught:
        device.identity()
    assert caught.value.errno == errno.ENOTTY
    device.close()
    device.close()
