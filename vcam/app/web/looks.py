"""What the panel shows of the picture: a sink that encodes only while somebody looks, and only what they look at.

The camera's own picture and the matte are shown beside a composite of the same frame or not at all: where viewers get
a card, so does the panel.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Literal, NamedTuple

import cv2
import numpy as np

from vcam.engine.clock import RateLimit
from vcam.engine.live import LiveRun
from vcam.frame import Colour, Frame, Matte, PixelFormat, Pixels, Rendered, Size, i420_planes, i420_shape
from vcam.ops.colour import i420_to_bgr, recolour
from vcam.sinks import Delivery, OutputFormat

View = Literal["picture", "split", "matte"]
WIDTHS = (320, 480, 640, 800, 960, 1280, 1920)
_QUALITY = (cv2.IMWRITE_JPEG_QUALITY, 80)
_SNAPSHOT_QUALITY = (cv2.IMWRITE_JPEG_QUALITY, 92)
_REMEMBERED = 4
# Enough to see what one looks like, and half of what encoding every picture costs. What viewers get is not touched.
PICTURES_A_SECOND = 15
# A frame that no matte was kept of is one in between; after that long, it is a picture that stands still.
_BETWEEN_NS = 250_000_000


class Part(NamedTuple):
    """An encoded picture. ``shows``: ``picture``, ``matte``, or ``split``: the camera's own above the composite;
    ``kind`` is that of ``Rendered``."""

    shows: View
    kind: str
    data: bytes


class Looker:
    """One who looks, in an event loop; gets the newest part that it is quick enough for."""

    def __init__(self, view: View, width: int) -> None:
        self.view, self.width = view, width
        self._loop = asyncio.get_running_loop()
        self._newest: Part | None = None
        self._rung = asyncio.Event()

    def give(self, part: Part | None) -> None:
        """From any thread; None: nothing more will come."""
        self._loop.call_soon_threadsafe(self._take, part)

    async def next(self) -> Part | None:
        """The next part; None: the end."""
        await self._rung.wait()
        self._rung.clear()
        return self._newest

    def _take(self, part: Part | None) -> None:
        self._newest = part
        self._rung.set()


class Looks:
    """A sink for the panel (see ``Outputs.overhear``)."""

    name = "panel"
    delivery = Delivery.LATEST
    tags_colour = True  # it converts by itself
    note = ""

    def __init__(self, run: LiveRun) -> None:
        self._run = run
        self._newest: Rendered | None = None
        self._lookers: frozenset[Looker] = frozenset()
        self._observed: dict[tuple[int, int], tuple[Frame, Pixels]] = {}
        self._observed_ns: int | None = None
        self._show, self._observing = (RateLimit(Fraction(PICTURES_A_SECOND)) for _ in range(2))
        self._kind = ""
        self.encoded = 0

    @property
    def watchers(self) -> int | None:
        return len(self._lookers)

    def open(self, output: OutputFormat) -> None:
        """Nothing is held."""

    def close(self) -> None:
        """Nothing is held."""

    def send(self, picture: Rendered) -> None:
        """Keep the picture, and encode it if somebody looks and it is time for one."""
        self._newest = picture
        self._observe_if_wanted()
        lookers = self._lookers
        is_due = self._show.keep(picture.frame.captured_ns) or picture.kind != self._kind
        self._kind = picture.kind
        for view, width in {(looker.view, looker.width) for looker in lookers}:
            part = self._part(picture, view, width, is_due)
            for looker in lookers:
                if part is not None and (looker.view, looker.width) == (view, width):
                    looker.give(part)

    @contextmanager
    def looking(self, view: View, width: int) -> Iterator[Looker]:
        """Look in the thread of an event loop, at a size of about that width."""
        looker = Looker(view, next((step for step in WIDTHS if step >= width), WIDTHS[-1]))
        self._lookers |= {looker}
        try:
            if self._newest is not None:
                looker.give(self._part_of_picture(self._newest, looker.width))
            yield looker
        finally:
            self._lookers -= {looker}

    def end(self) -> None:
        """Send everybody home."""
        for looker in self._lookers:
            looker.give(None)

    def snapshot(self, ending: str) -> bytes | None:
        """What left last, in full size, as ``.jpg`` or ``.png``; None if nothing has."""
        if self._newest is None:
            return None
        frame = self._newest.frame
        quality = _SNAPSHOT_QUALITY if ending == ".jpg" else ()
        return cv2.imencode(ending, i420_to_bgr(frame.pixels, frame.colour), quality)[1].tobytes()

    def _observe_if_wanted(self) -> None:
        wanted = any(looker.view != "picture" for looker in self._lookers)
        self._run.parts.pipeline.observe = self._observe if wanted else None
        if not wanted:
            self._observed, self._observed_ns = {}, None

    def _observe(self, frame: Frame, matte: Matte) -> None:
        """In the thread that makes pictures."""
        if not self._observing.keep(frame.captured_ns):
            return
        alpha = self._run.parts.pipeline.ops.full_alpha(frame, matte)
        kept = dict(list(self._observed.items())[1 - _REMEMBERED:])
        self._observed = kept | {_moment(frame): (frame, alpha)}
        self._observed_ns = frame.captured_ns

    def _part(self, picture: Rendered, view: View, width: int, is_due: bool) -> Part | None:
        # A picture that stands still, because the user froze it, is sent with a time of its own: it finds nothing.
        if view != "picture" and picture.kind == "composite":
            found = self._observed.get(_moment(picture.frame))
            if found is not None:
                self.encoded += 1
                return _part_of_both(*found, picture, view, width)
            if self._observed_ns is not None and picture.frame.captured_ns - self._observed_ns < _BETWEEN_NS:
                return None
        return self._part_of_picture(picture, width) if is_due else None

    def _part_of_picture(self, picture: Rendered, width: int) -> Part:
        self.encoded += 1
        return Part("picture", picture.kind, _jpeg(small_bgr(picture.frame, width)))


def _part_of_both(frame: Frame, alpha: Pixels, picture: Rendered, view: View, width: int) -> Part:
    if view == "matte":
        return Part("matte", picture.kind, _jpeg(_resized(alpha, _scaled(frame.size, width))))
    both = np.vstack((small_bgr(frame, width), small_bgr(picture.frame, width)))
    return Part("split", picture.kind, _jpeg(both))


def _moment(frame: Frame) -> tuple[int, int]:
    return frame.seq, frame.captured_ns


def small_bgr(frame: Frame, width: int) -> Pixels:
    """An I420 frame as BGR (height, width, 3), at most ``width`` wide: it is made smaller first."""
    assert frame.format is PixelFormat.I420
    size = _scaled(frame.size, width)
    small = np.empty(i420_shape(size), np.uint8)
    for plane, target in zip(i420_planes(frame.pixels), i420_planes(small), strict=True):
        cv2.resize(plane, (target.shape[1], target.shape[0]), dst=target, interpolation=cv2.INTER_LINEAR)
    if frame.colour is not Colour.BT601:
        recolour(small, frame.colour, Colour.BT601, small)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_YUV2BGR_I420), np.uint8)  # five times as fast as i420_to_bgr


def _scaled(size: Size, width: int) -> Size:
    if size.width <= width:
        return size
    return Size(width & ~1, max(2, round(size.height * width / size.width)) & ~1)


def _resized(plane: Pixels, size: Size) -> Pixels:
    return np.asarray(cv2.resize(plane, (size.width, size.height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _jpeg(pixels: Pixels) -> bytes:
    return cv2.imencode(".jpg", pixels, _QUALITY)[1].tobytes()
