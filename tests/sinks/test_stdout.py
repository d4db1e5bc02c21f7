from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pictures import bars_rendered, farthest
from vcam.errors import SinkError, UsageError
from vcam.frame import Colour, Size
from vcam.ops.colour import i420_to_bgr
from vcam.sinks import OutputFormat
from vcam.sinks.stdout import StdoutSink, header

SIZE = Size(320, 180)
OUTPUT = OutputFormat(SIZE, Fraction(30000, 1001), Colour.BT601)

# Writes pictures to a pipe until it breaks.
SEND_FOREVER = """
import sys
from fractions import Fraction
from tests.pictures import bars_rendered
from vcam.errors import SinkError
from vcam.frame import Colour, Size
from vcam.sinks import OutputFormat
from vcam.sinks.stdout import StdoutSink
sink = StdoutSink("")
sink.open(OutputFormat(Size(320, 180), Fraction(30), Colour.BT601))
try:
    while True:
        sink.send(bars_rendered(Size(320, 180), Colour.BT601))
except SinkError as error:
    sink.close()
    sys.exit(str(error))
"""


def test_ffmpeg_reads_the_stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.y4m"
    sent = [bars_rendered(SIZE, Colour.BT601, seq) for seq in range(6)]
    with path.open("w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        sink = StdoutSink("")
        for half in (sent[:3], sent[3:]):  # closing and opening again goes on in the same stream
            sink.open(OUTPUT)
            for picture in half:
                sink.send(picture)
            sink.close()
    with av.open(str(path)) as container:
        stream_info = container.streams.video[0]
        assert stream_info.average_rate == OUTPUT.fps
        frames = list(container.decode(video=0))
    assert [frame.format.name for frame in frames] == ["yuv420p"] * 6
    for frame, picture in zip(frames, sent, strict=True):
        planes: Any = frame.to_ndarray()
        assert np.array_equal(planes, picture.frame.pixels)
        assert frame.color_range == 1  # limited
        assert farthest(i420_to_bgr(np.ascontiguousarray(planes), Colour.BT601)) <= 3


@given(st.integers(8, 4096), st.integers(8, 4096), st.fractions(Fraction(1, 10), 240))
def test_header_is_one_line_with_the_exact_size_and_rate(width: int, height: int, fps: Fraction) -> None:
    size = Size(2 * width, 2 * height)
    line = header(OutputFormat(size, fps, Colour.BT601)).decode("ascii")
    assert line.endswith("\n")
    found = re.fullmatch(r"YUV4MPEG2 W(\d+) H(\d+) F(\d+):(\d+) Ip A1:1 C420jpeg XCOLORRANGE=LIMITED\n", line)
    assert found is not None
    assert Size(int(found[1]), int(found[2])) == size
    assert Fraction(int(found[3]), int(found[4])) == fps


def test_a_reader_that_goes_away_is_an_error_and_nothing_else_is_printed() -> None:
    with subprocess.Popen([sys.executable, "-c", SEND_FOREVER], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        assert run.stdout.readline().startswith(b"YUV4MPEG2 W320 H180 F30:1 ")
        run.stdout.close()
        complaint = run.stderr.read().decode()
    assert run.returncode == 1
    assert complaint == ("the program that reads standard output has gone – "
                         "pipe it into a program: vcam run --sink - | ffplay -\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("wb", buffering=0) as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(SinkError, match="No space left on device"):
            StdoutSink("").open(OUTPUT)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_terminal_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    leader, terminal = os.openpty()
    with os.fdopen(terminal, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        with pytest.raises(SinkError, match="terminal") as caught:
            StdoutSink("").open(OUTPUT)
    os.close(leader)
    assert caught.value.hint == "pipe it into a program: vcam run --sink - | ffplay -"


@pytest.mark.parametrize("absent", [None, io.StringIO()])
def test_no_standard_output_is_an_error(monkeypatch: pytest.MonkeyPatch, absent: io.StringIO | None) -> None:
    monkeypatch.setattr(sys, "stdout", absent)
    with pytest.raises(SinkError, match="not open"):
        StdoutSink("").open(OUTPUT)


def test_another_format_in_the_same_stream_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "out.y4m").open("w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        sink = StdoutSink("")
        sink.open(OUTPUT)
        sink.close()
        with pytest.raises(SinkError, match="another size or rate"):
            sink.open(OutputFormat(Size(640, 360), Fraction(30), Colour.BT601))


def test_takes_no_argument() -> None:
    with pytest.raises(UsageError, match="takes no argument"):
        StdoutSink("file")
