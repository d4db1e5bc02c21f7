"""Takes the grain out of a rendering, guided by what is exactly known about each pixel.

An edge-avoiding à-trous filter: five-tap kernels of growing stride, in which neighbours count only
as far as they belong to the same surface (by colour, direction and depth).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from canvas import Array, Frame, despeckle

KERNEL = (1 / 16, 1 / 4, 3 / 8, 1 / 4, 1 / 16)


@dataclass
class Layers:
    """Sums over all paths, per pixel; colours and directions as (3, n)."""

    glow: Array
    direct: Array
    indirect: Array
    albedo: Array
    normal: Array
    depth: Array

    @staticmethod
    def empty(pixels: int) -> Layers:
        """Layers of darkness."""
        layers = (np.zeros((channels, pixels), np.float32) for channels in (3, 3, 3, 3, 3, 1))
        return Layers(*layers)


def _picture(layer: Array, frame: Frame, samples: int) -> Array:
    mean = (layer / samples).reshape(-1, frame.height, frame.width)
    return np.ascontiguousarray(mean.transpose(1, 2, 0))


def merge(layers: Layers, frame: Frame, samples: int) -> Array:
    """The picture from its layers, each smoothed as far as it bears."""
    glow, direct, indirect, albedo, normal, depth = (
        _picture(layer, frame, samples)
        for layer in (layers.glow, layers.direct, layers.indirect, layers.albedo, layers.normal, layers.depth)
    )
    guide = np.concatenate([albedo * 5.0, normal * 3.0], axis=-1)
    colour = np.maximum(albedo, 0.02)
    straight = _smooth(despeckle(direct) / colour, guide, depth, 2)
    passed_on = _smooth(despeckle(indirect), guide, depth, 5)
    return np.asarray(glow + straight * colour + passed_on * albedo, np.float32)


def _smooth(signal: Array, guide: Array, depth: Array, levels: int) -> Array:
    for level in range(levels):
        signal = _pass(signal, guide, depth, 2**level)
    return signal


def _padded(image: Array, by: int) -> Array:
    return np.asarray(cv2.copyMakeBorder(image, by, by, by, by, cv2.BORDER_REFLECT_101))


def _pass(signal: Array, guide: Array, depth: Array, stride: int) -> Array:
    """One round of the filter."""
    reach = 2 * stride
    height, width = depth.shape[:2]
    around = [_padded(layer, reach) for layer in (signal, guide, depth[:, :, 0])]
    total, weights = np.zeros_like(signal), np.zeros((height, width), np.float32)
    for row, down in enumerate(KERNEL):
        for column, across in enumerate(KERNEL):
            top, left = row * stride, column * stride
            near, similar, deep = (layer[top : top + height, left : left + width] for layer in around)
            apart = np.square(similar - guide).sum(axis=-1)
            apart += np.square((deep - depth[:, :, 0]) / (0.03 * stride))
            weight = down * across * np.exp(-apart)
            total += near * weight[:, :, None]
            weights += weight
    return np.asarray(total / weights[:, :, None], np.float32)
