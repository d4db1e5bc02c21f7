"""Runs every kernel with its memory guarded; started by a test, in a process that has the guard loaded."""

from __future__ import annotations

import sys

import numpy as np

from tests.ops.processor import ProcessorDevice, compiled
from tests.ops.test_contract import EDGES, blob, textured
from vcam.frame import Region, Size
from vcam.ops import TemporalSettings, Tone
from vcam.ops.gpu import GpuOps, sources

FLAGS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-g")


def every_verb(ops: GpuOps, size: Size) -> None:
    """Frames of a size through all the verbs that have kernels."""
    plate, last = None, None
    for seq in range(4):
        frame, background = textured(size, seq, seq), textured(size, 9).pixels
        guide, whole = ops.guide(frame), Region.whole(size)
        region = Region(guide.factor, guide.factor, size.width // 2 & ~1, size.height // 2 & ~1)
        ops.network_input(frame, region, Size(48, 64), 1, 0, planar=seq % 2 == 0)
        around = ops.evidence(np.full((64, 48), 0.2, np.float32), whole, guide)
        found = ops.joined(ops.to_device(blob(guide)), region, around, guide)
        ops.extent(found, guide, 0.7)
        ops.touches_edge(found, region, guide)
        found = ops.corrected(found, guide, ops.second_look(found, around, region, guide))
        found, plate = ops.compare(found, guide, plate, empty=False)
        alpha, last = ops.follow(found, guide, last, 1 / 30, TemporalSettings())
        matte = ops.matte(alpha, guide, seq, EDGES)
        ops.mean_colours(guide, matte, background)
        lit = ops.toned(frame, matte, background, Tone(1.1, 2, -2, 0.5))
        ops.full_alpha(frame, matte)
        for sigma in (1.0, 9.0, 60.0):
            ops.composite(lit, matte, ops.blurred_background(guide, matte, sigma))


def main() -> None:
    for backwards in (False, True):
        device = ProcessorDevice(backwards, compiled(*FLAGS, *sys.argv[1:]))
        for size in (Size(16, 16), Size(362, 270), Size(1030, 34)):
            every_verb(GpuOps(device), size)
        missing = set(sources.signatures()) - device.ran
        assert not missing, f"never ran: {missing}"
    print("guarded")  # noqa: T201


if __name__ == "__main__":
    main()
