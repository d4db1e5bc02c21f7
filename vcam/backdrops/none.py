"""No background: the user wants the camera's own picture."""

from __future__ import annotations

from vcam.backdrops import BackdropOptions, Scene
from vcam.errors import UsageError
from vcam.frame import Pixels


class NoBackdrop:
    """The one backdrop that shows the room."""

    name = "none"
    replaces = False

    def __init__(self, argument: str, options: BackdropOptions) -> None:
        del options
        if argument:
            raise UsageError(f"background 'none:{argument}': none takes nothing behind the colon", "use none")

    def pixels(self, scene: Scene) -> Pixels:
        """The frame's own pixels (the pipeline does not even ask)."""
        return scene.frame.pixels

    def close(self) -> None:
        """Nothing to give back."""
