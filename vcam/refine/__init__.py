"""Refinement: from a network's coarse evidence to a matte that is steady in time and true at the edges."""

from __future__ import annotations

from vcam.frame import Frame, Matte
from vcam.ops import DeviceArray, Guide, Ops
from vcam.refine.edges import fit_matte
from vcam.refine.plate import CleanPlate
from vcam.refine.temporal import TemporalFilter


class Refiner:
    """Clean plate, temporal filter, edge model. Keeps the past: ``reset`` when the source changes."""

    def __init__(self, ops: Ops) -> None:
        self._ops = ops
        self.plate = CleanPlate(ops)
        self._temporal = TemporalFilter(ops)

    def refine(self, frame: Frame, guide: Guide, evidence: DeviceArray) -> Matte:
        """The matte of ``frame`` from the evidence on its grid (float32, 0–1)."""
        corrected = self.plate.correct(evidence, guide)
        alpha = self._temporal.follow(corrected, guide, frame.pts)
        return fit_matte(self._ops, alpha, guide, frame.seq)

    def reset(self) -> None:
        self.plate.reset()
        self._temporal.reset()
