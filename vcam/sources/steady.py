"""What the sources that make their own pictures share: a fixed size, a fixed rate, and counting."""

from __future__ import annotations

from fractions import Fraction

from vcam.errors import SourceError
from vcam.frame import Colour, Frame, FramePool, PixelFormat, Pixels, Size
from vcam.sources import SourceInfo, SourceOptions

FPS = Fraction(30)


class SteadySource:
    """A source whose frame ``seq`` is shown at ``seq / fps``. Subclasses say what it looks like.

    Args:
        name: as in ``info``.
        options: ``size``, ``fps`` and ``colour`` are followed exactly; ``loop`` has no meaning without an end.
        pool: where frame memory comes from.
    """

    format = PixelFormat.I420
    default_size = Size(1280, 720)

    def __init__(self, name: str, options: SourceOptions, pool: FramePool) -> None:
        self.name = name
        self.options = options
        self.pool = pool
        self.size = options.size or self.default_size
        self.fps = options.fps or FPS
        self._next: int | None = None

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(self.name, self.size, self.fps, live=False)

    @property
    def colour(self) -> Colour:
        """The matrix of the frames."""
        return self.options.colour or Colour.for_height(self.size.height)

    def open(self) -> None:
        """Prepare and start counting at 0 (again).

        Raises:
            SourceError: what it is made of is missing or damaged.
        """
        self.close()
        self.prepare()
        self._next = 0

    def read(self) -> Frame:
        """The next frame.

        Raises:
            SourceError: not open.
        """
        if self._next is None:
            raise SourceError(f"{self.name} is not open", "open it before reading")
        seq, self._next = self._next, self._next + 1
        pts = seq / self.fps
        pixels, captured = self.render(seq, pts)
        return Frame(pixels, self.format, seq, pts, captured, self.colour)

    def close(self) -> None:
        """Stop; may be called twice."""
        if self._next is not None:
            self._next = None
            self.release()

    def prepare(self) -> None:
        """Load what ``render`` needs; may set ``size``."""

    def render(self, seq: int, pts: Fraction) -> tuple[Pixels, int]:
        """Pixels of frame ``seq`` in ``format``, and when they were captured (0: on delivery)."""
        raise NotImplementedError

    def release(self) -> None:
        """Let go of what ``prepare`` took."""
