"""Sound for streams: silence, or a file again and again. Time is counted in samples, so it cannot drift."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from vcam.errors import SinkError, UsageError

RATE = 48_000
SAMPLES, OPUS_SAMPLES = 1024, 960  # of a frame of AAC and of Opus
_FORMAT, _LAYOUT = "fltp", "stereo"
_WORDS = ("auto", "none", "silence")


def check_audio(audio: str) -> None:
    """Raise UsageError unless it is one of the words, or a file with sound that can be decoded."""
    if audio in _WORDS:
        return
    try:
        with av.open(str(Path(audio).expanduser()), options={"protocol_whitelist": "file,crypto,data"}) as container:
            if container.streams.audio and next(container.decode(audio=0), None) is not None:
                return
            problem = "it has no sound"
    except (av.FFmpegError, OSError, ValueError) as error:
        problem = getattr(error, "strerror", "") or str(error)
    raise UsageError(f"audio '{audio}' cannot be used: {problem}", f"give a file, or one of {', '.join(_WORDS)}")


class Sound:
    """Frames of stereo sound, 48 kHz.

    Args:
        audio: ``silence`` or the path of a file.
        samples: of a frame.
    """

    def __init__(self, audio: str, samples: int = SAMPLES) -> None:
        self._reader = None if audio == "silence" else _Reader(Path(audio).expanduser(), samples)
        self._silence = np.zeros((2, samples), np.float32)
        self._sent = 0
        self.begun = False

    def begin(self, seconds: Fraction) -> None:
        """Start the connection's clock; ``seconds`` of the file are over already."""
        self.begun = True
        if self._reader is not None:
            self._reader.skip(int(seconds * RATE))

    def until(self, seconds: Fraction) -> Iterator[Any]:
        """The frames that begin before that time of the connection.

        Raises:
            SinkError: the file cannot be read any more.
        """
        while self._sent < seconds * RATE:
            frame = self._silent() if self._reader is None else self._reader.next()
            frame.pts, frame.time_base, frame.sample_rate = self._sent, Fraction(1, RATE), RATE
            self._sent += frame.samples
            yield frame

    def close(self) -> None:
        """Let go of the file."""
        if self._reader is not None:
            self._reader.close()

    def _silent(self) -> Any:
        return av.AudioFrame.from_ndarray(self._silence, format=_FORMAT, layout=_LAYOUT)


class _Reader:
    """Frames of a file, resampled, that begins again at its end without a gap."""

    def __init__(self, path: Path, samples: int) -> None:
        self._path = path
        self._samples = samples
        self._container: Any = None
        self._parts: Iterator[Any] = iter(())
        self._waiting: Any = av.AudioFifo()

    def skip(self, samples: int) -> None:
        """Begin where it would be after that many samples, without decoding what lies before more than once."""
        self._start()
        passed = 0
        while passed < samples:
            part = next(self._parts, None)
            if part is None:
                if not passed:
                    raise self._lost()
                samples, passed = samples % passed, 0  # its whole length is known now: leave whole turns out
                self._start()
                continue
            passed += part.samples
            if passed > samples:
                self._wait(part.to_ndarray()[:, samples - passed:])

    def next(self) -> Any:
        while self._waiting.samples < self._samples:
            part = next(self._parts, None)
            if part is None:
                self._start()
                part = next(self._parts, None)
            if part is None:
                raise self._lost()
            self._wait(part.to_ndarray())
        return self._waiting.read(self._samples)

    def _lost(self) -> SinkError:
        return SinkError(f"audio '{self._path}' cannot be read any more", "check that the file is still there")

    def close(self) -> None:
        self._parts = iter(())
        container, self._container = self._container, None
        if container is not None:
            container.close()

    def _wait(self, samples: np.ndarray) -> None:
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format=_FORMAT, layout=_LAYOUT)
        frame.sample_rate = RATE
        self._waiting.write(frame)

    def _start(self) -> None:
        self.close()
        try:
            self._container = av.open(str(self._path), options={"protocol_whitelist": "file,crypto,data"})
        except (av.FFmpegError, OSError) as error:
            raise SinkError(f"audio '{self._path}' cannot be read: {error.strerror}",
                            "check that the file is still there") from error
        self._parts = self._decoded(self._container)

    @staticmethod
    def _decoded(container: Any) -> Iterator[Any]:
        resampler = av.AudioResampler(_FORMAT, _LAYOUT, RATE)
        for frame in container.decode(audio=0):
            yield from resampler.resample(frame)
        yield from (part for part in resampler.resample(None) if part.samples)
