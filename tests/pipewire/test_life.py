"""The PipeWire camera's life: viewers come and go, the daemon dies and returns, nothing is left behind."""

from __future__ import annotations

import os
import signal
import threading  # noqa: TID251
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from tests.pictures import bars_rendered
from tests.pipewire.feed import Feed
from tests.pipewire.reader import Seen
from tests.pipewire.session import Session, wait_for
from vcam.engine.clock import MonotonicClock
from vcam.engine.output import Output
from vcam.errors import SinkError
from vcam.frame import Colour, Size
from vcam.sinks import OutputFormat
from vcam.sinks.pipewire import PipewireSink
from vcam.sinks.pipewire_library import available

pytestmark = pytest.mark.pipewire
SIZE = Size(640, 360)
OUTPUT = OutputFormat(SIZE, Fraction(30), Colour.BT601)


@pytest.fixture
def sink(session: Session) -> Iterator[PipewireSink]:
    sink = PipewireSink("life")
    sink.open(OUTPUT)
    yield sink
    sink.close()


@pytest.fixture
def revived(session: Session) -> Iterator[Session]:
    """A session whose daemon may be killed."""
    yield session
    session.kill_daemon()
    session.start_daemon()


def test_it_tells_who_is_there(session: Session) -> None:
    reachable, what = available()
    assert reachable, what
    assert what.startswith("PipeWire ")


def test_viewers_are_noticed(session: Session, sink: PipewireSink) -> None:
    feed = Feed(sink, OUTPUT)
    assert sink.watchers == 0
    readers = [session.reader("life", SIZE.width, SIZE.height, pictures) for pictures in (20, 60)]
    feed.run(lambda: sink.watchers == 1)
    feed.run(lambda: readers[0].poll() is not None)
    assert sink.watchers == 1
    feed.run(lambda: readers[1].poll() is not None)
    feed.run(lambda: sink.watchers == 0, seconds=5)
    for reader in readers:
        reader.communicate()


def test_a_killed_viewer_is_noticed(session: Session, sink: PipewireSink) -> None:
    feed = Feed(sink, OUTPUT)
    reader = session.reader("life", SIZE.width, SIZE.height, 10_000)
    feed.run(lambda: sink.watchers == 1)
    os.killpg(reader.pid, signal.SIGKILL)
    reader.communicate()
    feed.run(lambda: sink.watchers == 0, seconds=5)


def test_a_viewer_that_froze_is_not_behind_afterwards(session: Session, sink: PipewireSink) -> None:
    feed = Feed(sink, OUTPUT)
    reader = session.reader("life", SIZE.width, SIZE.height, 90)
    feed.run(lambda: sink.watchers == 1)
    for action in (signal.SIGSTOP, signal.SIGCONT):
        end = time.monotonic() + 1
        feed.run(lambda end=end: time.monotonic() > end)  # type: ignore[misc]
        os.killpg(reader.pid, action)
    feed.run(lambda: reader.poll() is not None)
    seen = Seen.of(reader.communicate()[0])
    late = [(arrived - feed.sent[stamp]) / 1e6 for arrived, stamp in zip(seen.arrived, seen.stamps, strict=True)
            if stamp is not None]
    assert sorted(late[-20:])[10] < 30


def test_it_survives_a_restart_of_the_daemon(revived: Session, sink: PipewireSink) -> None:
    feed = Feed(sink, OUTPUT)
    reader = revived.reader("life", SIZE.width, SIZE.height, 10_000)
    feed.run(lambda: sink.watchers == 1)
    revived.kill_daemon()
    with pytest.raises(SinkError, match=r"PipeWire dropped the camera: .+ – .*systemctl --user start pipewire"):
        feed.run(lambda: False, seconds=3)
    sink.close()
    os.killpg(reader.pid, signal.SIGKILL)
    reader.communicate()
    with pytest.raises(SinkError, match="PipeWire cannot be reached"):
        sink.open(OUTPUT)
    revived.start_daemon()
    sink.open(OUTPUT)
    reader = revived.reader("life", SIZE.width, SIZE.height, 10)
    feed.run(lambda: reader.poll() is not None)
    assert len(Seen.of(reader.communicate()[0]).arrived) == 10


def test_the_engine_brings_it_back(revived: Session) -> None:
    stop, clock = threading.Event(), MonotonicClock()
    sink = PipewireSink("life")
    output = Output(sink, OUTPUT, clock, card=lambda: bars_rendered(SIZE, Colour.BT601), forced=lambda: None,
                    idle=lambda: False, stop=stop, zero_ns=clock.now_ns())
    output.open()
    worker = threading.Thread(target=output.run)
    worker.start()
    try:
        revived.kill_daemon()
        wait_for(lambda: bool(output.problem), "the problem is told", 5)
        revived.start_daemon()
        wait_for(lambda: not output.problem, "the camera is back", 8)
        reader = revived.reader("life", SIZE.width, SIZE.height, 2)  # of the card, which comes now and then
        assert len(Seen.of(reader.communicate(timeout=10)[0]).arrived) == 2
    finally:
        stop.set()
        output.close()
        worker.join(10)
    assert not worker.is_alive()


def test_nothing_is_left_behind(session: Session) -> None:
    def things() -> tuple[int, int]:
        return len(list(Path("/proc/self/fd").iterdir())), len(list(Path("/proc/self/task").iterdir()))

    def cycle() -> None:
        sink = PipewireSink("life")
        sink.open(OUTPUT)
        sink.send(bars_rendered(SIZE, Colour.BT601))
        sink.close()

    cycle()
    before = things()
    for _ in range(50):
        cycle()
    assert things() == before
    assert "life" not in session.ask("ls", "Node")
