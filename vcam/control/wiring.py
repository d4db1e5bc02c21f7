"""From settings to a run: the one place where parts are chosen and put together."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction

from vcam.backdrops import Backdrop, BackdropOptions, Fit, make_backdrop
from vcam.config import Settings
from vcam.control.state import State
from vcam.engine.live import Limits, LiveRun
from vcam.engine.privacy import AwayCard
from vcam.engine.status import RunStatus
from vcam.errors import UsageError
from vcam.frame import Colour, FramePool, Size
from vcam.ops import Ops, pick
from vcam.pipeline import Pipeline, PipelineSettings
from vcam.segmenters import Segmenter, make_segmenter
from vcam.sinks import make_sink
from vcam.sources import Source, SourceOptions, make_source

CAMERA_SIZE = Size(1280, 720)


@dataclass(frozen=True, slots=True)
class Assembly:
    """A run that is ready to start, and what the user should know of how it was chosen."""

    run: LiveRun
    ops: Ops
    segmenter: Segmenter
    notes: tuple[str, ...]

    def state(self, run: RunStatus | None = None) -> State:
        """The state now, or with a given snapshot of the run."""
        return State(run or self.run.status(), self.segmenter.name, self.segmenter.runtime, self.ops.name, self.notes)


def assemble(settings: Settings, frames: int = 0, seconds: float = 0.0) -> Assembly:
    """Choose, load and open everything but the sinks.

    Raises:
        VcamError: a part is unknown, missing, or cannot be opened.
    """
    notes: list[str] = []
    sinks = [make_sink(spec) for spec in (settings.sink or default_sinks(notes))]
    ops = pick(settings.device)
    segmenter = make_segmenter(settings.model, ops, settings.runtime)
    colour = None if all(sink.tags_colour for sink in sinks) else Colour.BT601
    _check_backdrop(settings)
    with ExitStack() as undo:
        source = _open_source(settings, colour, notes)
        undo.callback(source.close)
        size = settings.size or source.info.size.even()
        size.check()
        pipeline = Pipeline(ops, segmenter, PipelineSettings(size, colour or Colour.for_height(size.height),
                                                             settings.mirror), time.monotonic_ns)
        backdrop = load_backdrop(settings, pipeline.settings)
        fps = Fraction(settings.fps).limit_denominator(1001) if settings.fps else None
        limits = Limits(frames, seconds, fps, not settings.always_on, AwayCard(settings.away_text))
        run = LiveRun(source, pipeline, backdrop, sinks, limits)
        undo.pop_all()
    return Assembly(run, ops, segmenter, tuple(notes))


def load_backdrop(settings: Settings, output: PipelineSettings) -> Backdrop:
    """The chosen backdrop, ready for pictures of that size and colour.

    Raises:
        UsageError, BackdropError: it is unknown or cannot be read.
    """
    return make_backdrop(settings.background, _backdrop_options(settings, output.size, output.colour))


def _backdrop_options(settings: Settings, size: Size, colour: Colour) -> BackdropOptions:
    return BackdropOptions(size, colour, Fit(settings.fit), settings.backgrounds_folder, settings.slideshow_seconds)


def _check_backdrop(settings: Settings) -> None:
    """Find a wrong background before the camera's light goes on."""
    backdrop = make_backdrop(settings.background, _backdrop_options(settings, Size(64, 36), Colour.BT601))
    backdrop.close()
    if settings.require_background and not backdrop.replaces:
        raise UsageError("background 'none' is refused: the setting require_background is on",
                         "choose a background: vcam backgrounds")


def _open_source(settings: Settings, colour: Colour | None, notes: list[str]) -> Source:
    spec = settings.source or default_source(notes)
    fps = Fraction(settings.fps).limit_denominator(1001) if settings.fps else None
    options = SourceOptions(settings.size, fps, colour, settings.loop)
    if spec.startswith("camera:") or spec.isdigit():
        options = replace(options, size=settings.size or CAMERA_SIZE)
    elif colour is None and settings.size:
        options = replace(options, colour=Colour.for_height(settings.size.height))
    elif colour is None and spec.startswith("demo:"):
        options = replace(options, colour=Colour.BT709)
    source = make_source(spec, options, FramePool())
    source.open()
    return source


def default_source(notes: list[str]) -> str:
    """The first camera; without one the demo, with a note that says so."""
    from vcam.sources.camera import list_cameras

    cameras = list_cameras()
    if cameras:
        return f"camera:{cameras[0].index}"
    notes.append("no camera found: showing the demo (plug one in and start again, or give --source FILE)")
    return "demo:"


def default_sinks(notes: list[str]) -> list[str]:
    """The virtual camera, if there is one, and the preview.

    On Linux the kernel's device, which every app can open, comes before PipeWire's, which needs the camera portal.
    """
    from vcam.sinks import pipewire, virtualcam

    found, reason = virtualcam.available()
    if found:
        return ["v4l2:" if sys.platform == "linux" else "virtualcam:", "preview:"]
    notes.append(reason)
    if sys.platform == "linux" and pipewire.available()[0]:
        notes.append("using PipeWire's virtual camera instead: only apps that use the camera portal see it")
        return ["pipewire:", "preview:"]
    return ["preview:"]
