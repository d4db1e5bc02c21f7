"""Compiles what the tests in the guest call beyond a run of the program: ``python -m tests.vm.warm``."""

from __future__ import annotations

import numpy as np

from tests.pictures import bars_rendered
from vcam.frame import Colour, Size
from vcam.ops.colour import i420_to_bgr, recolour
from vcam.ops.convert import i420_to_nv12, i420_to_yuyv, yuyv_to_i420

SIZE = Size(320, 180)


def main() -> None:
    pixels = bars_rendered(SIZE, Colour.BT601).frame.pixels
    yuyv = np.empty((SIZE.height, SIZE.width * 2), np.uint8)
    i420_to_bgr(pixels, Colour.BT601, np.empty((SIZE.height, SIZE.width, 3), np.uint8))
    recolour(pixels, Colour.BT601, Colour.BT709, np.empty_like(pixels))
    i420_to_yuyv(pixels, yuyv)
    yuyv_to_i420(yuyv, np.empty_like(pixels))
    i420_to_nv12(pixels, np.empty_like(pixels))


if __name__ == "__main__":
    main()
