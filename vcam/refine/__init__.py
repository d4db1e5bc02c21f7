"""Refinement: from a network's coarse evidence to a matte that is steady in time and true at the edges."""

from __future__ import annotations

from vcam.frame import Frame, Matte
from vcam.ops import DeviceArray, Guide, Ops
from vcam.refine.edges import fit_matte
from vcam.refine.plate import CleanPlate
from vcam.refine.subject import Subject
from vcam.refine.temporal import TemporalFilter


class Refiner:
    """Rules about the subject, clean plate, temporal filter, edges. ``reset`` when the source changes."""

    def __init__(self, ops: Ops) -> None:
        self._ops = ops
        self.subject = Subject(ops)
        self.plate = CleanPlate(ops)
        self._temporal = TemporalFilter(ops)

    def refine(self, frame: Frame, guide: Guide, evidence: DeviceArray) -> Matte:
        """The matte of ``frame`` from the evidence on its grid (float32, 0–1)."""
        ruled = self.subject.apply(evidence, guide)
        alpha = self._temporal.follow(self.plate.correct(ruled, guide), guide, frame.pts)
        return fit_matte(self._ops, alpha, guide, frame.seq)

    def reset(self) -> None:
        self.subject.reset()
        self.plate.reset()
        self._temporal.reset()
