"""Feeds a sink at a steady rate, as the engine would, with pictures that carry their number."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tests.pictures import bars_rendered
from vcam.frame import Pixels, Rendered
from vcam.sinks import OutputFormat, Sink
from vcam.sources.test import write_stamp

_RING = 8  # a picture is not painted over while a sink may still copy it


@dataclass
class Feed:
    """Sends stamped bars; ``sent`` says when (monotonic, ns) each number went out."""

    sink: Sink
    output: OutputFormat
    sent: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._ring = [bars_rendered(self.output.size, self.output.colour) for _ in range(_RING)]

    def picture(self, seq: int) -> Rendered:
        rendered = self._ring[seq % _RING]
        write_stamp(rendered.frame.planes()[0], seq)
        return replace(rendered, frame=replace(rendered.frame, seq=seq, pts=seq / self.output.fps))

    def expected(self, seq: int) -> Pixels:
        """The samples of picture ``seq``."""
        return self.picture(seq).frame.pixels.copy()

    def run(self, done: Callable[[], bool], seconds: float = 30) -> None:
        """Send until ``done``; AssertionError if it takes longer than ``seconds``."""
        begun, first = time.monotonic(), len(self.sent)
        while not done():
            count = len(self.sent) - first
            time.sleep(max(0.0, begun + count / float(self.output.fps) - time.monotonic()))
            assert time.monotonic() < begun + seconds, f"not done within {seconds:g} s"
            picture = self.picture(len(self.sent))
            self.sent[len(self.sent)] = time.monotonic_ns()
            self.sink.send(picture)
