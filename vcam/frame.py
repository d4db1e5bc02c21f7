"""The data that flows: sizes, pixel formats, frames, and the pool that recycles their memory."""

from __future__ import annotations

import mmap
import re
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vcam.errors import UsageError

Pixels = NDArray[np.uint8]
FloatArray = NDArray[np.float32]

LARGEST_SIDE = 8192


class PixelFormat(StrEnum):
    """Layouts of ``Frame.pixels`` (always uint8, C-contiguous).

    BGR24: (height, width, 3). I420: (height * 3 / 2, width), planes Y, U, V one behind the other.
    NV12: (height * 3 / 2, width), plane Y, then U and V interleaved. YUYV: (height, width * 2).
    All but BGR24 need an even width and height.
    """

    BGR24 = "bgr24"
    I420 = "i420"
    NV12 = "nv12"
    YUYV = "yuyv"


class Colour(StrEnum):
    """YUV matrix of a frame; the range is always limited (16–235). BGR24 frames ignore it."""

    BT601 = "bt601"
    BT709 = "bt709"

    @classmethod
    def for_height(cls, height: int) -> Colour:
        """What viewers assume of untold video: BT.709 from 720 lines up, BT.601 below."""
        return cls.BT709 if height >= 720 else cls.BT601


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"

    @classmethod
    def parse(cls, text: str) -> Size:
        """``1280x720`` (also ``720p``, ``1080p``) as a size.

        Raises:
            UsageError: not of that form, odd, empty, or larger than 8192 pixels a side.
        """
        short = {"360p": "640x360", "480p": "854x480", "720p": "1280x720", "1080p": "1920x1080", "2160p": "3840x2160"}
        match = re.fullmatch(r"\s*(\d+)\s*[xX×]\s*(\d+)\s*", short.get(text.strip().lower(), text))
        if match is None:
            raise UsageError(f"size '{text}' is not of the form WIDTHxHEIGHT", "try 1280x720")
        size = cls(int(match[1]), int(match[2]))
        size.check()
        return size

    def check(self) -> None:
        """Raise UsageError unless both sides are even and within 16 … 8192."""
        if not (16 <= self.width <= LARGEST_SIDE and 16 <= self.height <= LARGEST_SIDE):
            raise UsageError(f"size {self} is out of range: each side must be 16 to {LARGEST_SIDE} pixels",
                             "try 1280x720")
        if self.width % 2 or self.height % 2:
            raise UsageError(f"size {self} has an odd side: video needs even ones", f"try {self.even()}")

    def even(self) -> Size:
        """The nearest even size that is not larger."""
        return Size(self.width & ~1, self.height & ~1)


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of a frame in pixels; all four numbers are even."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def bottom(self) -> int:
        return self.top + self.height

    @classmethod
    def whole(cls, size: Size) -> Region:
        """All of a frame of ``size``."""
        return cls(0, 0, size.width, size.height)

    def window(self, plane: Pixels, part: int = 1) -> Pixels:
        """The view of ``plane`` (one sample per ``part`` × ``part`` pixels) that shows the region."""
        return plane[self.top // part:self.bottom // part, self.left // part:self.right // part]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of a source, on its way through the pipeline.

    ``seq`` counts the frames of a source from 0. ``pts`` is the presentation time in seconds from the source's
    start. ``captured_ns`` is the monotonic clock at capture; a source that does not know it leaves 0 and the
    engine stamps the frame on delivery. Frames are never changed once handed on.
    """

    pixels: Pixels
    format: PixelFormat
    seq: int
    pts: Fraction
    captured_ns: int = 0
    colour: Colour = Colour.BT601

    @property
    def size(self) -> Size:
        height, width = self.pixels.shape[:2]
        if self.format in (PixelFormat.I420, PixelFormat.NV12):
            return Size(width, height * 2 // 3)
        return Size(width // 2 if self.format is PixelFormat.YUYV else width, height)

    def planes(self) -> tuple[Pixels, Pixels, Pixels]:
        """Views of the Y (height, width), U and V (height / 2, width / 2) planes of an I420 frame."""
        assert self.format is PixelFormat.I420, self.format
        return i420_planes(self.pixels)


def i420_planes(pixels: Pixels) -> tuple[Pixels, Pixels, Pixels]:
    """Views of the Y, U and V planes of I420 ``pixels`` (height * 3 / 2, width)."""
    height, width = pixels.shape[0] * 2 // 3, pixels.shape[1]
    flat = pixels.reshape(-1)
    luma, chroma = width * height, width * height // 4
    half = (height // 2, width // 2)
    return (flat[:luma].reshape(height, width), flat[luma:luma + chroma].reshape(half),
            flat[luma + chroma:].reshape(half))


def i420_shape(size: Size) -> tuple[int, int]:
    """Shape of the ``pixels`` of an I420 frame of ``size``."""
    return size.height * 3 // 2, size.width


@dataclass(frozen=True, slots=True, eq=False)
class Matte:
    """What is person in one frame, fit for blending over exactly that frame (``seq``).

    The matte lives on a grid of one sample per ``factor`` × ``factor`` pixels, at the centre of each such block;
    height and width are those of the grid. Full resolution comes from a local linear model of the frame's own
    colours: ``alpha(x) = clamp(smoothstep(cY·Y + cU·U + cV·V + c1), low, high)``, all six interpolated between samples.

    Attributes:
        seq: number of the frame it was computed from.
        alpha: uint8 (height, width), 0 background … 255 person: the refined matte on the grid.
        coefficients: float32 (6, height + 2, width + 2): cY, cU, cV, c1, low, high, with a border of one repeated
            sample.
        spill: float32 (3, height + 2, width + 2), with the same border: Y, U and V of person minus room, as both are
            seen around each sample; what hair needs to lose the room's colour.
        cells: uint8 (height + 1, width + 1), the areas between samples: BACKGROUND, MIXED or PERSON.
        factor: pixels per grid step: 4, 8, 16 …
        size: of the frame.
    """

    seq: int
    alpha: Pixels
    coefficients: FloatArray
    spill: FloatArray
    cells: Pixels
    factor: int
    size: Size


BACKGROUND, MIXED, PERSON = 0, 1, 2


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """A picture that may be shown: the only thing a sink accepts.

    ``kind`` says why it may: a composite was made with a matte of the same frame, a card is a placeholder drawn
    by vcam, and a raw frame is there because the user chose "no background".
    """

    frame: Frame
    kind: Literal["composite", "card", "raw"]


class FramePool:
    """Recycles frame memory without leases: a buffer is free once no array refers to it any more.

    What only a backlog needed is given back: a recording that could not keep up for a while fills a queue of frames.
    """

    _ROUND = 300  # takes, after which buffers that none of them needed go

    def __init__(self) -> None:
        self._memory: list[tuple[memoryview, Callable[[], Pixels | None]]] = []
        self._takes = 0
        self._highest = 0  # place of a buffer lent in this round

    def take(self, *shape: int) -> Pixels:
        """A writable uint8 array of ``shape`` with undefined content."""
        self._give_back()
        length = int(np.prod(shape))
        for index, memory in self._free():
            if len(memory) == length:
                return self._lend(index, memory).reshape(shape)
        self._drop_unused()
        memory = memoryview(mmap.mmap(-1, max(length, 1)))[:length]  # malloc would keep what is given back
        self._memory.append((memory, _nothing))
        return self._lend(len(self._memory) - 1, memory).reshape(shape)

    def _free(self) -> Iterator[tuple[int, memoryview]]:
        for index, (memory, user) in enumerate(self._memory):
            if user() is None:
                yield index, memory

    def _lend(self, index: int, memory: memoryview) -> Pixels:
        # An array over a memoryview is the `base` of every view taken of it, so its weak reference
        # outlives the last of them; an array over an array would not be.
        array = np.frombuffer(memory, np.uint8)
        self._memory[index] = (memory, weakref.ref(array))
        self._highest = max(self._highest, index)
        return array

    def _give_back(self) -> None:
        """The first free buffer is always the one that is lent, so the last ones are those that nobody needs."""
        self._takes += 1
        if self._takes % self._ROUND == 0:
            self._memory = [entry for index, entry in enumerate(self._memory)
                            if index <= self._highest or entry[1]() is not None]
            self._highest = 0

    def _drop_unused(self) -> None:
        """Forget buffers of a former size, so that a change of size does not keep both."""
        self._memory = [entry for entry in self._memory if entry[1]() is not None]

    def __len__(self) -> int:
        return len(self._memory)


def _nothing() -> None:
    return None
