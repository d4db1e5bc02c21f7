from __future__ import annotations

from fractions import Fraction

import pytest

from tests.pictures import bars_rendered
from vcam.errors import UsageError
from vcam.frame import Colour, Size
from vcam.sinks import OutputFormat
from vcam.sinks.null import NullSink

SIZE = Size(64, 36)


def test_counts_and_keeps_the_last_picture() -> None:
    sink = NullSink("")
    sink.open(OutputFormat(SIZE, Fraction(30), Colour.BT601))
    pictures = [bars_rendered(SIZE, Colour.BT601, seq) for seq in range(3)]
    for picture in pictures:
        sink.send(picture)
    sink.close()
    assert (sink.count, sink.last) == (3, pictures[2])


def test_takes_no_argument() -> None:
    with pytest.raises(UsageError, match="takes no argument"):
        NullSink("somewhere")
