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
SAMPLES = 1024  # a frame, as AAC has it
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
    """

    def __init__(self, audio: str) -> None:
        self._reader = None if audio == "silence" else _Reader(Path(audio).expanduser())
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
            frame = self._silence() if self._reader is None else self._reader.next()
            frame.pts, frame.time_base, frame.sample_rate = self._sent, Fraction(1, RATE), RATE
            self._sent += frame.samples
            yield frame

    def close(self) -> None:
        """Let go of the file."""
        if self._reader is not None:
            self._reader.close()

    @staticmethod
    def _silence() -> Any:
        return av.AudioFrame.from_ndarray(np.zeros((2, SAMPLES), np.float32), format=_FORMAT, layout=_LAYOUT)


class _Reader:
    """Frames of a file, resampled, beginning again at its end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._container: Any = None
        self._frames: Iterator[Any] = iter(())

    def skip(self, samples: int) -> None:
        """Go to where it would be after that many samples, without decoding what lies before more than once."""
        passed = 0
        while passed < samples:
            frame = next(self._frames, None)
            if frame is None:
                if self._container is not None:  # its whole length is known now: leave whole turns out
                    samples %= passed
                    passed = 0
                self._start()
            else:
                passed += frame.samples

    def next(self) -> Any:
        frame = next(self._frames, None)
        if frame is None:
            self._start()
            frame = next(self._frames, None)
        if frame is None:
            raise SinkError(f"audio '{self._path}' cannot be read any more", "check that the file is still there")
        return frame

    def close(self) -> None:
        self._frames = iter(())
        container, self._container = self._container, None
        if container is not None:
            container.close()

    def _start(self) -> None:
        self.close()
        try:
            self._container = av.open(str(self._path), options={"protocol_whitelist": "file,crypto,data"})
        except (av.FFmpegError, OSError) as error:
            raise SinkError(f"audio '{self._path}' cannot be read: {error.strerror}",
                            "check that the file is still there") from error
        self._frames = self._decoded(self._container)

    def _decoded(self, container: Any) -> Iterator[Any]:
        resampler = av.AudioResampler(_FORMAT, _LAYOUT, RATE, SAMPLES)
        for frame in container.decode(audio=0):
            yield from resampler.resample(frame)
        rest = [frame for frame in resampler.resample(None) if frame.samples]
        yield from (_filled(frame) for frame in rest)


def _filled(frame: Any) -> Any:
    """The last frame of a file, with silence to its end: AAC takes no short ones but the very last."""
    samples = np.zeros((2, SAMPLES), np.float32)
    samples[:, :frame.samples] = frame.to_ndarray()
    return av.AudioFrame.from_ndarray(samples, format=_FORMAT, layout=_LAYOUT)
