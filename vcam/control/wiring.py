"""From settings to a run: the one place where parts are chosen and put together."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from fractions import Fraction

from vcam.backdrops import Backdrop, BackdropOptions, Fit, make_backdrop
from vcam.compose.light import LightSettings
from vcam.config import Settings
from vcam.control.away import away_card, load_away_picture
from vcam.control.shelf import Shelf
from vcam.control.state import State
from vcam.engine.live import Limits, LiveRun
from vcam.engine.status import RunStatus
from vcam.errors import SourceError, UsageError
from vcam.frame import Colour, FramePool, Size
from vcam.ops import pick
from vcam.pipeline import Pipeline, PipelineSettings
from vcam.segmenters import make_segmenter
from vcam.segmenters.tiers import TIERS
from vcam.sinks import Sink, SinkOptions, make_sink
from vcam.sources import Source, SourceOptions, make_source

CAMERA_SIZE = Size(1280, 720)


@dataclass(slots=True)
class Assembly:
    """A run that is ready to start, and how it was chosen.

    Attributes:
        source: the source's spec, also where the settings leave it open.
        sinks: with their specs, in the order of the run's.
        notes: what the user should know of the choice.
        shelf: pictures that were shown lately.
    """

    run: LiveRun
    source: str
    sinks: list[tuple[str, Sink]]
    notes: tuple[str, ...]
    shelf: Shelf = field(default_factory=Shelf)

    def state(self, run: RunStatus | None = None) -> State:
        """The state now, or with a given snapshot of the run."""
        pipeline = self.run.parts.pipeline
        return State(run or self.run.status(), pipeline.segmenter.name, pipeline.segmenter.runtime, pipeline.ops.name,
                     self.notes, things=pipeline.refiner.subject.things,
                     capturing=pipeline.refiner.plate.capturing > 0)


def assemble(settings: Settings, frames: int = 0, seconds: float = 0.0, patient: bool = False) -> Assembly:
    """Choose, load and open everything but the sinks.

    Args:
        patient: a source or a live sink that cannot be opened yet is waited for.

    Raises:
        VcamError: a part is unknown, missing, or cannot be opened.
    """
    notes: list[str] = []
    specs = settings.sink or default_sinks(notes, has_panel(settings))
    sinks = [(spec, choose_sink(settings, spec)) for spec in specs]
    ops = pick(settings.device)
    segmenter = make_segmenter(network(settings), ops, settings.runtime)
    check_backdrop(settings)
    picture = load_away_picture(settings)
    with ExitStack() as undo:
        colour = told_colour(sinks)
        spec, source = choose_source(settings, colour, notes)
        undo.callback(source.close)
        size = _opened_size(settings, source, patient, notes)
        pipeline = Pipeline(ops, segmenter, picture_settings(settings, size, colour), time.monotonic_ns,
                            TIERS[settings.tier].second_look)
        backdrop = load_backdrop(settings, pipeline.settings)
        limits = Limits(frames, seconds, highest_fps(settings), not settings.always_on,
                        away_card(settings, picture, size), patient)
        run = LiveRun(source, pipeline, backdrop, [sink for _, sink in sinks], limits)
        undo.pop_all()
    return Assembly(run, spec, sinks, tuple(notes))


def _opened_size(settings: Settings, source: Source, patient: bool, notes: list[str]) -> Size:
    """The size of the pictures, once the source is open, or will be."""
    try:
        source.open()
        return output_size(settings, source)
    except SourceError as error:
        if not patient:
            raise
        notes.append(f"{error.message}; waiting for it")
        return settings.size or CAMERA_SIZE


def choose_sink(settings: Settings, spec: str) -> Sink:
    """A sink as the settings want it, not open yet.

    Raises:
        UsageError: it is unknown.
    """
    return make_sink(spec, SinkOptions(settings.stream_bitrate, settings.stream_keyframes, settings.stream_preset,
                                       settings.stream_encoder, settings.stream_audio))


def told_colour(sinks: list[tuple[str, Sink]]) -> Colour | None:
    """The matrix that all these sinks can tell their viewers or that these assume; None: any."""
    return None if all(sink.tags_colour for _, sink in sinks) else Colour.BT601


def output_size(settings: Settings, source: Source) -> Size:
    """The size of the pictures: the chosen one, or the source's own.

    Raises:
        UsageError: the source's own is out of range.
    """
    size = settings.size or source.info.size.even()
    size.check()
    return size


def highest_fps(settings: Settings) -> Fraction | None:
    """The highest frame rate, if one was chosen."""
    return Fraction(settings.fps).limit_denominator(1001) if settings.fps else None


def picture_settings(settings: Settings, size: Size, colour: Colour | None) -> PipelineSettings:
    """How pictures are made; without a ``colour`` in the matrix that is usual for the size."""
    light = LightSettings(settings.light_match / 100, settings.light_wrap / 100)
    return PipelineSettings(size, colour or Colour.for_height(size.height), settings.mirror, light,
                            settings.subject == "main")


def network(settings: Settings) -> str:
    """The network's name: the chosen one, or the tier's."""
    return settings.model or TIERS[settings.tier].model


def make_pipeline(settings: Settings, picture: PipelineSettings) -> Pipeline:
    """The chosen network on the chosen device.

    Raises:
        VcamError: one is unknown, missing or cannot be used.
    """
    ops = pick(settings.device)
    return Pipeline(ops, make_segmenter(network(settings), ops, settings.runtime), picture, time.monotonic_ns,
                    TIERS[settings.tier].second_look)


def load_backdrop(settings: Settings, output: PipelineSettings) -> Backdrop:
    """The chosen backdrop, ready for pictures of that size and colour.

    Raises:
        UsageError, BackdropError: it is unknown or cannot be read.
    """
    return make_backdrop(settings.background, _backdrop_options(settings, output.size, output.colour))


def _backdrop_options(settings: Settings, size: Size, colour: Colour) -> BackdropOptions:
    return BackdropOptions(size, colour, Fit(settings.fit), settings.backgrounds_folder, settings.slideshow_seconds)


def check_backdrop(settings: Settings) -> None:
    """Find a wrong background before the camera's light goes on.

    Raises:
        UsageError, BackdropError: it is unknown, cannot be read, or is refused.
    """
    backdrop = make_backdrop(settings.background, _backdrop_options(settings, Size(64, 36), Colour.BT601))
    backdrop.close()
    check_policy(settings, backdrop)


def check_policy(settings: Settings, backdrop: Backdrop) -> None:
    """Raise UsageError if the settings forbid this backdrop."""
    if settings.require_background and not backdrop.replaces:
        raise UsageError("background 'none' is refused: the setting require_background is on",
                         "choose a background: vcam backgrounds")


def choose_source(settings: Settings, colour: Colour | None, notes: list[str]) -> tuple[str, Source]:
    """The chosen source, or the one there is, not open yet, after its spec.

    Raises:
        UsageError: it is unknown.
    """
    spec = settings.source or default_source(notes)
    options = SourceOptions(settings.size, highest_fps(settings), colour, settings.loop)
    if is_camera(spec):
        options = replace(options, size=settings.size or CAMERA_SIZE)
    elif colour is None and settings.size:
        options = replace(options, colour=Colour.for_height(settings.size.height))
    elif colour is None and spec.startswith("demo:"):
        options = replace(options, colour=Colour.BT709)
    return spec, make_source(spec, options, FramePool())


def is_camera(spec: str) -> bool:
    """Whether a source's spec means a camera."""
    return spec.startswith("camera:") or spec.isdigit()


def default_source(notes: list[str]) -> str:
    """The first camera; without one the demo, with a note that says so."""
    from vcam.sources.camera import list_cameras

    cameras = list_cameras()
    if cameras:
        return f"camera:{cameras[0].index}"
    notes.append("no camera found: showing the demo (plug one in and start again, or give --source FILE)")
    return "demo:"


def has_panel(settings: Settings) -> bool:
    """Whether a panel is to show the picture."""
    return settings.panel.strip() != "off"


def default_sinks(notes: list[str], panel: bool) -> list[str]:
    """The virtual camera, if there is one, and the preview where no ``panel`` shows the picture, or nothing else is
    there to be fed.

    On Linux the kernel's device, which every app can open, comes before PipeWire's, which needs the camera portal.
    """
    from vcam.sinks import pipewire, virtualcam

    preview = [] if panel else ["preview:"]
    found, reason = virtualcam.available()
    if found:
        return ["v4l2:" if sys.platform == "linux" else "virtualcam:", *preview]
    notes.append(reason)
    if sys.platform == "linux" and pipewire.available()[0]:
        notes.append("using PipeWire's virtual camera instead: only apps that use the camera portal see it")
        return ["pipewire:", *preview]
    return ["preview:"]
