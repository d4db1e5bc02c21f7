from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pictures import bars_rendered, farthest
from vcam.errors import SinkError, UsageError
from vcam.frame import Colour, Pixels, Rendered, Size, i420_shape
from vcam.ops.colour import i420_to_bgr
from vcam.sinks import OutputFormat
from vcam.sinks.encoding import TICKS, Timeline
from vcam.sinks.file import FileSink

FORMATS = (".mp4", ".mkv", ".mov", ".webm")
SMALL = Size(320, 180)
COLOURS = ((Colour.BT601, Size(854, 480), 6), (Colour.BT709, Size(1280, 720), 1))

# Records noise, which compresses badly, until told otherwise.
RECORD_NOISE = """
import os, signal, sys
from fractions import Fraction
import numpy as np
from vcam.errors import SinkError
from vcam.frame import Colour, Frame, PixelFormat, Rendered, Size
from vcam.sinks import OutputFormat
from vcam.sinks.file import FileSink
path, ending = sys.argv[1:]
if ending == "disk full":
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
sink = FileSink(path)
sink.open(OutputFormat(Size(320, 180), Fraction(30), Colour.BT601))
noise = np.random.default_rng(0).integers(16, 235, (3, 270, 320), np.uint8)
try:
    for seq in range(250):
        sink.send(Rendered(Frame(noise[seq % 3], PixelFormat.I420, seq, Fraction(seq, 30)), "composite"))
    os.kill(os.getpid(), signal.SIGKILL)
except SinkError as error:
    sink.close()
    print(error)
    print(sink.note)
"""


class Shown(NamedTuple):
    time: Fraction
    i420: Pixels
    tags: tuple[int, int, int, int]


def record(path: Path, pictures: Iterable[Rendered], size: Size = SMALL, colour: Colour = Colour.BT601,
           fps: Fraction = Fraction(30)) -> FileSink:
    sink = FileSink(str(path))
    sink.open(OutputFormat(size, fps, colour))
    for picture in pictures:
        sink.send(picture)
    sink.close()
    return sink


def shown(path: Path) -> list[Shown]:
    """What a player shows, as far as the file can be decoded."""
    found: list[Shown] = []
    with av.open(str(path)) as container:
        try:
            for frame in container.decode(video=0):
                assert frame.pts is not None
                assert frame.time_base is not None
                codec = container.streams.video[0].codec_context
                tags = (frame.color_range, codec.color_primaries, codec.color_trc, frame.colorspace)
                planes: Any = frame.to_ndarray(format="yuv420p")
                found.append(Shown(frame.pts * frame.time_base, np.ascontiguousarray(planes), tags))
        except av.FFmpegError:
            pass  # the last fragment of a broken-off recording
    return found


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize(("colour", "size", "tag"), COLOURS)
def test_every_picture_comes_back_with_its_colour_and_time(tmp_path: Path, ending: str, colour: Colour, size: Size,
                                                           tag: int) -> None:
    path = tmp_path / f"out{ending}"
    times = [5 + Fraction(seq, 30) + (seq > 6) for seq in range(12)]  # starts late, and pauses for a second
    sink = record(path, [bars_rendered(size, colour, seq, time) for seq, time in enumerate(times)], size, colour)
    pictures = shown(path)
    assert len(pictures) == 12
    for picture, time in zip(pictures, times, strict=True):
        assert abs(picture.time - (time - 5)) <= Fraction(1, 1000)
        assert picture.i420.shape == i420_shape(size)
        assert picture.tags == (1, tag, tag, tag)  # limited range; primaries, transfer, matrix
        assert farthest(i420_to_bgr(picture.i420, colour)) <= 4
    assert sink.note == f"recording saved: {path}"
    assert os.listdir(tmp_path) == [path.name]  # noqa: PTH208


def test_a_picture_of_another_matrix_is_converted(tmp_path: Path) -> None:
    record(tmp_path / "out.mp4", [bars_rendered(SMALL, Colour.BT709)])
    [picture] = shown(tmp_path / "out.mp4")
    assert farthest(i420_to_bgr(picture.i420, Colour.BT601)) <= 5


@pytest.mark.parametrize("ending", FORMATS)
def test_repeated_times_still_give_every_picture(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"out{ending}"
    record(path, [bars_rendered(SMALL, Colour.BT601, seq, Fraction(seq // 3, 30)) for seq in range(9)])
    times = [picture.time for picture in shown(path)]
    assert len(times) == 9
    assert all(earlier < later for earlier, later in itertools.pairwise(times))


@pytest.mark.parametrize("fps", [Fraction(30000, 1001), Fraction(5), Fraction(60)])
def test_frame_rates(tmp_path: Path, fps: Fraction) -> None:
    path = tmp_path / "out.mp4"
    record(path, [bars_rendered(SMALL, Colour.BT601, seq, seq / fps) for seq in range(10)], fps=fps)
    with av.open(str(path)) as container:
        rate = container.streams.video[0].average_rate
    assert rate is not None
    assert abs(rate - fps) < Fraction(1, 100)


def test_an_odd_chroma_width_survives(tmp_path: Path) -> None:
    size = Size(854, 482)
    record(tmp_path / "out.mkv", [bars_rendered(size, Colour.BT601)], size)
    [picture] = shown(tmp_path / "out.mkv")
    assert farthest(i420_to_bgr(picture.i420, Colour.BT601)) <= 4


def test_the_old_recording_stays_until_the_new_one_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    path.write_bytes(b"the old one")
    sink = FileSink(str(path))
    sink.open(OutputFormat(SMALL, Fraction(30), Colour.BT601))
    sink.send(bars_rendered(SMALL, Colour.BT601))
    assert sink.note == f"recording to {path}"
    assert path.read_bytes() == b"the old one"
    sink.close()
    assert len(shown(path)) == 1


def test_without_a_picture_no_file_is_left_and_an_old_one_stays(tmp_path: Path) -> None:
    sink = record(tmp_path / "out.mp4", [])
    assert not list(tmp_path.iterdir())
    assert not sink.note
    (tmp_path / "out.mkv").write_bytes(b"the old one")
    record(tmp_path / "out.mkv", [])
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"the old one"]


def test_a_second_recording_of_the_same_sink_does_not_replace_the_first(tmp_path: Path) -> None:
    sink = FileSink(str(tmp_path / "out.mp4"))
    for count in (3, 5):
        sink.open(OutputFormat(SMALL, Fraction(30), Colour.BT601))
        for seq in range(count):
            sink.send(bars_rendered(SMALL, Colour.BT601, seq))
        sink.close()
    assert len(shown(tmp_path / "out.mp4")) == 3
    assert len(shown(tmp_path / "out-2.mp4")) == 5
    assert sink.note.endswith("out-2.mp4")


def test_the_rest_of_a_crash_is_not_overwritten(tmp_path: Path) -> None:
    rest = tmp_path / "out.part.mp4"
    rest.write_bytes(b"the rest")
    record(tmp_path / "out.mp4", [bars_rendered(SMALL, Colour.BT601)])
    assert rest.read_bytes() == b"the rest"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.mp4", "out.part.mp4"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize("ending", FORMATS)
def test_what_was_recorded_before_a_crash_plays(tmp_path: Path, ending: str) -> None:
    run = subprocess.run([sys.executable, "-c", RECORD_NOISE, tmp_path / f"out{ending}", "killed"], check=False)
    assert run.returncode == -signal.SIGKILL
    assert [path.name for path in tmp_path.iterdir()] == [f"out.part{ending}"]
    assert len(shown(tmp_path / f"out.part{ending}")) >= 120  # of 250: all but the last fragments of 2 s


@pytest.mark.skipif(sys.platform == "win32", reason="needs file size limits")
@pytest.mark.parametrize("ending", FORMATS)
def test_a_full_disk_is_an_error_that_says_what_is_left(tmp_path: Path, ending: str) -> None:
    old = tmp_path / f"out{ending}"
    old.write_bytes(b"the old one")
    run = subprocess.run([sys.executable, "-c", RECORD_NOISE, old, "disk full"], check=True, capture_output=True,
                         text=True)
    error, note = run.stdout.splitlines()
    assert error == (f"recording '{old}' cannot be written: File too large in {tmp_path} – "
                     f"what was recorded is in out.part{ending}")
    assert note == f"recording broke off: {tmp_path / f'out.part{ending}'}"
    assert old.read_bytes() == b"the old one"


@pytest.mark.parametrize("name", ["out.avi", "out.txt", "out"])
def test_an_unknown_ending_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="unknown ending") as caught:
        FileSink(str(tmp_path / name))
    assert caught.value.hint == "use one of .mp4, .mov, .mkv, .webm"


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no folder"):
        FileSink(str(tmp_path / "nowhere" / "out.mp4"))


def test_a_folder_of_that_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out.mp4").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        FileSink(str(tmp_path / "out.mp4"))


def test_an_unwritable_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: not (Path(path) == tmp_path and mode == os.W_OK))
    with pytest.raises(SinkError, match=f"Permission denied in {tmp_path}") as caught:
        FileSink(str(tmp_path / "out.mp4"))
    assert caught.value.hint == "choose another folder"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
def test_a_folder_that_only_seems_writable_is_refused_on_opening() -> None:
    with pytest.raises(SinkError, match=r"cannot be written: .* in /proc"):
        FileSink("/proc/out.mp4").open(OutputFormat(SMALL, Fraction(30), Colour.BT601))


def test_a_missing_encoder_is_an_error_and_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sink = FileSink(str(tmp_path / "out.mp4"))
    kind = sink._kind
    monkeypatch.setattr(sink, "_kind", type(kind)(kind.muxer, "libx264", {"preset": "absurd"}, {}))
    with pytest.raises(SinkError, match="cannot be written"):
        sink.open(OutputFormat(SMALL, Fraction(30), Colour.BT601))
    assert not list(tmp_path.iterdir())
    sink.close()


@given(st.lists(st.fractions(0, 100), max_size=40), st.sampled_from([Fraction(1, fps) for fps in (5, 30, 2000)]))
def test_timeline_always_grows(times: list[Fraction], frame_time: Fraction) -> None:
    timeline = Timeline(frame_time)
    ticks = [timeline.ticks(time) for time in times]
    assert not ticks or ticks[0] == 0
    assert all(later - earlier >= TICKS // 1000 for earlier, later in itertools.pairwise(ticks))


@given(st.lists(st.integers(1, 500), min_size=1, max_size=40), st.fractions(0, 1000))
def test_timeline_keeps_times_that_grow(steps_ms: list[int], start: Fraction) -> None:
    timeline = Timeline(Fraction(1, 30))
    now = start
    for step in steps_ms:
        assert timeline.ticks(now) == (now - start) * TICKS
        now += Fraction(step, 1000)


def test_timeline_goes_on_when_the_source_begins_again() -> None:
    timeline = Timeline(Fraction(1, 30))
    times = (Fraction(100), Fraction(110), Fraction(0), Fraction(1))
    assert [timeline.ticks(time) for time in times] == [0, 10 * TICKS, 10 * TICKS + 3000, 11 * TICKS + 3000]
