"""What the verbs mean, written plainly in numpy: the reference that every device is held to."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vcam.frame import Frame, Matte, Pixels

Array = NDArray[np.float64]


def _box(x: Array, radius: int) -> Array:
    window = (2 * radius + 1, 2 * radius + 1)
    return np.asarray(cv2.blur(x, window, borderType=cv2.BORDER_REPLICATE), np.float64)


def colour_guided_filter(guide: Pixels, alpha: Array, ridge: Array, radius: int) -> Array:
    """Coefficients (4, height, width) of the guided filter with a three-channel guide in 0–255."""
    colours = guide.astype(np.float64).transpose(1, 2, 0) / 255
    mean, mean_alpha = _box(colours, radius), _box(alpha, radius)
    covariance = np.stack([_box(colours[..., c] * alpha, radius) - mean[..., c] * mean_alpha for c in range(3)], -1)
    sigma = np.stack([np.stack([_box(colours[..., i] * colours[..., j], radius) - mean[..., i] * mean[..., j]
                                + ridge[i, j] for j in range(3)], -1) for i in range(3)], -2)
    a = np.linalg.solve(sigma, covariance[..., None])[..., 0]
    b = mean_alpha - (a * mean).sum(-1)
    return np.stack([_box(a[..., c], radius) / 255 for c in range(3)] + [_box(b, radius)])


def full_alpha(frame: Frame, matte: Matte, low: float) -> Array:
    """Alpha 0–255 (height, width) from the coefficients alone, every pixel, no cells."""
    y, u, v = (plane.astype(np.float64) for plane in frame.planes())
    u, v = (np.repeat(np.repeat(plane, 2, 0), 2, 1) for plane in (u, v))
    height, width = matte.alpha.shape
    size = (width * matte.factor, height * matte.factor)
    a, b, c, d, least, most = (cv2.resize(matte.coefficients[k, 1:-1, 1:-1], size, interpolation=cv2.INTER_LINEAR)
                               [:y.shape[0], :y.shape[1]] for k in range(6))
    t = np.clip((a * y + b * u + c * v + d - low) / (1 - 2 * low), 0, 1)
    return np.asarray(np.clip(t * t * (3 - 2 * t), least, most) * 255)


def spill(matte: Matte) -> tuple[Array, Array, Array]:
    """Person minus room for Y at every pixel (one value for two rows), U and V at every second."""
    height, width = matte.alpha.shape
    size = (width * matte.factor, height * matte.factor)
    planes = [cv2.resize(matte.spill[k, 1:-1, 1:-1], size, interpolation=cv2.INTER_LINEAR)
              [:matte.size.height, :matte.size.width] for k in range(3)]
    y, u, v = (plane.reshape(matte.size.height // 2, 2, -1).mean(1).astype(np.float64) for plane in planes)
    return np.repeat(y, 2, 0), u[:, ::2], v[:, ::2]
