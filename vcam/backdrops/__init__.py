"""Backdrops: what is shown behind the person. A backdrop is a string everywhere: ``blur:60``, ``beach.jpg``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol, cast

from vcam.errors import UsageError
from vcam.frame import Colour, Frame, Matte, Pixels, Size
from vcam.ops import Guide, Ops
from vcam.registry import Entry, Registry, split

REGISTRY = Registry("backdrops", (
    Entry("blur", "vcam.backdrops.blur:BlurBackdrop", "the room itself, blurred; strength 1–100", example="blur:60"),
    Entry("picture", "vcam.backdrops.picture:PictureBackdrop", "a picture, bundled or your own", example="beach.jpg"),
    Entry("video", "vcam.backdrops.video:VideoBackdrop", "a video, looping", example="waves.mp4"),
    Entry("slideshow", "vcam.backdrops.slideshow:SlideshowBackdrop", "the pictures of a folder in turn",
          example="slideshow:~/Pictures"),
    Entry("colour", "vcam.backdrops.colour:ColourBackdrop", "one colour", example="colour:#204060"),
    Entry("green", "vcam.backdrops.colour:GreenBackdrop", "green, for keying in another program", example="green:"),
    Entry("none", "vcam.backdrops.none:NoBackdrop", "the camera's own picture, unchanged", example="none:"),
))

VIDEOS = frozenset({".mp4", ".mkv", ".mov", ".webm", ".avi", ".gif", ".m4v"})


class Fit(StrEnum):
    """How a picture or video of another shape fills the frame."""

    COVER = "cover"
    CONTAIN = "contain"
    STRETCH = "stretch"


@dataclass(frozen=True, slots=True)
class BackdropOptions:
    """What every backdrop is made for: size and colour of the output, and the user's wishes."""

    size: Size
    colour: Colour
    fit: Fit = Fit.COVER
    folder: Path | None = None
    interval: float = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What a backdrop may look at: the prepared frame (its ``pts`` is the time), its guide and matte."""

    frame: Frame
    guide: Guide
    matte: Matte
    ops: Ops


class Backdrop(Protocol):
    """Gives the picture behind the person, frame by frame. One thread calls it.

    ``replaces`` is False for "none" alone: the one backdrop with which the camera's own picture is shown.
    """

    name: str
    replaces: bool

    def pixels(self, scene: Scene) -> Pixels:
        """I420 pixels of the scene's frame size and colour; changed by nobody from now on (``Ops.composite``).

        Raises:
            BackdropError: there is nothing to show.
        """

    def close(self) -> None: ...


def make_backdrop(spec: str, options: BackdropOptions) -> Backdrop:
    """The backdrop that ``spec`` names, loaded and ready.

    Raises:
        UsageError: no such backdrop, name or file.
        BackdropError: it cannot be read.
    """
    scheme, argument = split(spec)
    if not scheme and spec in REGISTRY.entries() and spec not in ("picture", "video", "slideshow"):
        scheme, argument = spec, ""
    if scheme == "color":
        scheme = "colour"
    if not scheme:
        from vcam.backdrops.library import find

        path = find(spec, options.folder)
        scheme, argument = ("video" if path.suffix.lower() in VIDEOS else "picture"), str(path)
    return cast(Backdrop, REGISTRY.load(scheme)(argument, options))


def number(text: str, default: float, low: float, high: float, what: str) -> float:
    """A number in a spec; empty is ``default``.

    Raises:
        UsageError: no number, or outside ``low`` … ``high``.
    """
    try:
        value = float(text) if text else default
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise UsageError(f"{what} '{text}' is not a number from {low:g} to {high:g}", f"try {default:g}")
    return value
