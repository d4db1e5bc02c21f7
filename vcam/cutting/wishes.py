"""What the user wants of a cut-out, and what they are told of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vcam.backdrops import Fit
from vcam.cutting.looking import Quality


@dataclass(frozen=True, slots=True)
class Wishes:
    """Options of one or many cut-outs.

    Attributes:
        format: empty: by the output's ending, or the usual one.
        background: empty: transparent. As for ``vcam run``.
        model: empty: every network that is here, as the quality allows.
        trim: of pictures, cut off what is empty.
        overwrite: replace an output that is there.
        keep_empty: write an output although nobody is in the picture.
        keep_metadata: also keep what a file says of place, time and device.
        preview: also write a contact sheet of a film, beside the output.
        fresh: do not go on with what an interrupted run left.
    """

    format: str = ""
    background: str = ""
    fit: Fit = Fit.COVER
    quality: Quality = Quality.BEST
    model: str = ""
    runtime: str = "auto"
    trim: bool = False
    overwrite: bool = False
    keep_empty: bool = False
    keep_metadata: bool = False
    preview: bool = False
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file is. ``stage``: survey, see, render or join; ``done`` of ``total`` pictures in that stage."""

    source: Path
    stage: Literal["survey", "see", "render", "join"]
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the user should know of a file."""

    source: Path
    text: str


@dataclass(frozen=True, slots=True)
class Result:
    """A cut-out that is there."""

    source: Path
    output: Path
    pictures: int
    person: float
    notes: tuple[str, ...] = ()
    preview: Path | None = None


Report = Callable[[Progress | Note], None]

# How long a picture takes in each stage, compared to one another.
_EFFORT = {Quality.BEST: {"survey": 12, "see": 250, "render": 60, "join": 1},
           Quality.FAST: {"survey": 5, "see": 10, "render": 50, "join": 1}}


def share(progress: Progress, quality: Quality) -> float:
    """How much of a file's whole work is done (0–1)."""
    effort = _EFFORT[quality]
    stages = list(effort)
    before = sum(effort[stage] for stage in stages[:stages.index(progress.stage)])
    return (before + effort[progress.stage] * progress.done / max(progress.total, 1)) / sum(effort.values())
