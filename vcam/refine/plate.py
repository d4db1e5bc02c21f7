"""The clean plate: the room behind the person, learnt by itself where nobody is, or captured while nobody is there.

It recovers what the network misses (a sleeve of the wall's colour, a thing in the hand) and removes what it takes for
a person by mistake. A camera that moves makes it let go; light that changes slowly is followed.
"""

from __future__ import annotations

from vcam.ops import DeviceArray, Guide, Ops

# Enough frames to average the noise away: a second.
CAPTURE_FRAMES = 30


class CleanPlate:
    """What is known of one camera's room."""

    def __init__(self, ops: Ops) -> None:
        self._ops = ops
        self.reset()

    def reset(self) -> None:
        """Another camera, another room."""
        self._learnt: DeviceArray | None = None
        self.capturing = 0

    def capture(self) -> None:
        """The next second shows the room without anybody: learn all of it, forgetting what was learnt before."""
        self._learnt = None
        self.capturing = CAPTURE_FRAMES

    def correct(self, evidence: DeviceArray, guide: Guide) -> DeviceArray:
        """The evidence (float32, grid) after asking the plate, which learns from this frame too."""
        corrected, self._learnt = self._ops.compare(evidence, guide, self._learnt, empty=self.capturing > 0)
        self.capturing = max(self.capturing - 1, 0)
        return corrected
