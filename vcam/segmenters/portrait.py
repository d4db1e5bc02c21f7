"""Keeps a network's eye on the person: it is shown the person's surroundings only, and everything now and then.

A network of 256 × 256 sees a person who fills half of the frame in twice the detail when it is shown that half
alone, and takes no lamp in a far corner for a person. It is shown everything when what it found touches the region's
edge (a hand reaches out), and every half second (somebody comes in). Every third frame it is also shown the upper part
of the person, closer still, where hair and hands are: a second opinion that corrects the first one.
"""

from __future__ import annotations

from fractions import Fraction

from vcam.frame import Frame, Region, Size
from vcam.ops import DeviceArray, Guide, Ops
from vcam.segmenters import Segmenter

# Room around the person: shares of the person's size and of the frame's.
_MARGIN, _MARGIN_OF_FRAME = 0.12, 0.02
# A region follows when a side is off by more than this share of the frame's; small moves do not disturb the network.
_TOLERANCE = 0.06
# A smaller part of the frame's width or height is too blurred to be worth a look of its own.
_SMALLEST = 0.3
# Frames between measurements of the person's extent, and between looks at everything: seldom if they were in vain.
_MEASURE = 4
_OFTEN, _SELDOM = 15, 120
_LONGEST_GAP = Fraction(1, 2)
# The second look: every how many frames, the share of the person from the top, and room around that part.
_CLOSER = 3
_UPPER = 0.7
_UPPER_MARGIN, _UPPER_MARGIN_ABOVE = 0.25, 0.15


class Portrait:
    """One network's evidence, from where it counts. Time comes with the frames."""

    def __init__(self, ops: Ops, segmenter: Segmenter, second_look: bool = True) -> None:
        self._ops = ops
        self.segmenter = segmenter
        self.second_look = second_look
        self.reset()

    def reset(self) -> None:
        """Forget where the person was: the next frame is looked at whole."""
        self.region: Region | None = None
        self._pts = Fraction(0)
        self._frame = 0
        self._next_look = self._next_touch = 0
        self._interval = _OFTEN
        self._widened = False
        self._closer: Region | None = None
        self._difference: DeviceArray | None = None

    def look(self, frame: Frame, guide: Guide) -> DeviceArray:
        """Probability of person on the guide's grid: float32 (height, width), 0–1.

        Raises:
            SegmenterError: the network failed, or returned what is no probability.
        """
        if not 0 <= frame.pts - self._pts <= _LONGEST_GAP:
            self.reset()
        self._pts = frame.pts
        self._frame += 1
        region = self.region or Region.whole(guide.size)
        evidence = self._evidence(frame, region, guide)
        whole = Region.whole(guide.size)
        if region == whole:
            if self.region is None or self._frame % _MEASURE == 0:
                self._follow(evidence, guide, looked_around=True)
        elif (touched := self._is_touched(evidence, region, guide)) or self._frame >= self._next_look:
            evidence = self._ops.joined(evidence, region, self._evidence(frame, whole, guide), guide)
            moves = self._follow(evidence, guide, looked_around=True)
            if touched and not moves:
                # A chair that crosses the edge touches it in every frame: one look in vain is enough for a while.
                self._next_touch = self._frame + _OFTEN
        elif self._frame % _MEASURE == 0:
            self._follow(evidence, guide, looked_around=False)
        return self._second_opinion(frame, evidence, guide) if self.second_look else evidence

    def _second_opinion(self, frame: Frame, evidence: DeviceArray, guide: Guide) -> DeviceArray:
        if self._frame % _CLOSER == 1:
            extent = self._ops.extent(evidence, guide, _UPPER)
            if extent is None:
                self._closer = self._difference = None
                return evidence
            wanted = upper_part(extent, guide.size, guide.factor)
            if self._closer is None or _differs(self._closer, wanted, guide.size):
                self._closer = wanted
            second = self._evidence(frame, self._closer, guide)
            self._difference = self._ops.second_look(evidence, second, self._closer, guide)
        return evidence if self._difference is None else self._ops.corrected(evidence, guide, self._difference)

    def _evidence(self, frame: Frame, region: Region, guide: Guide) -> DeviceArray:
        return self._ops.evidence(self.segmenter.segment(frame, region), region, guide)

    def _is_touched(self, evidence: DeviceArray, region: Region, guide: Guide) -> bool:
        return self._frame >= self._next_touch and self._ops.touches_edge(evidence, region, guide)

    def _follow(self, evidence: DeviceArray, guide: Guide, looked_around: bool) -> bool:
        """Choose the region of the next frames from what was found in this one; whether it is another one."""
        extent = self._ops.extent(evidence, guide)
        wanted = None if extent is None else surroundings(extent, guide.size, guide.factor)
        moves = self.region is None or wanted is None or _differs(self.region, wanted, guide.size)
        if looked_around:
            self._widened = moves
            self._next_look = self._frame + self._interval
        elif self._widened:
            # Whoever was seen in the whole frame must still be there in the wider region, or the look was in vain.
            self._interval = min(self._interval * 2, _SELDOM) if moves else _OFTEN
            self._widened = False
        if moves:
            self.region = wanted
        return moves


def surroundings(extent: Region, size: Size, factor: int) -> Region:
    """The region to look at for a person of ``extent``: with margins, on the grid's lines, inside the frame."""
    left, right = _side(extent.left, extent.right, _MARGIN, size.width, factor)
    top, bottom = _side(extent.top, extent.bottom, _MARGIN, size.height, factor)
    return Region(left, top, right - left, bottom - top)


def upper_part(extent: Region, size: Size, factor: int) -> Region:
    """The region of a closer look at ``extent``, the upper part of a person: it ends below with it."""
    left, right = _side(extent.left, extent.right, _UPPER_MARGIN, size.width, factor)
    top, _ = _side(extent.top, extent.bottom, _UPPER_MARGIN_ABOVE, size.height, factor)
    bottom = min(-(-extent.bottom // factor) * factor, size.height)
    return Region(left, top, right - left, bottom - top)


def _side(first: int, last: int, share: float, length: int, factor: int) -> tuple[int, int]:
    """Where a person from ``first`` to ``last``, with margins, begins and ends on the grid."""
    margin = share * (last - first) + _MARGIN_OF_FRAME * length
    margin = max(margin, (_SMALLEST * length - (last - first)) / 2)
    start = max(int((first - margin) // factor) * factor, 0)
    end = min(-int(-(last + margin) // factor) * factor, length)
    return start, end


def _differs(one: Region, other: Region, size: Size) -> bool:
    sideways = max(abs(one.left - other.left), abs(one.right - other.right)) / size.width
    upright = max(abs(one.top - other.top), abs(one.bottom - other.bottom)) / size.height
    return max(sideways, upright) > _TOLERANCE
