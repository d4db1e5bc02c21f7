"""The clean plate on the GPU; ``vcam.ops.plate`` explains the model.

What the CPU decides between its steps (how the light changed, whether the camera moved) is derived from a few counters
by every kernel that needs it: nothing waits for the host.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vcam.frame import Colour
from vcam.ops import DeviceArray, Guide
from vcam.ops.gpu.device import Device, Tables
from vcam.ops.plate import _NOISE, _metric

_STRIP = 8  # of plate.cu


@dataclass(slots=True, eq=False)
class Plate:
    """See ``vcam.ops.plate.Learnt``."""

    mean: DeviceArray
    variance: DeviceArray
    seen: DeviceArray

    @classmethod
    def nothing(cls, device: Device, height: int, width: int) -> Plate:
        xp = device.xp
        return cls(xp.zeros((3, height, width), np.float32), xp.full((height, width), _NOISE ** 2, np.float32),
                   xp.zeros((height, width), np.float32))


def compare(device: Device, tables: Tables, evidence: DeviceArray, guide: Guide, plate: Plate,
            empty: bool) -> DeviceArray:
    """``evidence`` corrected by the plate, which then learns from this frame."""
    xp, run = device.xp, device.run
    rows, columns = evidence.shape
    high, wide = (rows + 1) // 2, (columns + 1) // 2
    strips = (-(-rows // (2 * _STRIP)), columns // 2)
    metric = _metric_on(tables, guide.colour)
    counters = xp.zeros(6, np.int32)
    person = xp.empty((4, high, wide), np.float32)
    said, corrected = (xp.empty((rows, columns), np.float32) for _ in range(2))
    seen = (guide.planes, evidence, empty)
    run("sum_known", strips, *seen, plate.mean, plate.seen, columns, rows, counters)
    run("count_other", strips, *seen, plate.mean, plate.seen, metric, columns, rows, counters)
    run("describe_person", (high, wide), guide.planes, evidence, metric, columns, rows, person, wide, high)
    run("say", (rows, columns), guide.planes, plate.mean, plate.variance, plate.seen, counters, metric, person, wide,
        high, said, columns, rows)
    run("correct_by_plate", (rows, columns), evidence, said, corrected, columns, rows)
    run("learn", (rows, columns), *seen, counters, metric, plate.mean, plate.variance, plate.seen, columns, rows)
    return corrected


def _metric_on(tables: Tables, colour: Colour) -> DeviceArray:
    return tables.get(("metric", colour), lambda: _metric(colour))
