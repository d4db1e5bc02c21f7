"""Runs in the guest: the webcam is on only while somebody watches, the virtual camera is taken away and comes back,
and a page in Chromium sees what it should."""

from __future__ import annotations

import base64
import errno
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.vm import control
from tests.vm.browser import Site, browser, visiting
from tests.vm.program import PATIENCE, RUN, Program, State
from tests.vm.room import SIZES, Sights, pictures
from tests.vm.viewer import Viewer, figure
from tests.vm.watching import watching
from tests.vm.webcam import LoopbackWebcam, is_camera

NUMBER = 10
DEVICE, WEBCAM = f"/dev/video{NUMBER}", "/dev/video12"
SIZE = SIZES[0]
FOLDER = Path("/mnt/out")
SIGHTS = Sights(FOLDER)
COUNT = 6
# A browser beside the program, on one emulated processor: a minute on a calm machine.
BROWSER_PATIENCE = 360.0


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    webcam = LoopbackWebcam(WEBCAM)
    webcam.plug_in(SIZE, pictures(FOLDER, SIZE))
    program = Program(tmp_path_factory.mktemp("program"), "--source", f"camera:{WEBCAM}", "--sink", f"v4l2:{DEVICE}",
                      *RUN)
    program.wait(is_idle)
    yield program
    status = program.stop()
    webcam.unplug()
    assert status == 0, program.errors()


@pytest.fixture
def idle(program: Program) -> Program:
    """Nobody watches."""
    program.wait(is_idle)
    return program


def is_idle(state: State) -> bool:
    return state["phase"] == "idle" and not state["camera_on"]


def is_live(state: State) -> bool:
    return state["phase"] == "live" and bool(state["camera_on"])


def test_nobody_watches_so_the_webcam_is_off_and_nothing_is_computed(idle: Program) -> None:
    assert not idle.is_holding(WEBCAM)
    assert idle.is_holding(DEVICE)
    assert is_camera(DEVICE), "apps still list it"
    with watching(DEVICE, SIGHTS.shows_room) as watch:
        watch.until(SIGHTS.is_composite)
        began, used = time.monotonic(), idle.processor_seconds()
        for _ in range(COUNT):
            watch.until(SIGHTS.is_composite)
        busy = (idle.processor_seconds() - used) / (time.monotonic() - began)
    figure(f"somebody watches: {100 * busy:.0f} %")
    idle.wait(is_idle)
    began, used = time.monotonic(), idle.processor_seconds()
    states = idle.reports(6)
    share = (idle.processor_seconds() - used) / (time.monotonic() - began)
    figure(f"nobody watches: {100 * share:.1f} % of a (slow, emulated) core")
    assert all(map(is_idle, states))
    assert len({(state["captured"], state["rendered"]) for state in states}) == 1
    assert share < busy / 5


def test_a_viewer_sees_the_card_at_once_and_then_the_picture(idle: Program) -> None:
    with watching(DEVICE, SIGHTS.shows_room) as watch:
        began = time.monotonic()
        _, first = watch.next()
        card = time.monotonic() - began
        assert SIGHTS.is_card(first)
        others = watch.until(SIGHTS.is_composite)
        figure(f"opened: card after {card:.2f} s, composited picture after {time.monotonic() - began:.2f} s, "
               f"{others + 1} cards in between")
        began = time.monotonic()
        for _ in range(COUNT):
            watch.until(SIGHTS.is_composite)
        figure(f"on demand, 320x180: {COUNT / (time.monotonic() - began):.1f} pictures a second")
        state = idle.wait(is_live)
        assert state["sinks"][0]["watchers"] == 1
        assert idle.is_holding(WEBCAM)
    idle.wait(is_idle)
    assert not idle.is_holding(WEBCAM)


def visit(device: str) -> float:
    """Open and close the camera window, as apps do that look which cameras work; returns how many seconds it took."""
    began = time.monotonic()
    viewer = Viewer(device)
    viewer.start()
    time.sleep(0.15)
    viewer.stop()
    viewer.close()
    return time.monotonic() - began


def test_an_app_that_polls_does_not_switch_the_webcam_on(idle: Program) -> None:
    visits = 0
    while visits < 5:
        before = idle.reports(1)[0]["captured"]
        if visit(DEVICE) > 0.25:  # this machine was too slow for it to be brief
            idle.wait(is_idle)
            continue
        visits += 1
        assert not idle.is_holding(WEBCAM)
        after = idle.reports(1)[0]
        assert is_idle(after)
        assert after["captured"] == before


def test_the_device_cannot_be_removed_while_it_is_fed(idle: Program) -> None:
    with pytest.raises(OSError) as caught:  # what `v4l2loopback-ctl delete` asks for
        control.remove(NUMBER)
    assert caught.value.errno == errno.EBUSY
    removal = subprocess.run(["rmmod", "v4l2loopback"], capture_output=True, check=False)
    assert removal.returncode == 1
    assert idle.reports(1)[0]["sinks"][0]["problem"] == ""


@contextmanager
def failing_writes(program: Program, device: str) -> Iterator[None]:
    """The kernel answers every write to the device as it does when the driver has gone."""
    strace = subprocess.Popen(["strace", "-f", "-q", "-p", str(program.pid), "-o", "/dev/null", "-P", device,
                               "-e", "trace=write", "-e", "inject=write:error=ENODEV"])
    try:
        yield
    finally:
        strace.terminate()
        strace.wait(60)


def remove_patiently(number: int) -> None:
    """As soon as nobody has it open."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            control.remove(number)
        except OSError as error:
            assert error.errno == errno.EBUSY
            time.sleep(0.05)
        else:
            return
    raise AssertionError("it was never let go of")


def test_the_device_goes_and_comes_back(idle: Program) -> None:
    with failing_writes(idle, DEVICE):
        remove_patiently(NUMBER)
    assert not Path(DEVICE).exists()
    gone = idle.wait(lambda state: "does not exist" in state["sinks"][0]["problem"])
    figure(f"device gone: {gone['sinks'][0]['problem']}")
    control.add(NUMBER, "vcam")
    idle.wait(lambda state: state["sinks"][0]["problem"] == "")
    with watching(DEVICE, SIGHTS.shows_room) as watch:
        assert SIGHTS.is_card(watch.next()[1])
        watch.until(SIGHTS.is_composite)
    idle.wait(is_idle)


@pytest.mark.skipif(not browser(), reason="Chromium is not installed")
def test_a_page_in_chromium_gets_the_picture(idle: Program, tmp_path: Path) -> None:
    began = time.monotonic()
    with Site() as site, visiting(site.url, tmp_path):
        report = site.report(BROWSER_PATIENCE)
    log = (tmp_path / "browser.log").read_text("utf-8", "replace")
    assert report and "error" not in report, f"{report}\n{log}"
    data = base64.b64decode(report.pop("picture").partition(",")[2])
    (FOLDER / "page.png").write_bytes(data)
    picture = np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)
    figure(f"Chromium: {report}, {time.monotonic() - began:.0f} s")
    assert (report["camera"], report["size"]) == ("vcam", str(SIZE))
    assert report["live"] >= COUNT
    assert report["mostRoom"] == 0
    assert SIGHTS.is_composite(picture)
    idle.wait(is_idle)
    assert not idle.is_holding(WEBCAM)
