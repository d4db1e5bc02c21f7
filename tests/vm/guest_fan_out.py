"""Runs in the guest: one render goes to two virtual cameras, a preview and a recording; the webcam changes its size."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from tests.vm.program import RUN, Program
from tests.vm.room import SIZES, Sights, pictures, same
from tests.vm.viewer import figure
from tests.vm.watching import Watch, watching
from tests.vm.webcam import LoopbackWebcam
from vcam.frame import Pixels

DEVICES = ("/dev/video10", "/dev/video11")
WEBCAM = "/dev/video12"
SMALL, LARGE = SIZES
PORT = 8765
FOLDER = Path("/mnt/out")
COUNT = 8
SIGHTS = Sights(FOLDER)


@dataclass(frozen=True, slots=True)
class Setup:
    """What the tests of this file share."""

    program: Program
    webcam: LoopbackWebcam
    recording: Path
    seen: list[Pixels]


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setup]:
    folder = tmp_path_factory.mktemp("program")
    recording = folder / "recording.mkv"
    webcam = LoopbackWebcam(WEBCAM)
    webcam.plug_in(SMALL, pictures(FOLDER, SMALL))
    program = Program(folder, "--source", f"camera:{WEBCAM}", *(f"--sink=v4l2:{device}" for device in DEVICES),
                      f"--sink=preview:{PORT}", f"--sink={recording}", *RUN)
    yield Setup(program, webcam, recording, [])
    webcam.unplug()
    program.stop()


def seen_in_both(watches: tuple[Watch, Watch]) -> tuple[list[Pixels], int]:
    """Composited pictures of both cameras; and how many of them came from both, the same byte for byte."""
    bytes_of: tuple[set[bytes], set[bytes]] = (set(), set())
    seen: list[Pixels] = []
    while min(map(len, bytes_of)) < COUNT:
        for watch, found in zip(watches, bytes_of, strict=True):
            taken, picture = watch.next()
            if SIGHTS.is_composite(picture):
                found.add(taken.tobytes())
                seen.append(picture)
    return seen, len(bytes_of[0] & bytes_of[1])


def snapshot() -> Pixels:
    """What the preview shows now."""
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/snapshot.jpg", timeout=60) as answer:
        return np.asarray(cv2.imdecode(np.frombuffer(answer.read(), np.uint8), cv2.IMREAD_COLOR), np.uint8)


def test_both_cameras_show_the_same_pictures(setup: Setup) -> None:
    setup.program.wait(lambda state: state["phase"] == "live")
    with watching(DEVICES[0], SIGHTS.shows_room) as first, watching(DEVICES[1], SIGHTS.shows_room) as second:
        seen, same_bytes = seen_in_both((first, second))
    setup.seen.extend(seen)
    figure(f"{same_bytes} of {COUNT} pictures the same in two cameras")
    assert same_bytes >= COUNT - 3


def test_the_preview_shows_them_too(setup: Setup) -> None:
    setup.program.wait(lambda state: state["phase"] == "live")
    picture = snapshot()
    while not SIGHTS.is_composite(picture):
        assert SIGHTS.is_card(picture)
        picture = snapshot()
    assert not SIGHTS.shows_room(picture)
    setup.seen.append(picture)


def test_the_webcam_comes_back_with_another_size(setup: Setup) -> None:
    with watching(DEVICES[0], SIGHTS.shows_room) as watch:
        watch.until(SIGHTS.is_composite)
        setup.webcam.unplug()
        watch.until(SIGHTS.is_card)
        setup.program.wait(lambda state: state["phase"] == "card" and "camera 12" in state["problem"])
        setup.webcam.plug_in(LARGE, pictures(FOLDER, LARGE))
        state = setup.program.wait(lambda state: state["phase"] == "live" and state["reopened"] > 0)
        assert [sink["problem"] for sink in state["sinks"]] == [""] * 4
        watch.until(SIGHTS.is_composite)
        assert watch.viewer.told().size == SMALL


def test_the_recording_has_the_same_pictures(setup: Setup) -> None:
    """Last: it ends the program."""
    assert setup.program.stop() == 0, setup.program.errors()
    with av.open(str(setup.recording)) as container:
        recorded = [np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in container.decode(video=0)]
    composites = [picture for picture in recorded if SIGHTS.is_composite(picture)]
    figure(f"{len(recorded)} pictures recorded, {len(composites)} of them composited")
    assert all(SIGHTS.is_card(picture) for picture in recorded if not SIGHTS.is_composite(picture))
    assert not any(SIGHTS.shows_room(picture) for picture in recorded)
    assert len(setup.seen) > 2 * COUNT
    assert all(same(picture, composites) for picture in setup.seen)
