"""One colour behind the person."""

from __future__ import annotations

import numpy as np
from PIL import ImageColor

from vcam.backdrops import BackdropOptions, Scene
from vcam.errors import UsageError
from vcam.frame import Pixels, i420_planes, i420_shape
from vcam.ops.colour import yuv_from_rgb


class ColourBackdrop:
    """``colour:#204060``, ``colour:navy``, ``colour:rgb(20,40,60)``; empty: a quiet grey blue."""

    replaces = True

    def __init__(self, argument: str, options: BackdropOptions) -> None:
        self.name = f"colour {argument or '#35404d'}"
        try:
            red, green, blue = ImageColor.getrgb(argument or "#35404d")[:3]
        except ValueError as error:
            raise UsageError(f"'{argument}' is not a colour", "try colour:#204060 or colour:navy") from error
        y, u, v = yuv_from_rgb(options.colour) @ np.array([red, green, blue, 1], np.float32)
        self._pixels = np.empty(i420_shape(options.size), np.uint8)
        for plane, value in zip(i420_planes(self._pixels), (y, u, v), strict=True):
            plane[:] = round(float(value))

    def pixels(self, scene: Scene) -> Pixels:
        del scene
        return self._pixels

    def close(self) -> None:
        """Nothing to give back."""


class GreenBackdrop(ColourBackdrop):
    """The green that keyers expect."""

    def __init__(self, argument: str, options: BackdropOptions) -> None:
        super().__init__(argument or "#00b140", options)
        self.name = "green screen"
