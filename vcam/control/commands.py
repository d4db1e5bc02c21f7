"""What a running vcam can be told: the one table from which command line, HTTP API and tray are made.

A new command is a function here: its arguments say their type and meaning, its docstring is the help everywhere, and
its body says what it does to the ``Target``. What only changes a setting is ``vcam.change(name=value)``; what is done
to the pipeline once is ``vcam.between_frames(…)``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Protocol

from vcam.control.verbs import Argument, Command, Table
from vcam.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from vcam.config import Settings
    from vcam.pipeline import Pipeline

__all__ = ["TABLE", "Command", "Target"]

TABLE = Table()

OnOff = Literal["on", "off", "toggle"]
Value = str | bool | int | float | list[str] | None


class Target(Protocol):
    """What commands are carried out on. Everything raises VcamError, and then nothing has changed."""

    @property
    def settings(self) -> Settings:
        """What holds now."""

    def change(self, **values: object) -> None:
        """Give settings other values: checked, loaded, then exchanged all at once."""

    def step(self, by: int, category: str) -> None:
        """Show the background that many places further on, passing over those that cannot be loaded."""

    def set_privacy(self, privacy: str) -> None: ...
    def start_sink(self, spec: str) -> None: ...
    def stop_sink(self, spec: str) -> None: ...
    def use_profile(self, name: str) -> None: ...
    def save_profile(self, name: str) -> None: ...
    def delete_profile(self, name: str) -> None: ...
    def reload(self) -> None:
        """Read the configuration again and follow what has changed in it."""

    def between_frames(self, work: Callable[[Pipeline], None]) -> None:
        """Have something done with the pipeline that is no setting, for example learn the empty room."""

    def quit(self) -> None: ...


@TABLE.verb("bg", about="background")
def background(
    vcam: Target,
    name: Annotated[str, Argument("A name that `vcam backgrounds` lists, a picture or video file, blur:80, "
                                  "colour:#204060, green, slideshow:FOLDER or none; or: next, previous.",
                                  completes="background", is_path=True)],
    category: Annotated[str, Argument("With next and previous: only among these, for example yours or bundled.")] = "",
) -> None:
    """Show another background."""
    if name in ("next", "previous"):
        vcam.step(1 if name == "next" else -1, category)
    elif category:
        raise UsageError(f"'{name}' is one background: a category goes with next and previous", "vcam bg next")
    else:
        vcam.change(background=name)


@TABLE.verb("blur", about="background")
def blur(
    vcam: Target,
    strength: Annotated[float, Argument("From 1, hardly, to 100, nothing can be recognised.", least=1, most=100)] = 60,
) -> None:
    """Blur the room."""
    vcam.change(background=f"blur:{strength:g}")


@TABLE.verb("mirror")
def mirror(vcam: Target, to: Annotated[OnOff, Argument("on, off, or the other one.")] = "toggle") -> None:
    """Mirror the picture left to right."""
    vcam.change(mirror=not vcam.settings.mirror if to == "toggle" else to == "on")


@TABLE.verb("fit", about="background")
def fit(vcam: Target, how: Annotated[Literal["cover", "contain", "stretch"], Argument("The way.")]) -> None:
    """How a background of another shape fills the frame."""
    vcam.change(fit=how)


@TABLE.verb("pause", about="privacy", urgent=True)
def pause(vcam: Target) -> None:
    """Show the away card and turn the camera off, until `vcam resume`."""
    vcam.set_privacy("away")


@TABLE.verb("resume", about="privacy", urgent=True)
def resume(vcam: Target) -> None:
    """Go live again after pause, freeze or panic."""
    vcam.set_privacy("live")


@TABLE.verb("freeze", about="privacy", urgent=True)
def freeze(vcam: Target) -> None:
    """Let the last composited picture stand still and turn the camera off, until `vcam resume`."""
    vcam.set_privacy("frozen")


@TABLE.verb("panic", about="privacy", urgent=True)
def panic(vcam: Target) -> None:
    """Show a card at once and turn the camera off, until `vcam resume`."""
    vcam.set_privacy("panic")


_ACROSS = "From 0, the left edge, to 1, the right one."
_DOWN = "From 0, the upper edge, to 1, the lower one."


@TABLE.verb("keep", about="subject")
def keep(vcam: Target, x: Annotated[float, Argument(_ACROSS, least=0, most=1)],
         y: Annotated[float, Argument(_DOWN, least=0, most=1)]) -> None:
    """Keep the thing at a point of the picture: an instrument, a product, a pet."""
    vcam.between_frames(lambda pipeline: pipeline.refiner.subject.point_at(x, y, keep=True))


@TABLE.verb("drop", about="subject")
def drop(vcam: Target, x: Annotated[float, Argument(_ACROSS, least=0, most=1)],
         y: Annotated[float, Argument(_DOWN, least=0, most=1)]) -> None:
    """Drop the thing at a point of the picture: a clock at the head, a chair's back."""
    vcam.between_frames(lambda pipeline: pipeline.refiner.subject.point_at(x, y, keep=False))


@TABLE.verb("forget", about="subject")
def forget(vcam: Target) -> None:
    """Forget what was kept or dropped with `vcam keep` and `vcam drop`."""
    vcam.between_frames(lambda pipeline: pipeline.refiner.subject.forget())


@TABLE.verb("plate capture", about="plate")
def capture_plate(vcam: Target) -> None:
    """Learn the empty room in a second: step out of the picture first. It keeps chairs and clocks out of the matte."""
    vcam.between_frames(lambda pipeline: pipeline.refiner.plate.capture())


@TABLE.verb("plate forget", about="plate")
def forget_plate(vcam: Target) -> None:
    """Forget what was learnt of the room; vcam begins to learn it anew."""
    vcam.between_frames(lambda pipeline: pipeline.refiner.plate.reset())


@TABLE.verb("camera")
def camera(
    vcam: Target,
    name: Annotated[str, Argument("A camera's number, name or a part of its name (`vcam devices`), or another source: "
                                  "demo:, screen:1, clip.mp4.", completes="camera", is_path=True)],
) -> None:
    """Take another camera; the picture's size stays."""
    vcam.change(source=name if ":" in name or Path(name).is_file() else f"camera:{name}")


@TABLE.verb("set", about="setting")
def set_setting(
    vcam: Target,
    name: Annotated[str, Argument("A setting that `vcam config` lists.", completes="setting")],
    value: Annotated[Value, Argument("Its value; '' is the default.", completes="value",
                                     is_path=True)],
) -> None:
    """Change any setting while vcam runs; it is remembered, but the configuration file stays as it is."""
    vcam.change(**{name: value})


@TABLE.verb("sink start", about="sink")
def start_sink(
    vcam: Target,
    sink: Annotated[str, Argument("Where the picture is to go as well, for example preview:, out.mp4 or v4l2:.",
                                  completes="sink", is_path=True)],
) -> None:
    """Send the picture to one more sink, for example begin a recording."""
    vcam.start_sink(sink)


@TABLE.verb("sink stop", about="sink")
def stop_sink(
    vcam: Target,
    sink: Annotated[str, Argument("One that `vcam sink list` shows.", completes="running sink", is_path=True)],
) -> None:
    """Send no more to a sink; a recording is completed."""
    vcam.stop_sink(sink)


@TABLE.verb("profile use", about="profile")
def use_profile(vcam: Target, name: Annotated[str, Argument("Its name.", completes="profile")]) -> None:
    """Set everything as it was when the profile was saved."""
    vcam.use_profile(name)


@TABLE.verb("profile save", about="profile")
def save_profile(vcam: Target, name: Annotated[str, Argument("Its name; one that exists is replaced.",
                                                             completes="profile")]) -> None:
    """Save background, camera and all other choices as they are now under a name."""
    vcam.save_profile(name)


@TABLE.verb("profile delete", about="profile")
def delete_profile(vcam: Target, name: Annotated[str, Argument("Its name.", completes="profile")]) -> None:
    """Forget a profile."""
    vcam.delete_profile(name)


@TABLE.verb("reload", about="configuration")
def reload(vcam: Target) -> None:
    """Read the configuration file again and follow what has changed in it."""
    vcam.reload()


@TABLE.verb("quit", urgent=True)
def quit_vcam(vcam: Target) -> None:
    """Stop the running vcam; recordings are completed."""
    vcam.quit()
