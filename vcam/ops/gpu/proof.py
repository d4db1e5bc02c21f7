"""A GPU is believed only after its pictures were compared with the CPU's: drivers, compilers and cards can fail."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcam.frame import Colour, FloatArray, Frame, PixelFormat, Pixels, Region, Size, i420_planes, i420_shape
from vcam.ops import EdgeSettings, Ops, TemporalSettings, Tone
from vcam.ops.cpu import CpuOps

# Levels of 255 that two correct results may differ by, and the share of pixels that may differ by more: a rounding can
# fall to the other side of a threshold.
TOLERANCE, EXCEPT = 2, 0.001
_SIZE = Size(320, 180)
# The plate speaks after a few frames.
_FRAMES = 6


def disagreement(ops: Ops) -> str:
    """How the verbs' pictures of a moving figure differ from the CPU's, in words; empty if they do not."""
    for (name, expected), (_, found) in zip(_results(CpuOps()), _results(ops), strict=True):
        if found.shape != expected.shape:
            return f"its {name} has shape {found.shape}, the CPU's {expected.shape}"
        with np.errstate(invalid="ignore"):  # a broken one may find anything
            share = float(1 - (np.abs(found.astype(np.float32) - expected) <= TOLERANCE).mean())
        if share > EXCEPT:
            return f"its {name} differs from the CPU's in {share:.1%} of the samples"
    return ""


def _results(ops: Ops) -> Iterator[tuple[str, NDArray[Any]]]:
    """What every verb makes of a figure that moves before a textured room, by name, in levels of 255."""
    whole, last, plate = Region.whole(_SIZE), None, None
    picture = _textured(7)
    for number in range(_FRAMES):
        frame, seen = _scene(number)
        yield "network input", ops.to_host(ops.network_input(frame, whole, Size(64, 64), 1, 0, planar=True))
        guide = ops.guide(frame)
        evidence, plate = ops.compare(ops.evidence(seen, whole, guide), guide, plate, empty=False)
        alpha, last = ops.follow(evidence, guide, last, 1 / 30, TemporalSettings())
        matte = ops.matte(alpha, guide, number, EdgeSettings())
        yield "matte", ops.full_alpha(frame, matte)
        yield "picture", ops.composite(frame, matte, picture)
        lit = ops.toned(frame, matte, picture, Tone(1.1, 3, -3, 0.5))
        yield "light", ops.composite(lit, matte, picture)
        yield "blur", ops.composite(frame, matte, ops.blurred_background(guide, matte, 8.0))


def _scene(number: int) -> tuple[Frame, FloatArray]:
    """A frame, and the probability (90 × 160) of the figure in it."""
    y, x = np.mgrid[:_SIZE.height, :_SIZE.width]
    distance = np.hypot((x - 150 - 3 * number) / 60, (y - 150) / 110)
    share = np.clip((1 - distance) * 20 + 0.5, 0, 1)
    pixels = _textured(1)
    for plane, colour, step in zip(i420_planes(pixels), (60, 110, 150), (1, 2, 2), strict=True):
        part = share[::step, ::step]
        plane[:] = plane * (1 - part) + colour * part
    frame = Frame(pixels, PixelFormat.I420, number, Fraction(number, 30), 0, Colour.BT709)
    return frame, np.clip((1 - distance[::2, ::2]) * 4 + 0.5, 0, 1).astype(np.float32)


def _textured(seed: int) -> Pixels:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(60, 200, (_SIZE.height * 3 // 2 // 10, _SIZE.width // 10), np.uint8)
    fine = rng.integers(0, 9, i420_shape(_SIZE), np.uint8)
    return np.kron(coarse, np.ones((10, 10), np.uint8)) + fine
