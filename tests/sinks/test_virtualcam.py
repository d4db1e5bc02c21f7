"""The virtual camera's own logic; pyvirtualcam and the kernel are stood in for at their boundary."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import pyvirtualcam

from tests.pictures import bars_rendered
from vcam.errors import SinkError
from vcam.frame import Colour, Pixels, Size
from vcam.sinks import Delivery, OutputFormat, loopback
from vcam.sinks.virtualcam import VirtualCameraSink, available

SIZE = Size(320, 180)
OUTPUT = OutputFormat(SIZE, Fraction(30), Colour.BT601)
INSTALL = "sudo apt install v4l2loopback-dkms && sudo modprobe v4l2loopback exclusive_caps=1 card_label=vcam"

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="v4l2loopback is Linux")


class FakeCamera:
    """Stands for pyvirtualcam.Camera; ``refusals`` are the messages of devices that do not open."""

    refusals: ClassVar[dict[str | None, str]] = {}
    made: ClassVar[list[FakeCamera]] = []

    def __init__(self, width: int, height: int, fps: float, *, fmt: Any, device: str | None) -> None:
        if device in self.refusals:
            raise RuntimeError(f"'v4l2loopback' backend: {self.refusals[device]}")
        self.size, self.fps, self.fmt, self.device = (width, height), fps, fmt, device or "OBS Virtual Camera"
        self.sent: list[Pixels] = []
        self.closed = 0
        self.broken = ""
        FakeCamera.made.append(self)

    def send(self, pixels: Pixels) -> None:
        if self.broken:
            raise RuntimeError(self.broken)
        self.sent.append(pixels)

    def sleep_until_next_frame(self) -> None:
        raise AssertionError("the engine paces, not the sink")

    def close(self) -> None:
        self.closed += 1


@pytest.fixture(autouse=True)
def camera(monkeypatch: pytest.MonkeyPatch) -> type[FakeCamera]:
    monkeypatch.setattr(FakeCamera, "refusals", {})
    monkeypatch.setattr(FakeCamera, "made", [])
    monkeypatch.setattr(pyvirtualcam, "Camera", FakeCamera)
    return FakeCamera


Machine = Callable[..., str]


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A Linux machine without video devices; call it to add one."""
    sysfs, dev = tmp_path / "sys", tmp_path / "dev"
    drivers: dict[str, bytes] = {}
    sizes: dict[str, Size] = {}
    devices: list[str] = []

    @contextmanager
    def opened(path: str) -> Iterator[int]:
        if path not in drivers:
            raise FileNotFoundError(2, "No such file or directory")
        if drivers[path] == b"forbidden":
            raise PermissionError(13, "Permission denied")
        yield devices.index(path)

    def ioctl(handle: int, request: int, argument: bytes) -> bytes:
        path = devices[handle]
        if request == 0x80685600:  # VIDIOC_QUERYCAP, as strace shows it
            assert len(argument) == 104
            return drivers[path].ljust(16, b"\0") + bytes(88)
        assert request == 0xC0D05604  # VIDIOC_G_FMT
        assert len(argument) == 208
        assert argument[:4] == b"\1\0\0\0"  # V4L2_BUF_TYPE_VIDEO_CAPTURE
        if path not in sizes:
            raise OSError(22, "Invalid argument")
        return argument[:8] + np.array([sizes[path].width, sizes[path].height], np.uint32).tobytes() + argument[16:]

    def add(number: int, label: str = "", driver: bytes = b"v4l2 loopback", size: Size | None = None) -> str:
        entry = sysfs / f"video{number}"
        entry.mkdir(parents=True)
        (entry / "name").write_text(label + "\n")
        device = str(dev / entry.name)
        devices.append(device)
        drivers[device] = driver
        if size is not None:
            sizes[device] = size
        return device

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(loopback, "_SYSFS", sysfs)
    monkeypatch.setattr(loopback, "_DEV", dev)
    monkeypatch.setattr(loopback, "_opened", opened)
    monkeypatch.setattr(loopback, "_ioctl", ioctl)
    return add


def opened(argument: str = "") -> VirtualCameraSink:
    sink = VirtualCameraSink(argument)
    sink.open(OUTPUT)
    return sink


def test_sends_i420_as_it_is_and_without_waiting(machine: Machine, camera: type[FakeCamera]) -> None:
    device = machine(10, "vcam")
    sink = opened()
    picture = bars_rendered(SIZE, Colour.BT601)
    sink.send(picture)
    [made] = camera.made
    assert (made.size, made.fps, made.fmt, made.device) == ((320, 180), 30.0, pyvirtualcam.PixelFormat.I420, device)
    assert made.sent[0] is picture.frame.pixels
    assert sink.note == f"virtual camera: vcam ({device})"
    assert (sink.delivery, sink.tags_colour) == (Delivery.LATEST, False)
    sink.close()
    sink.close()
    assert made.closed == 1
    assert not sink.note


def test_takes_the_first_free_device(machine: Machine, camera: type[FakeCamera]) -> None:
    busy, free = machine(9), machine(10)
    camera.refusals = {busy: f"Virtual camera device {busy} could not be configured: Device or resource busy"}
    opened()
    assert [made.device for made in camera.made] == [free]


def test_skips_devices_of_other_drivers(machine: Machine, camera: type[FakeCamera]) -> None:
    machine(0, driver=b"vivid")
    device = machine(2)
    opened()
    assert camera.made[0].device == device
    assert available() == (True, device)


def test_finds_a_device_by_the_name_apps_show(machine: Machine, camera: type[FakeCamera]) -> None:
    machine(3, "other")
    device = machine(4, "Studio camera")
    opened("Studio camera")
    assert camera.made[0].device == device


def test_an_unknown_name_lists_the_names_there_are(machine: Machine) -> None:
    device = machine(3, "other")
    with pytest.raises(SinkError, match="no virtual camera is called 'vcam'; there are other") as caught:
        opened("vcam")
    assert caught.value.hint == f"virtualcam:{device}, or virtualcam: for the first free one"


def test_without_a_device_it_says_how_to_get_one() -> None:
    with pytest.raises(SinkError, match="no v4l2loopback device was found") as caught:
        opened()
    assert caught.value.hint == INSTALL
    assert available() == (False, str(caught.value))


@pytest.mark.parametrize("message", [
    "Device /dev/video9 is not a video output device.",  # exclusive_caps=1 while another program feeds it
    "Device /dev/video9 is already in use.",
    "Virtual camera device /dev/video9 could not be configured: Device or resource busy",
])
def test_another_program_feeds_it(camera: type[FakeCamera], message: str) -> None:
    camera.refusals = {"/dev/video9": message}
    with pytest.raises(SinkError, match="/dev/video9 is in use by another program") as caught:
        opened("/dev/video9")
    assert "stop the program that feeds it" in caught.value.hint


def test_all_are_busy(machine: Machine, camera: type[FakeCamera]) -> None:
    camera.refusals = {machine(number): "Device is already in use." for number in (1, 2)}
    with pytest.raises(SinkError, match=r"is free: .*video1 is in use.*; .*video2 is in use") as caught:
        opened()
    assert "stop the program that feeds it" in caught.value.hint


def test_pyvirtualcam_may_not_open_it(camera: type[FakeCamera]) -> None:
    camera.refusals = {"/dev/video9": "Could not access /dev/video9 due to missing permissions."}
    with pytest.raises(SinkError, match="permission denied") as caught:
        opened("/dev/video9")
    assert caught.value.hint == "sudo usermod -aG video $USER, then log out and in again"


def test_no_device_may_be_opened(machine: Machine) -> None:
    machine(9, driver=b"forbidden")
    usable, why = available()
    assert not usable
    assert "permission denied – sudo usermod -aG video" in why


def test_any_other_refusal_is_passed_on_with_the_remedy(camera: type[FakeCamera]) -> None:
    camera.refusals = {"/dev/video9": "Device /dev/video9 does not exist."}
    with pytest.raises(SinkError, match="does not exist") as caught:
        opened("/dev/video9")
    assert caught.value.hint == INSTALL


def test_a_size_that_the_device_did_not_take_is_refused(machine: Machine) -> None:
    device = machine(10, size=Size(1280, 720))
    sink = opened()
    with pytest.raises(SinkError, match=f"{device} is fixed to 1280x720, not 320x180") as caught:
        sink.send(bars_rendered(SIZE, Colour.BT601))
    assert caught.value.hint.startswith("--size 1280x720")


@pytest.mark.parametrize("size", [SIZE, None])
def test_a_size_that_it_took_or_does_not_tell_is_fine(machine: Machine, size: Size | None) -> None:
    machine(10, size=size)
    opened().send(bars_rendered(SIZE, Colour.BT601))


def test_a_device_that_goes_away_is_an_error(machine: Machine, camera: type[FakeCamera]) -> None:
    machine(10)
    sink = opened()
    camera.made[0].broken = "gone"
    with pytest.raises(SinkError, match="stopped: gone"):
        sink.send(bars_rendered(SIZE, Colour.BT601))


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_elsewhere_pyvirtualcam_is_asked(monkeypatch: pytest.MonkeyPatch, camera: type[FakeCamera],
                                         platform: str) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert available() == (True, "OBS Virtual Camera")
    assert camera.made[0].closed == 1
    opened().send(bars_rendered(SIZE, Colour.BT601))
    camera.refusals = {None: "OBS Virtual Camera device not found!"}
    usable, why = available()
    assert not usable
    assert "install OBS Studio" in why


@pytest.mark.parametrize(("platform", "instead"), [("linux", "v4l2: does without it; or "), ("win32", "")])
def test_without_pyvirtualcam_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, platform: str, instead: str) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    with pytest.raises(SinkError, match="pyvirtualcam does not load") as caught:
        opened("/dev/video9")
    assert caught.value.hint == f"{instead}pip install --force-reinstall pyvirtualcam"


@linux_only
def test_the_real_pyvirtualcam_names_a_missing_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    with pytest.raises(SinkError, match=r"/dev/video98 cannot be opened: .*does not exist"):
        opened("/dev/video98")
