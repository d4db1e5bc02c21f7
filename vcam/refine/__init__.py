"""Refinement: from a network's coarse probability to a matte that is steady in time and true at the edges."""

from __future__ import annotations

from vcam.frame import Frame, Matte
from vcam.ops import DeviceArray, Guide, Ops
from vcam.refine.edges import fit_matte
from vcam.refine.temporal import TemporalFilter


class Refiner:
    """Temporal filter, then edge model. Keeps the past: ``reset`` on a cut or a change of size."""

    def __init__(self, ops: Ops) -> None:
        self._ops = ops
        self._temporal = TemporalFilter(ops)

    def refine(self, frame: Frame, guide: Guide, evidence: DeviceArray) -> Matte:
        """The matte of ``frame`` from the evidence on its grid (float32, 0–1)."""
        alpha = self._temporal.follow(evidence, guide, frame.pts)
        return fit_matte(self._ops, alpha, guide, frame.seq)

    def reset(self) -> None:
        self._temporal.reset()
