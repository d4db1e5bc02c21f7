"""Temporal filter: steady where nothing moves, immediate where something does.

A sample's probability follows the network's by an exponential average whose weight is ``still_weight`` at rest and 1
in motion, motion being the change of colour beyond the noise. The same motion widens the transition from background
to person and softens it: where things move, the picture itself is blurred and the network least sure of the outline.
"""

from __future__ import annotations

from fractions import Fraction

from vcam.ops import DeviceArray, Guide, Ops, Remembered, TemporalSettings

# Longer gaps (a pause, a seek, a stalled camera) start anew: the old matte says nothing about the new picture.
LONGEST_GAP = Fraction(1, 2)


class TemporalFilter:
    """The filter's state. Time is explicit: it comes with the frames."""

    def __init__(self, ops: Ops, settings: TemporalSettings | None = None) -> None:
        self._ops = ops
        self._settings = settings or TemporalSettings()
        self.reset()

    def reset(self) -> None:
        """Forget the past."""
        self._last: Remembered | None = None
        self._pts = Fraction(0)

    def follow(self, evidence: DeviceArray, guide: Guide, pts: Fraction) -> DeviceArray:
        """Alpha in 0–1 on the grid, for the frame at ``pts`` seconds."""
        elapsed = pts - self._pts
        if not 0 <= elapsed <= LONGEST_GAP:
            self._last = None
        alpha, self._last = self._ops.follow(evidence, guide, self._last, float(elapsed), self._settings)
        self._pts = pts
        return alpha
