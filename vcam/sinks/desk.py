"""Where the preview leaves the newest picture and viewers pick it up as JPEG."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, Full, Queue
from typing import NamedTuple

import cv2
import numpy as np

from vcam.frame import Colour, Pixels, Rendered
from vcam.sinks.incoming import pixels_in

_QUALITY = (cv2.IMWRITE_JPEG_QUALITY, 85)


class Jpeg(NamedTuple):
    """An encoded picture: ``serial`` counts what was put on the desk, ``kind`` is that of ``Rendered``."""

    serial: int
    kind: str
    data: bytes


class _Latest(NamedTuple):
    serial: int
    picture: Rendered


class PictureDesk:
    """Holds one picture for one sender and many viewers. Only a viewer's asking makes it a JPEG."""

    def __init__(self) -> None:
        self._latest: _Latest | None = None
        self._bells: dict[int, Queue[bool]] = {}
        # Whoever has taken the encoder may encode: the others wait for it, and find the work done.
        self._encoder: Queue[_Encoder] = Queue(1)
        self._encoder.put(_Encoder())
        self._closed = False

    def put(self, picture: Rendered) -> None:
        """Make ``picture`` the newest one: takes microseconds, whatever the viewers do."""
        self._latest = _Latest(self._latest.serial + 1 if self._latest else 1, picture)
        self._ring()

    def close(self) -> None:
        """Send every viewer home."""
        self._closed = True
        self._ring()

    @property
    def encoded(self) -> int:
        """How many pictures have become JPEGs."""
        with self._taken_encoder() as encoder:
            return encoder.count

    @property
    def viewers(self) -> int:
        """How many follow ``jpegs`` now."""
        return len(self._bells)

    def jpeg(self) -> Jpeg | None:
        """The newest picture, encoded once however many ask; None if there is none yet."""
        with self._taken_encoder() as encoder:
            return encoder.encode(self._latest) if self._latest else None

    def jpegs(self) -> Iterator[Jpeg]:
        """Every picture that this viewer is quick enough for, until the desk closes."""
        seen = 0
        with self._bell() as bell:
            while not self._closed:
                newest = self.jpeg()
                if newest is not None and newest.serial != seen:
                    seen = newest.serial
                    yield newest
                with suppress(Empty):
                    bell.get(timeout=1)

    def _ring(self) -> None:
        for bell in tuple(self._bells.values()):
            with suppress(Full):
                bell.put_nowait(True)

    @contextmanager
    def _bell(self) -> Iterator[Queue[bool]]:
        bell: Queue[bool] = Queue(1)
        self._bells[id(bell)] = bell
        try:
            yield bell
        finally:
            del self._bells[id(bell)]

    @contextmanager
    def _taken_encoder(self) -> Iterator[_Encoder]:
        encoder = self._encoder.get()
        try:
            yield encoder
        finally:
            self._encoder.put(encoder)


class _Encoder:
    """OpenCV's, which with its conversion needs two thirds of the CPU of FFmpeg's; remembers the last result."""

    def __init__(self) -> None:
        self.count = 0
        self._last = Jpeg(0, "", b"")
        self._bgr: Pixels = np.empty((0, 0, 3), np.uint8)

    def encode(self, latest: _Latest) -> Jpeg:
        if latest.serial == self._last.serial:
            return self._last
        frame = latest.picture.frame
        shape = (frame.size.height, frame.size.width, 3)
        if self._bgr.shape != shape:
            self._bgr = np.empty(shape, np.uint8)
        # JPEG files are BT.601 (JFIF), and so is this conversion.
        cv2.cvtColor(pixels_in(Colour.BT601, frame), cv2.COLOR_YUV2BGR_I420, dst=self._bgr)
        _, data = cv2.imencode(".jpg", self._bgr, _QUALITY)
        self._last = Jpeg(latest.serial, latest.picture.kind, data.tobytes())
        self.count += 1
        return self._last
