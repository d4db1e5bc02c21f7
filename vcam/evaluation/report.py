"""What was measured and with what, as JSON and in words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from vcam.evaluation.scoring import COLUMNS, CPU, Row, means


@dataclass(frozen=True, slots=True)
class Subject:
    """What was measured.

    ``set`` names the clips; ``program`` is vcam's version, ``processor`` the machine's.
    """

    set: str
    mode: str
    model: str
    runtime: str
    device: str
    program: str
    processor: str


def to_json(subject: Subject, rows: Sequence[Row]) -> str:
    """A row for every clip, and a mean for every kind of truth; figures that do not apply are left out."""
    report = {**asdict(subject), "columns": [*COLUMNS, CPU], "clips": [_clip(row) for row in rows],
              "means": {str(mean.truth_kind): {"clips": mean.clips, **_rounded(mean.figures, mean.cpu_ms)}
                        for mean in means(rows)}}
    return json.dumps(report, indent=1, allow_nan=False) + "\n"


def _clip(row: Row) -> dict[str, Any]:
    clip = row.clip
    return {"name": clip.name, "gt_kind": str(clip.truth_kind), "compared_with": compared_with(row),
            "size": str(clip.size), "fps": None if clip.is_still else float(clip.fps), "frames": clip.frames,
            **_rounded(row.figures, row.cpu_ms)}


def _rounded(figures: dict[str, float], cpu_ms: float) -> dict[str, float]:
    return {name: round(value, 4) for name, value in (figures | {CPU: cpu_ms}).items()}


def compared_with(row: Row) -> str:
    """What a clip's matte was compared with, in a word."""
    return "truth" if row.clip.truth else "reference" if row.clip.reference else "nothing"


def in_words(row: Row) -> str:
    """A clip's figures in one line."""
    return ", ".join([*(f"{name} {value:.2f}" for name, value in row.figures.items()), f"CPU {row.cpu_ms:.1f} ms"])
