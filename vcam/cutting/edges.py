"""The outline at full resolution: alpha as a local linear function of colour (He, Sun, Tang, "Guided Image Filtering",
TPAMI 2013), fitted on the grid and applied to the picture's own pixels.

Fitted twice, as in ``refine.edges``: first to find where the colours change, then to that. The result is averaged with
the evidence itself: a fit follows every pixel's noise, the evidence none; together they err less than either.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vcam.cutting.grid import Grid
from vcam.frame import FloatArray, Pixels
from vcam.ops.envelope import bounds, without_specks
from vcam.ops.jit import kernel

_RADIUS = 4
_WINDOW = (2 * _RADIUS + 1, 2 * _RADIUS + 1)
# Variance of RGB (0–1) below which a difference of colour is noise: for finding the edge, and for the matte.
_ALIGN, _FIT = 1e-4, 3e-4
# Evidence that is the outline (the networks draw people a little too large), and half the width of the transition
# around it; how much of a fit's ends is noise; the fit's share.
_OUTLINE, _HALF_WIDTH, _ENDS, _SHARE = 0.55, 0.5, 0.05, 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Alpha of one frame, on its grid (float32 planes): four coefficients for B, G, R (0–255) and 1, the lowest and
    highest alpha, and alpha by evidence alone."""

    coefficients: FloatArray
    low: FloatArray
    high: FloatArray
    plain: FloatArray


def fitted(evidence: FloatArray, guide: Pixels) -> Model:
    """The model for a frame of evidence (float32, 0–1) and colours (uint8, height × width × 3) on the same grid."""
    plain = eased(evidence, _OUTLINE, _HALF_WIDTH)
    low, high = bounds(without_specks(cv2.convertScaleAbs(plain, alpha=255)))
    plain = np.minimum(np.maximum(plain, low), high)
    colours = np.ascontiguousarray(np.moveaxis(guide, 2, 0), np.float32) * np.float32(1 / 255)
    moments = _Moments(colours)
    aligned = eased(_applied(_smooth(moments.fit(plain, _ALIGN)), colours), 0.5, 0.5)
    aligned = np.minimum(np.maximum(aligned, low), high)
    coefficients = _smooth(moments.fit(aligned, _FIT))
    coefficients[:3] *= np.float32(1 / 255)
    return Model(coefficients, low, high, plain)


def eased(values: FloatArray, middle: float, half_width: float) -> FloatArray:
    """Smoothstep around ``middle``."""
    t = np.clip((values - np.float32(middle - half_width)) * np.float32(0.5 / half_width), 0, 1)
    return t * t * (3 - 2 * t)


def applied(model: Model, picture: Pixels, grid: Grid) -> Pixels:
    """Alpha of a BGR picture: uint8 (height, width)."""
    rows, columns = _busy(model, grid)
    out = np.zeros(picture.shape[:2], np.uint8)
    if rows.stop <= rows.start:
        return out
    planes = np.stack([_enlarged_part(plane, grid, rows, columns)
                       for plane in (*model.coefficients, model.low, model.high, model.plain)])
    seen = np.ascontiguousarray(picture[rows, columns])
    target = np.empty(seen.shape[:2], np.uint8)
    _evaluate(seen.reshape(-1, 3), planes.reshape(7, -1), target.reshape(-1))
    out[rows, columns] = target
    return out


def _busy(model: Model, grid: Grid) -> tuple[slice, slice]:
    """The part of the picture that is not background, in pixels; empty if there is none."""
    left, top, width, height = cv2.boundingRect((model.high > 0).view(np.uint8))
    if not width:
        return slice(0, 0), slice(0, 0)
    step = grid.factor
    return (slice(max(top - 1, 0) * step, min((top + height + 1) * step, grid.size.height)),
            slice(max(left - 1, 0) * step, min((left + width + 1) * step, grid.size.width)))


def _enlarged_part(plane: FloatArray, grid: Grid, rows: slice, columns: slice) -> FloatArray:
    """What ``grid.enlarged`` gives there, from one more sample at each side than is needed."""
    step = grid.factor
    height, width = plane.shape
    top, left = max(rows.start // step - 1, 0), max(columns.start // step - 1, 0)
    part = plane[top:min(-(-rows.stop // step) + 1, height), left:min(-(-columns.stop // step) + 1, width)]
    whole = cv2.resize(part, (part.shape[1] * step, part.shape[0] * step), interpolation=cv2.INTER_LINEAR)
    return whole[rows.start - top * step:rows.stop - top * step, columns.start - left * step:columns.stop - left * step]


class _Moments:
    """A guide's windows: means and covariances, for several fits to it."""

    def __init__(self, colours: FloatArray) -> None:
        self._colours = colours
        self._means = np.stack([_mean(plane) for plane in colours])
        pairs = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))
        self._covariances = np.stack([_mean(colours[i] * colours[j]) - self._means[i] * self._means[j]
                                      for i, j in pairs])

    def fit(self, alpha: FloatArray, epsilon: float) -> FloatArray:
        """Coefficients of each window: float32 (4, height, width)."""
        mean = _mean(alpha)
        joint = np.stack([_mean(plane * alpha) - own * mean
                          for plane, own in zip(self._colours, self._means, strict=True)])
        out = np.empty((4, *alpha.shape), np.float32)
        _solve(self._covariances.reshape(6, -1), self._means.reshape(3, -1), joint.reshape(3, -1), mean.reshape(-1),
               np.float32(epsilon), out.reshape(4, -1))
        return out


def _mean(plane: FloatArray) -> FloatArray:
    return cv2.blur(plane, _WINDOW, borderType=cv2.BORDER_REPLICATE)


def _smooth(coefficients: FloatArray) -> FloatArray:
    return np.stack([_mean(plane) for plane in coefficients])


def _applied(coefficients: FloatArray, colours: FloatArray) -> FloatArray:
    return (coefficients[:3] * colours).sum(axis=0) + coefficients[3]


@kernel
def _solve(covariances: FloatArray, means: FloatArray, joint: FloatArray, mean: FloatArray, ridge: np.float32,
           out: FloatArray) -> None:
    """(covariance + ridge)⁻¹ · joint by the adjugate, and the constant."""
    for x in range(np.uint64(mean.shape[0])):
        a, b, c = covariances[0, x] + ridge, covariances[1, x], covariances[2, x]
        d, e, f = covariances[3, x] + ridge, covariances[4, x], covariances[5, x] + ridge
        c00, c01, c02 = d * f - e * e, c * e - b * f, b * e - d * c
        c11, c12, c22 = a * f - c * c, b * c - a * e, a * d - b * b
        inverse = np.float32(1) / (a * c00 + b * c01 + c * c02)
        p, q, r = joint[0, x], joint[1, x], joint[2, x]
        k0 = (c00 * p + c01 * q + c02 * r) * inverse
        k1 = (c01 * p + c11 * q + c12 * r) * inverse
        k2 = (c02 * p + c12 * q + c22 * r) * inverse
        out[0, x], out[1, x], out[2, x] = k0, k1, k2
        out[3, x] = mean[x] - k0 * means[0, x] - k1 * means[1, x] - k2 * means[2, x]


@kernel
def _evaluate(picture: Pixels, planes: FloatArray, out: Pixels) -> None:
    """Planes: four coefficients, low, high, plain."""
    zero, one = np.float32(0), np.float32(1)
    gain, offset = np.float32(1 / (1 - 2 * _ENDS)), np.float32(-_ENDS / (1 - 2 * _ENDS))
    share, top, half = np.float32(_SHARE), np.float32(255), np.float32(0.5)
    for x in range(np.uint64(out.shape[0])):
        value = (planes[0, x] * np.float32(picture[x, 0]) + planes[1, x] * np.float32(picture[x, 1])
                 + planes[2, x] * np.float32(picture[x, 2]) + planes[3, x])
        value = min(max(value * gain + offset, zero), one)
        value = min(max(value, planes[4, x]), planes[5, x])
        value = planes[6, x] + share * (value - planes[6, x])
        out[x] = np.uint8(value * top + half)
