"""Small pieces apart from the person, found and erased without leaving the GPU."""

from __future__ import annotations

import numpy as np

from vcam.ops import DeviceArray
from vcam.ops.gpu.device import Device


def without_specks(device: Device, alpha: DeviceArray) -> DeviceArray:
    """``alpha`` (float32, 0–1, grid) as uint8, without small pieces apart from the person."""
    xp, run = device.xp, device.run
    rows, columns = alpha.shape
    high, wide = (rows + 1) // 2, (columns + 1) // 2
    parent, area = (xp.empty(high * wide, np.int32) for _ in range(2))
    largest = xp.empty(1, np.int32)
    clean = xp.empty((rows, columns), np.uint8)
    run("begin_pieces", (high, wide), alpha, columns, parent, area, largest, wide, high)
    run("join_pieces", (high, wide), parent, wide, high)
    run("measure_pieces", (high * wide,), parent, area, high * wide)
    run("find_largest", (high * wide,), area, largest, high * wide)
    run("erase_pieces", (rows, columns), alpha, parent, area, largest, wide, high, clean, columns, rows)
    return clean


def extent(device: Device, evidence: DeviceArray, upper: float) -> tuple[int, int, int, int]:
    """Left, top, right and bottom (on the grid, the last two behind it) of the ``upper`` share of the person.

    All 0: there is nobody.
    """
    clean = without_specks(device, evidence)
    left, top, right, bottom = _enclosed(device, clean, evidence.shape[0])
    if right > left and upper < 1:
        bottom = top + max(int((bottom - top) * upper), 1)
        left, _, right, _ = _enclosed(device, clean, bottom)
    return left, top, right, bottom


def _enclosed(device: Device, clean: DeviceArray, rows: int) -> tuple[int, int, int, int]:
    """The same for the person in the first ``rows``."""
    columns = clean.shape[1]
    box = device.upload(np.array([columns, rows, -1, -1], np.int32))
    device.run("enclose", (rows, columns), clean, columns, rows, box)
    left, top, right, bottom = (int(side) for side in device.download(box))
    return (left, top, right + 1, bottom + 1) if right >= left else (0, 0, 0, 0)
