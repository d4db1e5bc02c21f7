"""A clip's figures: every measure of every frame that applies, and their means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from vcam.evaluation.flicker import FlowFinder, flicker
from vcam.evaluation.footage import Shot
from vcam.evaluation.index import Clip, TruthKind
from vcam.evaluation.metrics import boundary, connectivity, dtssd, gradient, iou, mad, mse, reduced
from vcam.frame import Pixels

# In the order of a report; small is good but for IoU and BF.
COLUMNS = ("MAD", "MSE", "Grad", "Conn", "dtSSD", "IoU", "BF", "FLK", "FLKx")
CPU = "cpu_ms"
# It takes as long as all the others together.
_CONNECTIVITY_EVERY = 10


@dataclass(frozen=True, slots=True)
class Row:
    """A clip's result.

    Attributes:
        figures: of ``COLUMNS``, those that could be measured.
        cpu_ms: processor time of a frame's matte, mean.
        errors: how wrong each frame is, in the unit that ``error_name`` names.
    """

    clip: Clip
    figures: dict[str, float]
    cpu_ms: float
    errors: tuple[float, ...] = ()
    error_name: str = ""


class Scorer:
    """Takes a clip's frames in order."""

    def __init__(self, clip: Clip) -> None:
        self._is_graded = clip.truth_kind in (TruthKind.EXACT, TruthKind.PSEUDO)
        self._is_compared = clip.compared_with is not None
        self._flow = FlowFinder()
        self._values: dict[str, list[float]] = defaultdict(list)
        self._true_flicker: list[float] = []
        self._last: tuple[Shot, Pixels] | None = None
        self._count = 0
        self.error_name = "MAD" if self._is_graded else "100 − IoU" if self._is_compared else "FLK"

    def add(self, shot: Shot, matte: Pixels) -> float:
        """Measure one frame; how wrong it is: its MAD, else what its IoU lacks, else its flicker."""
        if self._last is not None:
            self._add_changes(*self._last, shot, matte)
        if shot.wanted is not None:
            self._add_shapes(matte, shot.wanted)
        self._last = (shot, matte)
        self._count += 1
        if self._is_graded:
            return self._values["MAD"][-1]
        if self._is_compared:
            return 100 - self._values["IoU"][-1]
        return self._values["FLK"][-1] if self._values["FLK"] else 0.0

    def figures(self) -> dict[str, float]:
        """The means over the frames so far."""
        means = {name: fmean(self._values[name]) for name in COLUMNS if self._values.get(name)}
        if self._true_flicker:
            means["FLKx"] = means["FLK"] - fmean(self._true_flicker)
        return means

    def _add_shapes(self, matte: Pixels, wanted: Pixels) -> None:
        self._values["IoU"].append(iou(matte, wanted))
        self._values["BF"].append(boundary(matte, wanted))
        if not self._is_graded:
            return
        self._values["MAD"].append(mad(matte, wanted))
        self._values["MSE"].append(mse(matte, wanted))
        small, small_wanted = reduced(matte), reduced(wanted)
        self._values["Grad"].append(gradient(small, small_wanted))
        if self._count % _CONNECTIVITY_EVERY == 0:
            self._values["Conn"].append(connectivity(small, small_wanted))

    def _add_changes(self, last: Shot, last_matte: Pixels, shot: Shot, matte: Pixels) -> None:
        movement = self._flow.movement(last.picture, shot.picture)
        self._values["FLK"].append(flicker(last_matte, matte, movement))
        if self._is_graded and last.wanted is not None and shot.wanted is not None:
            self._values["dtSSD"].append(dtssd(matte, last_matte, shot.wanted, last.wanted))
            self._true_flicker.append(flicker(last.wanted, shot.wanted, movement))


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of the rows of one kind of truth, each figure over the clips that have it."""

    truth_kind: TruthKind
    clips: int
    figures: dict[str, float]
    cpu_ms: float


def means(rows: Sequence[Row]) -> list[Mean]:
    """A mean for every kind of truth that there is."""
    groups = [(kind, [row for row in rows if row.clip.truth_kind is kind]) for kind in TruthKind]
    return [Mean(kind, len(group), _mean_figures(group), fmean(row.cpu_ms for row in group))
            for kind, group in groups if group]


def _mean_figures(rows: Iterable[Row]) -> dict[str, float]:
    collected: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        for name, value in row.figures.items():
            collected[name].append(value)
    return {name: fmean(collected[name]) for name in COLUMNS if name in collected}
