"""A picture behind the person."""

from __future__ import annotations

from pathlib import Path

from vcam.backdrops import BackdropOptions, Scene
from vcam.backdrops.library import find
from vcam.backdrops.pictures import load_i420
from vcam.frame import Pixels


class PictureBackdrop:
    """Converted once, shown for ever."""

    replaces = True

    def __init__(self, argument: str, options: BackdropOptions) -> None:
        path = find(argument, options.folder)
        self.name = Path(path).stem
        self._pixels = load_i420(path, options)

    def pixels(self, scene: Scene) -> Pixels:
        del scene
        return self._pixels

    def close(self) -> None:
        """Nothing to give back."""
