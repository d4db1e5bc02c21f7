"""What a viewer gets from the PipeWire camera: every sample, the matrix, the rate, and how late."""

from __future__ import annotations

import logging
import re
from fractions import Fraction

import numpy as np
import pytest

from tests.pipewire.feed import Feed
from tests.pipewire.reader import Seen
from tests.pipewire.session import Session
from vcam.frame import Colour, Size
from vcam.sinks import OutputFormat
from vcam.sinks.pipewire import PipewireSink

log = logging.getLogger(__name__)
pytestmark = pytest.mark.pipewire
HD, FULL_HD = Size(1280, 720), Size(1920, 1080)
STEADY = 15  # pictures until a viewer runs evenly
# spa/param/video/color.h
DECLARED = {Colour.BT601: {"colorRange": 2, "colorMatrix": 4, "transferFunction": 5, "colorPrimaries": 4},
            Colour.BT709: {"colorRange": 2, "colorMatrix": 3, "transferFunction": 5, "colorPrimaries": 1}}


def watched(session: Session, output: OutputFormat, pictures: int, viewers: int = 1) -> tuple[Feed, list[Seen]]:
    """Show stamped bars to viewers until each has seen ``pictures``."""
    sink = PipewireSink("bars")
    sink.open(output)
    try:
        feed = Feed(sink, output)
        readers = [session.reader("bars", output.size.width, output.size.height, pictures) for _ in range(viewers)]
        feed.run(lambda: all(reader.poll() is not None for reader in readers))
        return feed, [Seen.of(reader.communicate()[0]) for reader in readers]
    finally:
        sink.close()


@pytest.mark.parametrize("colour", list(Colour))
@pytest.mark.parametrize("size", [HD, FULL_HD], ids=str)
def test_every_sample_arrives(session: Session, size: Size, colour: Colour) -> None:
    feed, (seen,) = watched(session, OutputFormat(size, Fraction(30), colour), 10)
    last = seen.stamps[-1]
    assert last is not None
    error = np.abs(seen.last.astype(int) - feed.expected(last)).max()
    assert error <= 2
    assert {f"width=(int){size.width}", f"height=(int){size.height}"} <= set(seen.caps.split(", "))


@pytest.mark.parametrize("colour", list(Colour))
def test_the_matrix_is_declared(session: Session, colour: Colour) -> None:
    """Asked of the daemon: GStreamer's plugin passes it on only in later versions."""
    sink = PipewireSink("tagged")
    sink.open(OutputFormat(HD, Fraction(30), colour))
    told = session.ask("enum-params", "tagged", "EnumFormat")
    sink.close()
    found = {key: re.search(rf"Video:{key} .*\n\s*Id (\d+)", told) for key in DECLARED[colour]}
    assert {key: match and int(match[1]) for key, match in found.items()} == DECLARED[colour]


@pytest.mark.parametrize("size", [HD, FULL_HD], ids=str)
def test_rate_and_latency(session: Session, size: Size) -> None:
    feed, (seen,) = watched(session, OutputFormat(size, Fraction(30), Colour.BT709), 120 + STEADY)
    arrived = np.array(seen.arrived[STEADY:]) / 1e6
    stamps = [stamp for stamp in seen.stamps[STEADY:] if stamp is not None]
    late = arrived - np.array([feed.sent[stamp] for stamp in stamps]) / 1e6
    intervals = np.diff(arrived)
    log.info("%s: late %.1f ms (p99 %.1f), interval p99 %.1f ms", size, *np.percentile(late, (50, 99)),
             np.percentile(intervals, 99))
    assert 1000 / intervals.mean() == pytest.approx(30, rel=0.03)
    assert len(set(stamps)) >= len(stamps) - 2
    assert np.median(late) < 33


def test_several_viewers_at_once(session: Session) -> None:
    _, seen = watched(session, OutputFormat(HD, Fraction(30), Colour.BT709), 40, viewers=3)
    for viewer in seen:
        stamps = [stamp for stamp in viewer.stamps if stamp is not None]
        assert len(stamps) == 40
        assert stamps == sorted(stamps)


def test_odd_rates_are_told(session: Session) -> None:
    output = OutputFormat(Size(640, 360), Fraction(30000, 1001), Colour.BT601)
    _, (seen,) = watched(session, output, 5)
    assert "framerate=(fraction)30000/1001" in seen.caps
