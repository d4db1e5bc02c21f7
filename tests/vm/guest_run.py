"""Runs inside the virtual machine: the whole program between the kernel's test webcam (vivid) and v4l2loopback."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.vm.viewer import Viewer, bgr, figure
from vcam.frame import Pixels, Size
from vcam.sources import v4l2_modes

WEBCAM, DEVICE = "/dev/video0", "/dev/video10"
SIZE = Size(320, 180)
VIVID = Path("/sys/bus/platform/drivers/vivid")
RAW_COLOUR = (0, 0, 255)  # blue, green, red: what the webcam is made to show
BACKGROUND = (0, 200, 0)


def share(picture: Pixels, colour: tuple[int, int, int]) -> float:
    """How much of the picture is roughly of that colour, 0 … 1."""
    return float((np.abs(picture.astype(int) - np.array(colour)).max(2) < 70).mean())


@pytest.fixture
def program(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    subprocess.run(["v4l2-ctl", "-d", WEBCAM, "-c", "test_pattern=6"], check=True)  # 100 % red
    with (tmp_path / "log").open("wb") as log:
        running = subprocess.Popen([sys.executable, "-m", "vcam", "run", "--source", "camera:0", "--sink", "v4l2:",
                                    *os.environ["VCAM_RUN"].split()], stdout=log, stderr=log)
        yield running
        running.terminate()
        running.wait(60)
    sys.stdout.write((tmp_path / "log").read_text()[-2000:])


def seen_until(viewer: Viewer, wanted: Callable[[Pixels], bool], seconds: float) -> int:
    """Watch until a picture is as wanted; returns how many came. Every single one must hide the room."""
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        taken = viewer.picture(1.0)
        if taken is None or not taken.size:
            continue
        count += 1
        picture = bgr(taken, viewer.told())
        assert share(picture, RAW_COLOUR) < 0.3, "the room is visible"
        if wanted(picture):
            return count
    raise AssertionError(f"{count} pictures in {seconds} s, none as wanted")


def test_webcam_to_device_and_unplugged(program: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while not is_camera():
        assert time.monotonic() < deadline and program.poll() is None, program.poll()
        time.sleep(0.5)
    viewer = Viewer(DEVICE)
    try:
        watch(viewer)
    finally:
        viewer.close()


def is_camera() -> bool:
    """Whether apps list the device: nobody feeds it, then it is none."""
    found = v4l2_modes.query(DEVICE)
    return found is not None and found.captures


def watch(viewer: Viewer) -> None:
    """A picture with the room hidden, then the webcam's plug is pulled."""
    viewer.start()
    assert viewer.told().size == SIZE

    def composite(picture: Pixels) -> bool:
        return share(picture, BACKGROUND) > 0.6

    def card(picture: Pixels) -> bool:
        return share(picture, BACKGROUND) < 0.1 and share(picture, (46, 36, 30)) > 0.7

    seen_until(viewer, composite, 90)
    began = time.monotonic()
    count = sum(seen_until(viewer, composite, 10) for _ in range(10))
    figure(f"webcam to viewer, 320x180: {count / (time.monotonic() - began):.1f} pictures a second")
    (VIVID / "unbind").write_text("vivid.0")
    seen_until(viewer, card, 60)
    for _ in range(5):
        seen_until(viewer, card, 10)
    (VIVID / "bind").write_text("vivid.0")
    seen_until(viewer, composite, 60)
