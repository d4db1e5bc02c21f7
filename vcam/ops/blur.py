"""Blur of the background alone: weighted by the matte, on the coarsest level that can carry it."""

from __future__ import annotations

import cv2
import numpy as np

from vcam.frame import FloatArray, Pixels, i420_planes
from vcam.ops import Guide
from vcam.ops.jit import kernel
from vcam.ops.pyramid import Level, halved


def blurred_background(guide: Guide, alpha: Pixels, sigma: float, out: Pixels) -> None:
    """Write the frame, blurred as if the person were not there, into I420 ``out``.

    Args:
        guide: of the frame; its levels are what is blurred.
        alpha: uint8 grid matte.
        sigma: of the Gaussian, in pixels.
        out: (height * 3 / 2, width).
    """
    pixels = _level(sigma, guide)
    y, u, v = guide.levels.get(pixels) or [halved(plane) for plane in guide.levels[pixels // 2]]
    blurred = _masked_blur((y, u, v), alpha, sigma / pixels)
    rest = out.reshape(-1)
    for plane, target in zip(blurred, i420_planes(out), strict=True):  # in this order: see _enlarge
        _enlarge(plane, target, pixels if target.shape[0] == guide.size.height else pixels // 2, rest)
        rest = rest[target.size:]


def _level(sigma: float, guide: Guide) -> int:
    """Pixels per sample of the coarsest level on which ``sigma`` is still at least 1.25 samples."""
    pixels = 2
    while pixels < 2 * guide.factor and sigma / (2 * pixels) >= 1.25:
        pixels *= 2
    return pixels


def _masked_blur(planes: Level, alpha: Pixels, sigma: float) -> list[Pixels]:
    """Blur weighted by the background's share, so that nothing of the person spreads: no halo."""
    height, width = planes[0].shape
    person = cv2.resize(alpha, (width, height), interpolation=cv2.INTER_LINEAR)
    stack = np.empty((height, width, 4), np.float32)
    _weigh(planes[0], planes[1], planes[2], person, stack)
    blurred = cv2.GaussianBlur(stack, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    out = np.empty((3, height, width), np.uint8)
    _unweigh(blurred, np.array([cv2.mean(plane)[0] for plane in planes], np.float32), out)
    return list(out)


@kernel
def _weigh(y: Pixels, u: Pixels, v: Pixels, person: Pixels, out: FloatArray) -> None:
    for row in range(y.shape[0]):
        for x in range(np.uint64(y.shape[1])):
            share = np.float32(255) - np.float32(person[row, x])
            out[row, x, 0] = np.float32(y[row, x]) * share
            out[row, x, 1] = np.float32(u[row, x]) * share
            out[row, x, 2] = np.float32(v[row, x]) * share
            out[row, x, 3] = share


@kernel
def _unweigh(blurred: FloatArray, mean: FloatArray, out: Pixels) -> None:
    """Divide by the weight; where there is none (inside the person) the frame's mean keeps it finite."""
    little = np.float32(0.05)
    for row in range(out.shape[1]):
        for x in range(np.uint64(out.shape[2])):
            inverse = np.float32(1) / (blurred[row, x, 3] + little)
            for k in range(3):
                out[k, row, x] = np.uint8((blurred[row, x, k] + little * mean[k]) * inverse + np.float32(0.5))


def _enlarge(plane: Pixels, target: Pixels, pixels: int, rest: Pixels) -> None:
    """Bilinear enlargement by exactly ``pixels``. A level may be padded beyond the frame: surplus rows are written over
    what follows ``target`` in ``rest`` (flat, from its first pixel on), where the next plane is yet to come."""
    height, width = plane.shape[0] * pixels, plane.shape[1] * pixels
    if pixels == 1:
        target[:] = plane[:target.shape[0], :target.shape[1]]
    elif width == target.shape[1] and height * width <= rest.size:
        cv2.resize(plane, (width, height), dst=rest[:height * width].reshape(height, width),
                   interpolation=cv2.INTER_LINEAR)
    else:
        target[:] = cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR)[:target.shape[0],
                                                                                       :target.shape[1]]
