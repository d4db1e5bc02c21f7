"""The matte on the GPU; ``vcam.ops.envelope``, ``guided`` and ``spill`` explain its parts."""

from __future__ import annotations

import numpy as np

from vcam.frame import Colour, Matte
from vcam.ops import DeviceArray, EdgeSettings, Guide
from vcam.ops.gpu.device import Device, Tables
from vcam.ops.gpu.pieces import without_specks
from vcam.ops.guided import regularisation


def matte(device: Device, tables: Tables, alpha: DeviceArray, guide: Guide, seq: int, edges: EdgeSettings) -> Matte:
    """The matte of frame ``seq``."""
    xp, run, colours = device.xp, device.run, guide.planes
    rows, columns = shape = alpha.shape
    high, wide = (rows + 1) // 2, (columns + 1) // 2
    raw, model, spill = (xp.empty(size, np.float32) for size in ((4, *shape), (6, *shape), (3, high, wide)))
    first, planes = xp.empty(shape, np.float32), xp.empty((9, rows + 2, columns + 2), np.float32)
    aligned = xp.empty(shape, np.float32)
    small, cells = xp.empty(shape, np.uint8), xp.empty((rows + 1, columns + 1), np.uint8)
    run("bound", shape, without_specks(device, alpha), alpha, model, first, columns, rows)
    run("fit", shape, colours, first, _ridge(tables, guide.colour, edges.align), raw, columns, rows)
    run("align", shape, colours, raw, model, aligned, columns, rows)
    run("fit", shape, colours, aligned, _ridge(tables, guide.colour, edges.fit), raw, columns, rows)
    run("describe_spill", (high, wide), colours, aligned, columns, rows, spill, wide, high)
    run("finish", (rows + 2, columns + 2), raw, aligned, model, spill, wide, high, columns, rows, planes)
    run("classify", (rows + 1, columns + 1), aligned, planes, small, cells, columns, rows)
    return Matte(seq, small, planes[:6], planes[6:], cells, guide.factor, guide.size)


def _ridge(tables: Tables, colour: Colour, epsilon: float) -> DeviceArray:
    return tables.get(("ridge", colour, epsilon), lambda: regularisation(colour, epsilon))
