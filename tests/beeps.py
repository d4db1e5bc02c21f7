"""Sound that beeps at the beginning of every second, and when it does."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import av
import numpy as np

RATE = 48_000
_BEEP_S, _HERTZ, _SAMPLES = 0.1, 1000, 1024
_LOUD = 0.1
_QUIET_S = 0.1  # what comes before a beep


def beeping(path: Path, seconds: int) -> Path:
    """A file of sound that beeps for a tenth at the beginning of every second."""
    times = np.arange(seconds * RATE) / RATE
    samples = (np.sin(times * 2 * math.pi * _HERTZ) * (times % 1 < _BEEP_S) * 0.5).astype(np.float32)
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("pcm_s16le", rate=RATE, layout="mono")
        for at in range(0, len(samples), _SAMPLES):
            part = (samples[at:at + _SAMPLES] * 32767).astype(np.int16)[None]
            frame = av.AudioFrame.from_ndarray(part, format="s16", layout="mono")
            frame.sample_rate, frame.pts = RATE, at
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


class Ear:
    """Hears where beeps begin, to a millisecond.

    Attributes:
        beeps: seconds on the time line of what was heard.
    """

    def __init__(self) -> None:
        self.beeps: list[float] = []
        self._loud_until: float | None = None

    def hear(self, seconds: float, samples: np.ndarray) -> None:
        """float (samples,) at ``RATE`` that begin at that time."""
        step = RATE // 1000
        for turn, peak in enumerate(np.abs(samples[:len(samples) // step * step]).reshape(-1, step).max(axis=1)):
            at = seconds + turn / 1000
            if peak <= _LOUD:
                self._loud_until = at - 1 if self._loud_until is None else self._loud_until
                continue
            if self._loud_until is not None and at - self._loud_until > _QUIET_S:
                self.beeps.append(at)
            self._loud_until = at
