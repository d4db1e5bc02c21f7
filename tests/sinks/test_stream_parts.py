"""What all streams share: encoder, sound, keyframes, and a wire that gives up."""

from __future__ import annotations

import io
import math
import socket
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.beeps import Ear, beeping
from tests.pictures import bars_rendered
from vcam.address import parse_address
from vcam.errors import SinkError, UsageError
from vcam.frame import Colour, Size
from vcam.sinks import OutputFormat, SinkOptions, h264, make_sink
from vcam.sinks.h264 import choose_encoder, default_bitrate, probe
from vcam.sinks.stream import wire
from vcam.sinks.stream.base import StreamSink, prepare_video
from vcam.sinks.stream.sound import RATE, SAMPLES, Sound
from vcam.sinks.stream.wire import Wire

SIZE = Size(320, 180)
OUTPUT = OutputFormat(SIZE, Fraction(30), Colour.BT601)


class Kept:
    """A way that keeps the packets."""

    def __init__(self, sink: StreamSink, output: OutputFormat) -> None:
        self.video: Any = av.CodecContext.create(sink.encoder.codec, "w")
        self.video.options = dict(sink.encoder.options)
        prepare_video(self.video, sink, output)
        self.audio = None
        self.packets: list[Any] = []

    def write(self, packets: list[Any]) -> None:
        self.packets += packets

    def close(self) -> None:
        """Nothing is held."""


class KeepingSink(StreamSink):
    """A stream that goes nowhere."""

    def connect(self, output: OutputFormat, with_sound: bool) -> Kept:
        del with_sound
        self.kept = Kept(self, output)
        return self.kept


def sent(times: list[Fraction], options: SinkOptions) -> list[Any]:
    """The packets of pictures of these times."""
    sink = KeepingSink("kept")
    sink.configure(options)
    sink.open(OUTPUT)
    for seq, pts in enumerate(times):
        sink.send(bars_rendered(SIZE, Colour.BT601, seq, pts))
    sink.close()
    return sink.kept.packets


def begins(samples: np.ndarray) -> list[float]:
    """Seconds at which sound begins after silence."""
    ear = Ear()
    ear.hear(0.0, samples)
    return ear.beeps


def test_pictures_come_out_at_once_and_keyframes_by_the_clock() -> None:
    times = [Fraction(seq, 10) for seq in range(50)]  # a third of the rate that was announced
    packets = sent(times, SinkOptions(keyframe_seconds=1.5))
    assert len(packets) == 50
    keys = [float(packet.pts * packet.time_base) for packet in packets if packet.is_keyframe]
    assert keys == pytest.approx([0, 1.5, 3.0, 4.5])


def test_the_bitrate_is_kept() -> None:
    noise = np.random.default_rng(0).integers(16, 235, (5, 270, 320), np.uint8)
    sink = KeepingSink("kept")
    sink.configure(SinkOptions(bitrate=500))
    sink.open(OUTPUT)
    for seq in range(150):
        picture = bars_rendered(SIZE, Colour.BT601, seq)
        picture.frame.pixels[:180] = noise[seq % 5][:180]
        sink.send(picture)
    assert sink.sent_bytes * 8 / 5 == pytest.approx(500_000, rel=0.15)
    sink.close()


@pytest.mark.parametrize(("size", "fps", "kbit"), [
    (Size(640, 360), 30, 800), (Size(1280, 720), 30, 2500), (Size(1280, 720), 60, 4350), (Size(1920, 1080), 30, 4800)])
def test_the_usual_bitrate_grows_with_size_and_rate(size: Size, fps: int, kbit: int) -> None:
    assert default_bitrate(OutputFormat(size, Fraction(fps), Colour.BT709)) == pytest.approx(kbit, abs=50)


def test_hardware_that_is_not_there_is_not_used() -> None:
    if not probe("nvenc", SIZE):
        pytest.skip("this machine has NVENC")
    assert choose_encoder(SinkOptions(), OUTPUT).name != "nvenc"
    with pytest.raises(SinkError, match=r"encoder 'nvenc' does not work here: .* – use the encoder auto"):
        choose_encoder(SinkOptions(encoder="nvenc"), OUTPUT)


def test_hardware_that_proves_itself_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(h264.HARDWARE, "nvenc", ("libx264", {"tune": "zerolatency"}))
    probe.cache_clear()
    assert choose_encoder(SinkOptions(), OUTPUT).name == "nvenc"
    probe.cache_clear()


@pytest.mark.parametrize(("options", "problem"), [
    ({"preset": "veryfast"}, "holds pictures back"), ({"tune": "zerolatency", "qp": "51"}, "levels off"),
    ({"preset": "no such"}, "")])
def test_hardware_that_does_not_deliver_is_found_out(options: dict[str, str], problem: str,
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(h264.HARDWARE, "nvenc", ("libx264", options))
    monkeypatch.setattr(h264, "_FAR", 2.0)
    probe.cache_clear()
    found = probe("nvenc", SIZE)
    probe.cache_clear()
    assert found
    assert problem in found


@pytest.mark.parametrize(("options", "words"), [
    (SinkOptions(preset="quick"), "preset 'quick' is unknown"),
    (SinkOptions(encoder="gpu"), "encoder 'gpu' is unknown"),
    (SinkOptions(audio="/no/such/file.wav"), "audio '/no/such/file.wav' cannot be used: No such file")])
def test_wrong_options_are_told_before_anything_begins(options: SinkOptions, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        make_sink("udp://127.0.0.1:5004", options)


def test_silence_lasts_exactly_as_long_as_the_picture() -> None:
    sound = Sound("silence")
    sound.begin(Fraction(0))
    frames = [frame for second in range(1, 101) for frame in sound.until(Fraction(second) / 3)]
    assert len(frames) == math.ceil(100 / 3 * RATE / SAMPLES)
    assert [frame.pts for frame in frames] == [SAMPLES * turn for turn in range(len(frames))]


def test_a_file_is_repeated_and_goes_on_where_it_would_be(tmp_path: Path) -> None:
    sound = Sound(str(beeping(tmp_path / "beeps.wav", 3)))
    sound.begin(Fraction(21, 2))  # three whole turns and a half: the next beep is half a second away
    samples = np.concatenate([frame.to_ndarray()[0] for frame in sound.until(Fraction(4))])
    sound.close()
    assert begins(samples) == pytest.approx([0.5, 1.5, 2.5, 3.5], abs=0.002)


def test_a_file_that_is_repeated_does_not_drift(tmp_path: Path) -> None:
    """Its length is no multiple of a frame's: what is left of a turn is followed by the beginning of the next."""
    sound = Sound(str(beeping(tmp_path / "beeps.wav", 1)))
    sound.begin(Fraction(0))
    samples = np.concatenate([frame.to_ndarray()[0] for frame in sound.until(Fraction(121, 2))])
    sound.close()
    assert begins(samples) == pytest.approx(range(1, 61), abs=0.002)


def test_sound_and_picture_stay_together(tmp_path: Path) -> None:
    """A beep of every second comes with the picture of that second, from the first to the last."""
    folder = tmp_path / "hls"
    sink = make_sink(f"hls:{folder}", SinkOptions(audio=str(beeping(tmp_path / "beeps.wav", 60))))
    sink.open(OUTPUT)
    for seq in range(30 * 10):
        sink.send(bars_rendered(SIZE, Colour.BT601, seq))
    sink.close()
    samples, first = [], None
    stream = b"".join(part.read_bytes() for part in sorted(folder.glob("*.ts")))
    container: Any
    with av.open(io.BytesIO(stream), format="mpegts") as container:
        for frame in container.decode(video=0, audio=0):
            if isinstance(frame, av.AudioFrame):
                samples.append((frame.time, frame.to_ndarray()[0]))
            elif first is None:
                first = frame.time
    assert first is not None
    heard = [samples[0][0] - first + at for at in begins(np.concatenate([part for _, part in samples]))]
    offsets = [at - round(at) for at in heard]
    assert len(heard) >= 9
    assert max(np.abs(offsets)) < 0.04


def test_a_peer_that_reads_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "STALLED_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = Wire(parse_address("rtmp", f"//127.0.0.1:{server.getsockname()[1]}/a/b", ""), encrypted=False)
        taken = 0
        with pytest.raises(TimeoutError, match="took nothing"):
            while True:
                line.send(bytes(10_000))
                taken += 10_000
        line.close()
    assert taken < 20_000_000


def test_what_is_unsent_stays_little() -> None:
    """A peer that reads nothing: beyond what it buffers itself, hardly anything is accepted from us."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 * 1024)
        line = Wire(parse_address("rtmp", f"//127.0.0.1:{server.getsockname()[1]}/a/b", ""), encrypted=False)
        line._socket.settimeout(0.2)
        taken = 0
        with pytest.raises(TimeoutError):
            while True:
                line.send(bytes(10_000))
                taken += 10_000
        line.close()
    assert taken < 600_000


def test_a_peer_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "STALLED_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        sink = make_sink(f"rtmp://127.0.0.1:{server.getsockname()[1]}/live/key")
        with pytest.raises(SinkError, match="cannot begin: the server says nothing"):
            sink.open(OUTPUT)
        sink = make_sink(f"rtsp://127.0.0.1:{server.getsockname()[1]}/vcam")
        with pytest.raises(SinkError, match="cannot begin: the server says nothing"):
            sink.open(OUTPUT)
