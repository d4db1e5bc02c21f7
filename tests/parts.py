"""Real but tiny parts for tests: a room with a person of known place, a network that knows it, a sink that keeps."""

from __future__ import annotations

import threading  # noqa: TID251
from collections.abc import Callable
from fractions import Fraction

import cv2
import numpy as np

from vcam.errors import SourceError
from vcam.frame import Colour, FloatArray, Frame, PixelFormat, Pixels, Region, Rendered, Size, i420_shape
from vcam.ops.colour import bgr_to_i420, i420_to_bgr
from vcam.sinks import Delivery, OutputFormat
from vcam.sources import SourceInfo

SIZE = Size(320, 240)
ROOM = (200, 30, 200)  # BGR: nothing else in these tests looks like it
PERSON = (60, 120, 60)


def is_person(size: Size = SIZE) -> np.ndarray:
    """bool (height, width): where the person is: the middle half, down to the lower edge."""
    mask = np.zeros((size.height, size.width), bool)
    mask[size.height // 4:, size.width // 4:size.width * 3 // 4] = True
    return mask


def scene_bgr(size: Size = SIZE) -> Pixels:
    """BGR (height, width, 3): the person in the room."""
    picture = np.empty((size.height, size.width, 3), np.uint8)
    picture[:] = ROOM
    picture[is_person(size)] = PERSON
    return picture


def scene_frame(seq: int = 0, size: Size = SIZE, colour: Colour = Colour.BT601) -> Frame:
    """The scene as I420."""
    pixels = np.empty(i420_shape(size), np.uint8)
    bgr_to_i420(scene_bgr(size), colour, pixels)
    return Frame(pixels, PixelFormat.I420, seq, Fraction(seq, 30), 0, colour)


def room_share(bgr: Pixels) -> float:
    """Share of pixels (0–1) that look like the room."""
    far = np.abs(bgr.astype(int) - np.array(ROOM)).max(axis=2)
    return float((far < 40).mean())


class SceneSource:
    """The scene, again and again. ``fault`` is called with the number of each frame first and may raise or block."""

    def __init__(self, frames: int | None = None, live: bool = False,
                 fault: Callable[[int], None] = lambda seq: None) -> None:
        self.info = SourceInfo("scene", SIZE, Fraction(30), live)
        self.opened = 0
        self._frames, self._fault = frames, fault
        self._seq = 0
        self._pixels = scene_frame().pixels

    def open(self) -> None:
        self.opened += 1

    def read(self) -> Frame | None:
        if self._frames is not None and self._seq >= self._frames:
            return None
        self._fault(self._seq)
        frame = Frame(self._pixels, PixelFormat.I420, self._seq, Fraction(self._seq, 30))
        self._seq += 1
        return frame

    def close(self) -> None:
        """Nothing is held."""


class KnowingSegmenter:
    """Knows the person's place. ``fault`` is called before each answer and may raise, block or answer instead."""

    name, runtime = "knowing", "tests"

    def __init__(self, fault: Callable[[int], FloatArray | None] = lambda call: None) -> None:
        self.calls = 0
        self._fault = fault

    def segment(self, frame: Frame, region: Region) -> FloatArray:
        self.calls += 1
        answer = self._fault(self.calls)
        if answer is not None:
            return answer
        seen = region.window(is_person(frame.size).view(np.uint8))
        return np.asarray(cv2.resize(seen.astype(np.float32), (64, 64), interpolation=cv2.INTER_AREA))

    def close(self) -> None:
        """Nothing is held."""


class MemorySink:
    """Remembers everything it was sent, as BGR."""

    name = "memory"
    tags_colour = True
    note = ""
    watchers: int | None = None

    def __init__(self, delivery: Delivery = Delivery.LATEST, fault: Callable[[int], None] = lambda count: None) -> None:
        self.delivery = delivery
        self.kinds: list[str] = []
        self.pictures: list[Pixels] = []
        self.pts: list[Fraction] = []
        self.closed = 0
        self.output: OutputFormat | None = None
        self._fault = fault
        self._changed = threading.Condition()

    def open(self, output: OutputFormat) -> None:
        self.output = output

    def send(self, picture: Rendered) -> None:
        self._fault(len(self.pictures))
        with self._changed:
            self.kinds.append(picture.kind)
            self.pictures.append(i420_to_bgr(picture.frame.pixels, picture.frame.colour))
            self.pts.append(picture.frame.pts)
            self._changed.notify_all()

    def close(self) -> None:
        self.closed += 1

    def wait_for(self, condition: Callable[[MemorySink], bool], seconds: float = 20) -> None:
        """Wait until ``condition`` holds of what was sent."""
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self), seconds), self.kinds[-20:]


def gone(seq: int) -> None:
    """A fault: the camera is gone."""
    raise SourceError(f"camera 0 is gone after {seq} frames", "plug it in again")
