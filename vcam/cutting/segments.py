"""What a chunk of a film leaves in the work folder, by kind of output."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from vcam.cutting.coding import Codec, SegmentCoder
from vcam.cutting.targets import Format, Kind
from vcam.cutting.work import Work
from vcam.errors import CutoutError
from vcam.frame import Pixels, Size

_ENDINGS = {"webm": ".webm", "mov": ".mov", "mp4": ".mp4", "matroska": ".mkv"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What every chunk's segment is like. ``covered``: there is a background, so nothing is transparent."""

    format: Format
    size: Size
    fps: Fraction
    covered: bool

    @property
    def codecs(self) -> tuple[Codec, ...]:
        """The codecs of the segments; none if they are pictures."""
        if self.covered and self.format.opaque is not None:
            return (self.format.opaque,)
        return self.format.codecs


class Segment(Protocol):
    """Takes a chunk's shots. ``close`` completes it; without that nothing counts."""

    def add(self, colours: Pixels, alpha: Pixels, tick: int, seconds: Fraction) -> None: ...
    def close(self) -> None: ...


def make_segment(work: Work, number: int, plan: Plan) -> Segment:
    """A segment for chunk ``number``, not there until it is closed.

    Raises:
        CutoutError: it cannot be written.
    """
    if plan.format.kind is Kind.PICTURES:
        return _Pictures(work, number, plan)
    return _Encoded(work, number, plan)


def segment_names(number: int, plan: Plan) -> list[str]:
    """Names of a chunk's files: one for each codec; a folder, if they are pictures."""
    if plan.format.kind is Kind.PICTURES:
        return [f"segment-{number:05}"]
    return [f"segment-{number:05}-{index}{_ENDINGS[codec.muxer]}" for index, codec in enumerate(plan.codecs)]


class _Encoded:
    def __init__(self, work: Work, number: int, plan: Plan) -> None:
        self._targets = [work.path(name) for name in segment_names(number, plan)]
        self._parts = [target.with_name(f"part-{target.name}") for target in self._targets]
        self._coders = [SegmentCoder(part, codec, plan.size, plan.fps)
                        for part, codec in zip(self._parts, plan.codecs, strict=True)]

    def add(self, colours: Pixels, alpha: Pixels, tick: int, seconds: Fraction) -> None:
        del tick
        for coder in self._coders:
            coder.add(colours, alpha, seconds)

    def close(self) -> None:
        for coder, part, target in zip(self._coders, self._parts, self._targets, strict=True):
            coder.close()
            part.replace(target)


class _Pictures:
    """A folder of PNG pictures named by their ticks."""

    def __init__(self, work: Work, number: int, plan: Plan) -> None:
        self._folder = work.path(segment_names(number, plan)[0])
        self._work, self._covered = work, plan.covered
        try:
            self._folder.mkdir(exist_ok=True)
        except OSError as error:
            raise work.trouble(error) from error

    def add(self, colours: Pixels, alpha: Pixels, tick: int, seconds: Fraction) -> None:
        del seconds
        self._work.write(f"{self._folder.name}/{tick:020}.png", png(colours, None if self._covered else alpha))

    def close(self) -> None:
        """Every picture is whole already."""


def png(colours: Pixels, alpha: Pixels | None, level: int = 3) -> bytes:
    """A PNG file of straight colours, BGR, and alpha.

    Raises:
        CutoutError: it cannot be encoded.
    """
    picture = colours if alpha is None else np.dstack([colours, alpha])
    done, data = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, level])
    if not done:
        raise CutoutError("a picture cannot be encoded as PNG", "choose another --format")
    return data.tobytes()


def is_numbered(folder: Path) -> bool:
    """Whether a folder holds nothing but what ``vcam`` puts into one: numbered pictures."""
    return all(each.suffix == ".png" and each.stem.isdigit() for each in folder.iterdir())


def gather(folders: list[Path]) -> list[Path]:
    """The pictures of all chunks, in order."""
    return [picture for folder in folders for picture in sorted(folder.glob("*.png"))]
