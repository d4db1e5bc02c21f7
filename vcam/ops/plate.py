"""Kernels of the self-learned clean plate: what the room looks like behind the person, on the matte's grid.

Where nobody is, the picture is the room's; so a running mean and variance of it are learnt there, sample by sample.
Later a sample that looks like its plate speaks for background and one that does not for person: the log-likelihood
ratio of the two Gaussians, clipped, is added to the network's log-odds (Bayes' rule). The person's own colours are
taken from nearby sure person, so that a white shirt before a white wall is not taken for the wall.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from vcam.frame import Colour, FloatArray, Pixels
from vcam.ops.colour import rgb_from_yuv
from vcam.ops.jit import kernel

# Standard deviations of RGB (0–1): a camera's noise, and how far a person's colours lie from their mean nearby.
_NOISE, _PERSON_SPREAD = 0.02, 0.1
# Most that the plate may say for background and for person, in log-odds.
_AGAINST, _FOR = 4.0, 2.5
# Probability under which, with its neighbours, a sample is surely background.
_SURELY_BACKGROUND = 0.1
# Frames until a sample's plate is heard, and until it is fully believed; the slowest learning rate: light changes.
_HEARD, _BELIEVED, _RATE = 2.0, 8.0, 0.03
# How far from the person the plate may add to the person: elsewhere it sees shadows and curtains. In grid steps.
_NEAR = np.ones((9, 9), np.uint8)
_AROUND = np.ones((3, 3), np.uint8)
_PERSON_WINDOW = (7, 7)  # of every second sample
# Share of surely background samples that must be known to compare at all, and that may differ: more, the camera moved.
_ENOUGH, _MOVED = 0.05, 0.25
_GAIN_LIMITS = 0.7, 1.4
_BLACK = np.float32(16)
_1 = np.float32(1)


@dataclass(slots=True, eq=False)
class Learnt:
    """The plate: float32 (3, height, width) mean of Y, U, V; (height, width) variance of RGB in 0–1 and the number
    of frames that each sample was seen in; whether the camera was found moved in the last frame."""

    mean: FloatArray
    variance: FloatArray
    seen: FloatArray
    moved: bool = False

    @classmethod
    def nothing(cls, height: int, width: int) -> Learnt:
        return cls(np.zeros((3, height, width), np.float32), np.full((height, width), _NOISE ** 2, np.float32),
                   np.zeros((height, width), np.float32))


def compare(evidence: FloatArray, guide: Pixels, colour: Colour, plate: Learnt, empty: bool) -> FloatArray:
    """``evidence`` (float32, 0–1) corrected by the plate, which then learns from this frame.

    Args:
        guide: uint8 (3, height, width): the frame's Y, U, V on the grid.
        empty: nobody is in the picture, whatever the evidence says.
    """
    metric = _metric(colour)
    sure = (cv2.dilate(evidence, _AROUND) < np.float32(_SURELY_BACKGROUND)).view(np.uint8)
    sure |= empty
    light, plate.moved = _light(guide, plate, sure, metric)
    if plate.moved:
        plate.seen[:] = 0
    corrected = evidence
    if plate.seen.max(initial=0) > _HEARD:
        said = cv2.blur(_likelihood(evidence, guide, plate, light, metric), (3, 3), borderType=cv2.BORDER_REPLICATE)
        near = cv2.dilate((evidence > np.float32(0.5)).view(np.uint8), _NEAR)
        corrected = np.empty_like(evidence)
        _update(evidence, said, near, plate.seen, corrected)
    _learn(guide, sure, light, metric, plate.mean, plate.variance, plate.seen)
    return corrected


@cache
def _metric(colour: Colour) -> FloatArray:
    """(3, 3): dᵀ · metric · d is the squared RGB distance (0–1) of a YUV difference d (0–255)."""
    matrix = rgb_from_yuv(colour)[:, :3].astype(np.float64) / 255
    return (matrix.T @ matrix).astype(np.float32)


def _light(guide: Pixels, plate: Learnt, sure: Pixels, metric: FloatArray) -> tuple[FloatArray, bool]:
    """Gain of Y and offsets of U and V since the plate was learnt; whether what is seen is another place."""
    light = np.array([1, 0, 0], np.float32)
    sums = np.zeros(5, np.float32)
    _sum_known(guide, plate.mean, plate.seen, sure, sums)
    known = sums[0]
    if known < _ENOUGH * sure.size / 4:
        return light, False
    light[:] = np.clip(sums[1] / max(sums[2], 1.0), *_GAIN_LIMITS), sums[3] / known, sums[4] / known
    return light, bool(_count_other(guide, plate.mean, plate.seen, sure, light, metric) > _MOVED * known)


def _likelihood(evidence: FloatArray, guide: Pixels, plate: Learnt, light: FloatArray,
                metric: FloatArray) -> FloatArray:
    """Log-odds for person (float32, grid) by colour alone."""
    height, width = evidence.shape
    weighted = np.empty((5, (height + 1) // 2, (width + 1) // 2), np.float32)
    _weigh(evidence, guide, metric, weighted)
    for number in range(5):
        cv2.blur(weighted[number], _PERSON_WINDOW, weighted[number], borderType=cv2.BORDER_REPLICATE)
    _describe(weighted, metric)
    said = np.empty_like(evidence)
    _say(guide, plate.mean, plate.variance, plate.seen, light, metric, weighted, said)
    return said


@kernel
def _distance(dy: np.float32, du: np.float32, dv: np.float32, m: FloatArray) -> np.float32:
    two = np.float32(2)
    return (m[0, 0] * dy * dy + m[1, 1] * du * du + m[2, 2] * dv * dv
            + two * (m[0, 1] * dy * du + m[0, 2] * dy * dv + m[1, 2] * du * dv))


@kernel
def _from_plate(guide: Pixels, mean: FloatArray, row: int, x: int | np.uint64, light: FloatArray,
                m: FloatArray) -> np.float32:
    """Squared distance of a sample from its plate in today's light."""
    dy = np.float32(guide[0, row, x]) - _BLACK - (mean[0, row, x] - _BLACK) * light[0]
    du = np.float32(guide[1, row, x]) - mean[1, row, x] - light[1]
    dv = np.float32(guide[2, row, x]) - mean[2, row, x] - light[2]
    return _distance(dy, du, dv, m)


@kernel
def _sum_known(guide: Pixels, mean: FloatArray, seen: FloatArray, sure: Pixels, out: FloatArray) -> None:
    """Number of known samples and their sums (Y now, Y learnt, U and V now minus learnt); every second is enough."""
    height, width = seen.shape
    for row in range(0, height, 2):
        for half in range(np.uint64(width // 2)):
            x = half + half
            known = np.float32(sure[row, x] and seen[row, x] > np.float32(_HEARD))
            out[0] += known
            out[1] += known * (np.float32(guide[0, row, x]) - _BLACK)
            out[2] += known * (mean[0, row, x] - _BLACK)
            out[3] += known * (np.float32(guide[1, row, x]) - mean[1, row, x])
            out[4] += known * (np.float32(guide[2, row, x]) - mean[2, row, x])


@kernel
def _count_other(guide: Pixels, mean: FloatArray, seen: FloatArray, sure: Pixels, light: FloatArray,
                 m: FloatArray) -> np.float32:
    """Known samples that do not look like their plate; of every second."""
    other = np.float32(0)
    height, width = seen.shape
    for row in range(0, height, 2):
        for half in range(np.uint64(width // 2)):
            x = half + half
            other += np.float32(sure[row, x] and seen[row, x] > np.float32(_HEARD)
                                and _from_plate(guide, mean, row, x, light, m) > np.float32(27 * _NOISE ** 2))
    return other


@kernel
def _weigh(evidence: FloatArray, guide: Pixels, m: FloatArray, out: FloatArray) -> None:
    """Weight of sure person, and by it Y, U, V and the squared length of the colour; of every second sample."""
    _, height, width = out.shape
    for row in range(height):
        for half in range(np.uint64(width)):
            x = half + half
            w = min(max((evidence[2 * row, x] - np.float32(0.6)) * np.float32(1 / 0.3), np.float32(0)), _1)
            w += np.float32(1e-3)
            y, u, v = (np.float32(guide[0, 2 * row, x]), np.float32(guide[1, 2 * row, x]),
                       np.float32(guide[2, 2 * row, x]))
            out[0, row, half], out[1, row, half], out[2, row, half], out[3, row, half] = w, w * y, w * u, w * v
            out[4, row, half] = w * _distance(y, u, v, m)


@kernel
def _describe(weighted: FloatArray, m: FloatArray) -> None:
    """Weighted means into the person's mean Y, U, V and variance of RGB, in place."""
    _, height, width = weighted.shape
    for row in range(height):
        for x in range(np.uint64(width)):
            share = _1 / weighted[0, row, x]
            y, u, v = weighted[1, row, x] * share, weighted[2, row, x] * share, weighted[3, row, x] * share
            varied = weighted[4, row, x] * share - _distance(y, u, v, m)
            weighted[0, row, x], weighted[1, row, x], weighted[2, row, x] = y, u, v
            weighted[3, row, x] = max(varied, np.float32(0)) * np.float32(1 / 3)


@kernel
def _say(guide: Pixels, mean: FloatArray, variance: FloatArray, seen: FloatArray, light: FloatArray, m: FloatArray,
         person: FloatArray, out: FloatArray) -> None:
    """Two samples share a column of ``person``, and two rows a row."""
    height, width = out.shape
    for row in range(height):
        for half in range(np.uint64(width // 2)):
            x, other = half + half, half + half + np.uint64(1)
            out[row, x] = _odds(guide, mean, variance, seen, light, m, person, row, x, half)
            out[row, other] = _odds(guide, mean, variance, seen, light, m, person, row, other, half)
        if width % 2:
            out[row, width - 1] = _odds(guide, mean, variance, seen, light, m, person, row, width - 1, width // 2)


@kernel
def _odds(guide: Pixels, mean: FloatArray, variance: FloatArray, seen: FloatArray, light: FloatArray, m: FloatArray,
          person: FloatArray, row: int, x: int | np.uint64, half: int | np.uint64) -> np.float32:
    from_person = _distance(np.float32(guide[0, row, x]) - person[0, row // 2, half],
                            np.float32(guide[1, row, x]) - person[1, row // 2, half],
                            np.float32(guide[2, row, x]) - person[2, row // 2, half], m)
    unlike_plate = (np.float32(0.5) * _from_plate(guide, mean, row, x, light, m)
                    / (variance[row, x] + np.float32(_NOISE ** 2)))
    unlike_person = min(np.float32(0.5) * from_person / (person[3, row // 2, half] + np.float32(_PERSON_SPREAD ** 2)),
                        np.float32(6))
    trust = min(max((seen[row, x] - np.float32(_HEARD)) * np.float32(1 / (_BELIEVED - _HEARD)), np.float32(0)), _1)
    return trust * min(max(unlike_plate - unlike_person, np.float32(-_AGAINST)), np.float32(_FOR))


@kernel
def _update(evidence: FloatArray, said: FloatArray, near: Pixels, seen: FloatArray, out: FloatArray) -> None:
    """Bayes: log-odds add up. Agreement with evidence that is as good as sure changes nothing, and costs nothing."""
    least, most = np.float32(0.02), np.float32(0.98)
    height, width = out.shape
    for row in range(height):
        for x in range(np.uint64(width)):
            s = said[row, x]
            if s == np.float32(0) or (near[row, x] == 0 if s > np.float32(0) else evidence[row, x] <= least):
                out[row, x] = evidence[row, x]
            else:
                p = min(max(evidence[row, x], least), most)
                out[row, x] = p / (p + (_1 - p) * np.exp(-s))


@kernel
def _learn(guide: Pixels, sure: Pixels, light: FloatArray, m: FloatArray, mean: FloatArray, variance: FloatArray,
           seen: FloatArray) -> None:
    height, width = seen.shape
    for row in range(height):
        for x in range(np.uint64(width)):
            if sure[row, x]:
                rate = max(_1 / (seen[row, x] + _1), np.float32(_RATE))
                dy = (np.float32(guide[0, row, x]) - _BLACK) / light[0] + _BLACK - mean[0, row, x]
                du = np.float32(guide[1, row, x]) - light[1] - mean[1, row, x]
                dv = np.float32(guide[2, row, x]) - light[2] - mean[2, row, x]
                if seen[row, x] > np.float32(0):
                    variance[row, x] += rate * (_distance(dy, du, dv, m) * np.float32(1 / 3) - variance[row, x])
                mean[0, row, x] += rate * dy
                mean[1, row, x] += rate * du
                mean[2, row, x] += rate * dv
                seen[row, x] += _1
