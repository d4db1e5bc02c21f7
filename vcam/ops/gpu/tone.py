"""The person in the background's light; ``vcam.ops.tone`` explains the model."""

from __future__ import annotations

import numpy as np

from vcam.frame import FloatArray
from vcam.ops import DeviceArray, Guide, Tone
from vcam.ops.gpu.blur import grid_colours
from vcam.ops.gpu.device import Device
from vcam.ops.tone import _SAMPLE

# Of plate.cu: rows that one thread adds up, and the unit of the sums.
_STRIP, _FINENESS = 8, 64


def mean_colours(device: Device, guide: Guide, alpha: DeviceArray,
                 background: DeviceArray) -> tuple[FloatArray, FloatArray]:
    """Mean Y, U and V of the person and of the background."""
    rows, columns = alpha.shape
    width, height = guide.size.width, guide.size.height
    sums = device.xp.zeros(7, np.int32)
    device.run("sum_person", (-(-rows // _STRIP), columns), guide.planes, alpha, columns, rows, sums)
    device.run("sum_background", (-(-height // _SAMPLE), -(-width // _SAMPLE)), background, width, height, sums)
    found = device.download(sums).astype(np.float64)
    counts = np.array([-(-height // part // _SAMPLE) * -(-width // part // _SAMPLE) for part in (1, 2, 2)])
    back = (found[4:] / counts).astype(np.float32)
    if found[0] < _FINENESS:
        return back, back
    return (found[1:4] / found[0]).astype(np.float32), back


def toned(device: Device, frame: DeviceArray, factor: int, alpha: DeviceArray, background: DeviceArray,
          light: Tone) -> DeviceArray:
    """The frame (I420, ``factor`` pixels for a sample of ``alpha``) with its person in another light."""
    xp, run = device.xp, device.run
    rows, columns = alpha.shape
    height, width = frame.shape[0] * 2 // 3, frame.shape[1]
    falls = xp.zeros((4, rows, columns), np.float32)
    if light.wrap:
        colours = grid_colours(device, background, width, height, factor)[factor]
        run("gather_light", (rows, columns), colours, alpha, light.wrap, falls, columns, rows)
    out = xp.empty(frame.shape, np.uint8)
    run("tone", (height // 2, width // 2), frame, width, height, light.gain, light.blue, light.red, falls, columns,
        rows, factor, out)
    return out
