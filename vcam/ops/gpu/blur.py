"""Halvings, and the blurred background; ``vcam.ops.blur`` explains the model."""

from __future__ import annotations

import cv2
import numpy as np

from vcam.frame import FloatArray
from vcam.ops import DeviceArray, Guide
from vcam.ops.blur import _level
from vcam.ops.gpu.device import Device, Tables


def grid_colours(device: Device, pixels: DeviceArray, width: int, height: int, factor: int) -> dict[int, DeviceArray]:
    """Y, U and V (3, rows, columns) of an I420 picture at 2, 4 … ``factor`` pixels a sample."""
    rows, columns = (-(-side // factor) * factor // 2 for side in (height, width))
    levels = {2: device.xp.empty((3, rows, columns), np.uint8)}
    device.run("first_level", (rows, columns), pixels, width, height, levels[2], columns, rows)
    step = 2
    while step < factor:
        step *= 2
        levels[step] = halved(device, levels[step // 2])
    return levels


def halved(device: Device, level: DeviceArray) -> DeviceArray:
    """Three planes at half their size, rounded up."""
    _, height, width = level.shape
    rows, columns = (height + 1) // 2, (width + 1) // 2
    out = device.xp.empty((3, rows, columns), np.uint8)
    device.run("halve", (rows, columns), level, width, height, out, columns, rows)
    return out


def blurred_background(device: Device, tables: Tables, guide: Guide, alpha: DeviceArray, sigma: float,
                       out: DeviceArray) -> None:
    """Write the frame, blurred as if the person were not there, into I420 ``out``."""
    pixels = _level(sigma, guide)
    level = guide.levels[pixels] if pixels in guide.levels else halved(device, guide.levels[pixels // 2])
    blurred = _masked_blur(device, tables, level, alpha, sigma / pixels)
    _, high, wide = blurred.shape
    size = guide.size
    device.run("enlarge", (size.height // 2, size.width // 2), blurred, wide, high, pixels, out, size.width,
               size.height)


def _masked_blur(device: Device, tables: Tables, level: DeviceArray, alpha: DeviceArray, sigma: float) -> DeviceArray:
    xp, run = device.xp, device.run
    _, high, wide = level.shape
    weights = tables.get(("gauss", sigma), lambda: _gauss(sigma))
    radius = weights.size // 2
    weighed, rows = (xp.empty((4, high, wide), np.float32) for _ in range(2))
    out = xp.empty((3, high, wide), np.uint8)
    mean = level.reshape(3, -1).mean(axis=1, dtype=np.float32)
    run("weigh", (high, wide), level, wide, high, alpha, alpha.shape[1], alpha.shape[0], weighed)
    run("blur_rows", (high, wide), weighed, weights, radius, rows, wide, high)
    run("blur_columns", (high, wide), rows, weights, radius, mean, out, wide, high)
    return out


def _gauss(sigma: float) -> FloatArray:
    """Weights of a Gaussian, cut off where OpenCV does."""
    return cv2.getGaussianKernel(round(sigma * 8 + 1) | 1, sigma, cv2.CV_32F).reshape(-1)
