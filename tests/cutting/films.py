"""Small films with a person whose outline is known, and what other programs say of files: Debian's ffmpeg, ffprobe."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from vcam.cutting.looking import Quality
from vcam.cutting.service import cut_out
from vcam.cutting.wishes import Note, Progress, Result, Wishes
from vcam.engine.batch import LocalEngine
from vcam.frame import FloatArray, Pixels, Size
from vcam.sources.demo_pictures import person, room

SIZE = Size(256, 192)
FRAMES = 6
FAST = Wishes(quality=Quality.FAST)
_STEP = 4  # pixels that she moves in a frame
needs_ffmpeg = pytest.mark.skipif(not (shutil.which("ffmpeg") and shutil.which("ffprobe")),
                                  reason="ffmpeg is not installed")


def outline(number: int, size: Size = SIZE) -> Pixels:
    """Alpha of the person in a picture: uint8 (height, width)."""
    return _scene(number, size)[1]


def picture(number: int, size: Size = SIZE) -> Pixels:
    """The person in a room: BGR (height, width, 3)."""
    return _scene(number, size)[0]


@lru_cache(maxsize=64)
def _scene(number: int, size: Size) -> tuple[Pixels, Pixels]:
    she = person(0.95 * size.height / 720)
    layer = np.zeros((size.height, size.width, 4), np.float32)
    left = (size.width - she.shape[1]) // 2 + _STEP * number
    top = max(size.height - she.shape[0], 0) + size.height // 12
    rows, columns = min(she.shape[0], size.height - top), min(she.shape[1], size.width - left)
    layer[top:top + rows, max(left, 0):left + columns] = she[:rows, max(-left, 0):columns]
    alpha = layer[..., 3]
    bgr = layer[..., 2::-1] + room(size) * (1 - alpha[..., None])
    return np.clip(np.rint(bgr), 0, 255).astype(np.uint8), np.rint(alpha * 255).astype(np.uint8)


@dataclass
class Film:
    """How a film is written.

    ``times``: seconds of the pictures; empty: evenly at ``rate``. ``tone``: sound of this codec: silent, but for a
    tone from second 0.1 to 0.2.
    """

    codec: str = "libx264"
    layout: str = "yuv420p"
    rate: int = 25
    options: dict[str, str] = field(default_factory=lambda: {"crf": "10"})
    times: Sequence[float] = ()
    tone: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    aspect: Fraction = Fraction(1)
    hdr: bool = False

    def write(self, path: Path, pictures: Sequence[Pixels]) -> Path:
        """BGR pictures, or BGRA."""
        with av.open(str(path), "w") as container:
            container.metadata.update(self.metadata)
            stream = self._stream(container, pictures[0])
            sound: Any = container.add_stream(self.tone, rate=48000) if self.tone else None
            for number, each in enumerate(pictures):
                container.mux(stream.encode(self._frame(number, each)))
            container.mux(stream.encode(None))
            if sound is not None:
                _add_tone(container, sound, len(pictures) / self.rate)
        return path

    def _stream(self, container: Any, first: Pixels) -> Any:
        stream = container.add_stream(self.codec, rate=self.rate, options=self.options)
        stream.height, stream.width = first.shape[:2]
        stream.pix_fmt = self.layout
        stream.codec_context.time_base = Fraction(1, 1000)
        stream.codec_context.sample_aspect_ratio = self.aspect
        if self.hdr:
            stream.codec_context.color_trc, stream.codec_context.color_primaries = 16, 9
            stream.codec_context.colorspace = 9
        return stream

    def _frame(self, number: int, pixels: Pixels) -> Any:
        frame = av.VideoFrame.from_ndarray(pixels, format="bgra" if pixels.shape[2] == 4 else "bgr24")
        frame = frame.reformat(format=self.layout, dst_colorspace="ITU601", dst_color_range="MPEG")
        seconds = self.times[number] if self.times else number / self.rate
        frame.pts, frame.time_base = round(seconds * 1000), Fraction(1, 1000)
        if self.hdr:
            frame.color_trc, frame.color_primaries, frame.colorspace = 16, 9, 9
        else:
            frame.colorspace, frame.color_range = 6, 1
        return frame


def _add_tone(container: Any, stream: Any, seconds: float) -> None:
    rate = stream.codec_context.sample_rate
    now = np.arange(round(seconds * rate)) / rate
    wave = np.where((now >= 0.1) & (now < 0.2), np.sin(now * 2 * np.pi * 1000) * 0.8, 0).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
    resampler = av.AudioResampler(stream.codec_context.format, stream.codec_context.layout, rate,
                                  stream.codec_context.frame_size or 1024)
    for part in [*resampler.resample(frame), *resampler.resample(None)]:
        container.mux(stream.encode(part))
    container.mux(stream.encode(None))


def turn(path: Path, matrix: tuple[int, int, int, int]) -> None:
    """Have players turn an MP4 file: a, b, c and d of its first track's matrix."""
    data = bytearray(path.read_bytes())
    place = data.index(b"tkhd") + 44  # after versions, times, length and layers
    for offset, value in zip((0, 4, 12, 16), matrix, strict=True):
        data[place + offset:place + offset + 4] = (value << 16).to_bytes(4, "big", signed=True)
    path.write_bytes(data)


def talk(folder: Path, name: str = "talk.mp4", film: Film | None = None, frames: int = FRAMES) -> Path:
    """A film of the person."""
    return (film or Film()).write(folder / name, [picture(number) for number in range(frames)])


def cut(source: Path, output: Path | None = None, wishes: Wishes = FAST,
        told: list[Progress | Note] | None = None) -> Result:
    """The cut-out, made in this process."""
    with LocalEngine(1) as engine:
        return cut_out(source, output, wishes, engine, (lambda event: None) if told is None else told.append)


def decoded(path: Path, size: Size = SIZE, layout: str = "bgra", *flags: str) -> list[Pixels]:
    """Its pictures as Debian's ffmpeg decodes them: uint8 (height, width, channels)."""
    run = subprocess.run(["ffmpeg", "-v", "error", *flags, "-i", str(path), "-fps_mode", "passthrough", "-f",
                          "rawvideo", "-pix_fmt", layout, "-"], capture_output=True, check=True, timeout=120)
    channels = {"bgra": 4, "bgr24": 3, "gray": 1}[layout]
    return list(np.frombuffer(run.stdout, np.uint8).reshape(-1, size.height, size.width, channels))


def probed(path: Path) -> dict[str, Any]:
    """What ffprobe says of it: ``format``, ``streams``, and the pictures' times in seconds as ``times``."""
    run = subprocess.run(["ffprobe", "-v", "error", "-show_format", "-show_streams", "-show_entries",
                          "packet=pts_time,stream_index", "-of", "json", str(path)], capture_output=True, check=True,
                         timeout=120)
    found: dict[str, Any] = json.loads(run.stdout)
    video = next(stream["index"] for stream in found["streams"] if stream["codec_type"] == "video")
    found["times"] = sorted(float(each["pts_time"]) for each in found["packets"] if each["stream_index"] == video)
    return found


def sound_of(path: Path) -> FloatArray:
    """Its sound, decoded by ffmpeg from the film's first moment on: float32, 48,000 samples a second."""
    run = subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-af", "aresample=async=1:first_pts=0", "-ac", "1",
                          "-ar", "48000", "-f", "f32le", "-"], capture_output=True, check=True, timeout=120)
    return np.frombuffer(run.stdout, np.float32)


def overlap(alpha: Pixels, truth: Pixels) -> float:
    """Share of what either calls person that both do (0–1)."""
    one, other = alpha > 127, truth > 127
    return float((one & other).sum() / max((one | other).sum(), 1))


def over(bgra: Pixels, colour: tuple[int, int, int]) -> np.ndarray:
    """Straight BGRA over a colour, as a player shows it: float (height, width, 3)."""
    share = bgra[..., 3:].astype(np.float64) / 255
    return bgra[..., :3] * share + np.array(colour) * (1 - share)


def left(folder: Path) -> set[str]:
    """Names of everything in a folder, hidden things too."""
    return {path.name for path in folder.iterdir()}


def scaled(pixels: Pixels, size: Size) -> Pixels:
    """Scaled to a size."""
    return cv2.resize(pixels, (size.width, size.height), interpolation=cv2.INTER_AREA)
