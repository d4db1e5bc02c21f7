"""The room itself, out of focus."""

from __future__ import annotations

from vcam.backdrops import BackdropOptions, Scene, number
from vcam.frame import Pixels

DEFAULT_STRENGTH = 60.0

# At full strength the Gaussian's sigma is this share of the frame's height: nothing can be recognised.
_STRONGEST = 0.05


class BlurBackdrop:
    """``blur``, ``blur:60``: strength 1–100."""

    replaces = True

    def __init__(self, argument: str, options: BackdropOptions) -> None:
        strength = number(argument, DEFAULT_STRENGTH, 1, 100, "blur strength")
        self.name = f"blur {strength:g}"
        self._sigma = max(_STRONGEST * options.size.height * strength / 100, 1.0)

    def pixels(self, scene: Scene) -> Pixels:
        return scene.ops.blurred_background(scene.guide, scene.matte, self._sigma)

    def close(self) -> None:
        """Nothing to give back."""
