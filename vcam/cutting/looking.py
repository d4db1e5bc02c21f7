"""Several looks at every frame: more than one network, from more than one distance, and mirrored.

One look errs by chance: a lamp becomes a head because of where the samples fell. Networks err in different places,
and mirrored or from another distance the same network does too; what all of them see is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import cv2
import numpy as np

from vcam.cutting.fusion import fused
from vcam.cutting.grid import Grid
from vcam.frame import Colour, FloatArray, Frame, PixelFormat, Pixels, Region, Size, i420_planes, i420_shape
from vcam.ops import Ops
from vcam.ops.colour import bgr_to_i420
from vcam.segmenters import Segmenter, make_segmenter
from vcam.segmenters.models import catalogue

_COLOUR = Colour.BT709
DETAILED = "multiclass"


class Quality(StrEnum):
    """How long a frame may take."""

    FAST = "fast"
    BEST = "best"


@dataclass(frozen=True, slots=True)
class Look:
    """One network, once: from near (the person's surroundings) or from further away, maybe mirrored."""

    network: str
    near: bool = True
    mirrored: bool = False
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Looks:
    """The looks that say roughly where the person is in the whole frame, and those that say it exactly.

    ``stride``: every how many frames the whole frame is looked at.
    """

    whole: tuple[Look, ...]
    exact: tuple[Look, ...]
    stride: int

    @property
    def networks(self) -> tuple[str, ...]:
        """The networks that are needed."""
        return tuple(dict.fromkeys(look.network for look in (*self.whole, *self.exact)))


def choose_looks(quality: Quality, model: str) -> Looks:
    """The looks for a quality with a chosen network; without one (empty) with all that are here."""
    names = ("general", "landscape") if model in ("", "average") else (model,)
    if not model and quality is Quality.BEST and catalogue()[DETAILED].present:
        names = ("general", DETAILED)
    rough = tuple(Look(name) for name in names if name != DETAILED) or (Look(names[0]),)
    if quality is Quality.FAST:
        return Looks(rough[:1], tuple(Look(name, weight=1.0 if name != "landscape" else 0.5) for name in names), 5)
    both = (False, True)
    exact = (Look(name, near, mirrored, 0.5 if name == "landscape" else 1.0)
             for name in names for near in both for mirrored in both)
    return Looks(tuple(Look(look.network, mirrored=mirrored) for look in rough for mirrored in both), tuple(exact), 1)


class Watcher:
    """Looks at pictures of one size. One per process: it holds the networks."""

    def __init__(self, ops: Ops, looks: Looks, size: Size, runtime: str = "auto") -> None:
        self._looks = looks
        self._networks: dict[str, Segmenter] = {name: make_segmenter(name, ops, runtime) for name in looks.networks}
        self.grid = Grid.of(size)
        self._even = size.even()

    def whole(self, picture: Pixels) -> FloatArray:
        """Rough probability of person on the grid (float32) of a BGR picture."""
        seen = self._seen(picture, [(look, Region.whole(self._even)) for look in self._looks.whole])
        return np.mean([found for _, found in seen], axis=0)

    def exact(self, picture: Pixels, near: Region, far: Region) -> FloatArray:
        """Probability of person on the grid (float32) from all looks."""
        looks = [(look, near if look.near else far) for look in self._looks.exact]
        detailed: list[tuple[float, FloatArray]] = []
        others: list[tuple[float, FloatArray]] = []
        for look, found in self._seen(picture, looks):
            (detailed if look.network == DETAILED else others).append((look.weight, found))
        return fused(_mean(detailed), _mean(others))

    def _seen(self, picture: Pixels, looks: Sequence[tuple[Look, Region]]) -> list[tuple[Look, FloatArray]]:
        upright = self._frame(picture)
        mirrored = _mirrored(upright) if any(look.mirrored for look, _ in looks) else upright
        return [(look, self._look(mirrored if look.mirrored else upright, look, region)) for look, region in looks]

    def _look(self, frame: Frame, look: Look, region: Region) -> FloatArray:
        network = self._networks[look.network]
        if not look.mirrored:
            return self.grid.placed(network.segment(frame, region), region)
        other = Region(self._even.width - region.right, region.top, region.width, region.height)
        return self.grid.placed(np.ascontiguousarray(network.segment(frame, other)[:, ::-1]), region)

    def _frame(self, picture: Pixels) -> Frame:
        pixels = np.empty(i420_shape(self._even), np.uint8)
        bgr_to_i420(picture[:self._even.height, :self._even.width], _COLOUR, pixels)
        return Frame(pixels, PixelFormat.I420, 0, Fraction(0), 0, _COLOUR)

    def close(self) -> None:
        """Let go of the networks."""
        for network in self._networks.values():
            network.close()


def _mirrored(frame: Frame) -> Frame:
    pixels = np.empty_like(frame.pixels)
    for plane, target in zip(frame.planes(), i420_planes(pixels), strict=True):
        cv2.flip(plane, 1, dst=target)
    return Frame(pixels, frame.format, frame.seq, frame.pts, 0, frame.colour)


def _mean(seen: Sequence[tuple[float, FloatArray]]) -> FloatArray | None:
    if not seen:
        return None
    return np.average([found for _, found in seen], axis=0, weights=[weight for weight, _ in seen]).astype(np.float32)
