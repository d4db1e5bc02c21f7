"""A viewer as a process of its own: plays an address, and tells of each picture which clock it shows and when it came.

python -m tests.servers.watch ADDRESS SECONDS [FORMAT]
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

import av
import numpy as np

from tests.beeps import RATE, Ear
from vcam.sources.test import read_stamp

_QUICK = {"fflags": "nobuffer", "flags": "low_delay", "analyzeduration": "500000", "probesize": "200000",
          "rtsp_transport": "tcp"}
PATIENCE_S = 20.0


@dataclass
class Watched:
    """What a viewer saw: of each picture the painted clock (milliseconds; None: unreadable), its arrival, and its time
    in the stream (seconds).

    ``beeps``: the times in the stream at which a beep began. ``tags``: primaries, transfer, matrix and range of the
    last picture. ``sounds``: samples of sound that came.
    """

    clocks: list[int | None] = field(default_factory=list)
    arrived: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    beeps: list[float] = field(default_factory=list)
    size: list[int] = field(default_factory=list)
    tags: list[int] = field(default_factory=list)
    sounds: int = 0
    problem: str = ""

    @property
    def delays(self) -> list[int]:
        """Milliseconds from painting to arrival."""
        return [came - shown for shown, came in zip(self.clocks, self.arrived, strict=True) if shown is not None]

    def beeps_after(self, clock: int) -> list[float]:
        """Of each beep, how many milliseconds its sound comes after the picture of its second; seconds count from what
        the clock showed when the sound's file began."""
        seen = [(at, shown) for at, shown in zip(self.times, self.clocks, strict=True) if shown is not None]
        heard = [beep for beep in self.beeps if seen and seen[0][0] <= beep <= seen[-1][0]]
        clocks = np.interp(heard, [at for at, _ in seen], [shown for _, shown in seen]) if heard else np.empty(0)
        return [float((at - clock + 500) % 1000 - 500) for at in clocks]

    def percentile(self, share: float) -> float:
        """The delay that ``share`` of the pictures did not exceed."""
        found = sorted(self.delays)
        return quantiles(found, n=100, method="inclusive")[round(share * 100) - 1]


class Viewer:
    """Starts watching at once, for that long from its first picture on; ``result`` waits for the end."""

    def __init__(self, address: str, seconds: float, muxer: str = "") -> None:
        self._process = subprocess.Popen([sys.executable, "-m", "tests.servers.watch", address, str(seconds), muxer],
                                         stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
                                         start_new_session=True)

    def result(self) -> Watched:
        words = self._process.communicate(timeout=120)[0]
        return Watched(**json.loads(words))

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


def milliseconds() -> int:
    """The clock that is painted: every process of this machine has the same."""
    return time.monotonic_ns() // 1_000_000


def _opened(address: str, muxer: str) -> Any:
    """The stream, waited for until its server has it."""
    deadline = time.monotonic() + PATIENCE_S
    if address.startswith("udp:"):
        address += "?buffer_size=4000000&fifo_size=100000"
    while True:
        try:
            return av.open(address, format=muxer or None, options=_QUICK, timeout=(PATIENCE_S, 5.0))
        except (av.FFmpegError, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _watch(container: Any, seconds: float, seen: Watched) -> None:
    for stream in container.streams.video:
        stream.thread_type = "SLICE"
    begun, ear = 0.0, Ear()
    for packet in container.demux([stream for stream in container.streams if stream.type in ("video", "audio")]):
        for frame in _decoded(packet):
            if isinstance(frame, av.AudioFrame):
                seen.sounds += frame.samples
                _listen(ear, frame)
                if container.streams.video:
                    continue
            begun = begun or time.monotonic()
            if isinstance(frame, av.AudioFrame):
                continue
            seen.arrived.append(milliseconds())
            seen.times.append(frame.time or 0.0)
            luma = np.frombuffer(frame.planes[0], np.uint8).reshape(frame.height, -1)[:, :frame.width]
            seen.clocks.append(read_stamp(luma))
            seen.size = [frame.width, frame.height]
            seen.tags = [int(frame.color_primaries), int(frame.color_trc), int(frame.colorspace),
                         int(frame.color_range)]
        if begun and time.monotonic() - begun > seconds:
            break
    seen.beeps = ear.beeps


def _listen(ear: Ear, frame: av.AudioFrame) -> None:
    if frame.sample_rate == RATE and frame.format.name == "fltp":
        ear.hear(frame.time or 0.0, frame.to_ndarray()[0])


def _decoded(packet: Any) -> list[Any]:
    """Nothing of a packet that cannot be decoded: whoever begins in the middle misses what it refers to."""
    try:
        return list(packet.decode())
    except av.FFmpegError:
        return []


def main(address: str, seconds: float, muxer: str = "") -> None:
    seen = Watched()
    try:
        with _opened(address, muxer) as container:
            _watch(container, seconds, seen)
    except (av.FFmpegError, OSError) as error:
        seen.problem = f"{type(error).__name__}: {error}"
    print(json.dumps(seen.__dict__))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), *sys.argv[3:])
