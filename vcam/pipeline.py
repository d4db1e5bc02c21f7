"""Segment, refine, composite: plain calls for one frame; no threads, no files, no clock but the given one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from vcam.backdrops import Backdrop, Scene
from vcam.compose.light import AS_IT_IS, Light, LightSettings
from vcam.frame import Colour, Frame, Matte, PixelFormat, Pixels, Region, Rendered, Size, i420_shape
from vcam.ops import Guide, Ops
from vcam.refine import Refiner
from vcam.segmenters import Segmenter
from vcam.segmenters.portrait import Portrait

STAGES = ("prepare", "guide", "segment", "refine", "background", "composite")
Timer = Callable[[], int]


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """Size and colour of the output, whether it is mirrored, the light on the person, and whether only the main person
    is shown."""

    size: Size
    colour: Colour
    mirror: bool = False
    light: LightSettings = AS_IT_IS
    only_main: bool = False


class Pipeline:
    """Turns a source's frame into a picture that may be shown.

    Args:
        second_look: whether the upper body is looked at closer every few frames (``segmenters.portrait``).
        timer: nanoseconds, for ``stage_ns``; the caller's clock, and the caller may change it.
    """

    def __init__(self, ops: Ops, segmenter: Segmenter, settings: PipelineSettings, timer: Timer = lambda: 0,
                 second_look: bool = True) -> None:
        self.ops = ops
        self.segmenter = segmenter
        self._portrait = Portrait(ops, segmenter, second_look)
        self.settings = settings
        self.stage_ns: dict[str, int] = {}
        self.refiner = Refiner(ops)
        self._light = Light(ops)
        self.timer = timer
        self.observe: Callable[[Frame, Matte], None] | None = None

    def render(self, frame: Frame, backdrop: Backdrop) -> Rendered:
        """The person of ``frame`` over ``backdrop``; the frame itself only if the backdrop is the user's "none".

        Raises:
            VcamError: any stage failed; there is then no picture.
        """
        self.stage_ns = {}
        with self._stage("prepare"):
            prepared = self._prepare(frame)
        if not backdrop.replaces:
            self.reset()
            return Rendered(prepared, "raw")
        guide, matte = self._understand(prepared)
        if self.observe is not None:
            self.observe(prepared, matte)
        with self._stage("background"):
            background = backdrop.pixels(Scene(prepared, guide, matte, self.ops))
        with self._stage("composite"):
            lit = self._light.lit(prepared, guide, matte, background, self.settings.light)
            pixels = self._composite(lit, matte, background)
        return Rendered(_like(prepared, pixels), "composite")

    def full_alpha(self, frame: Frame) -> tuple[Frame, Pixels]:
        """The frame as the pipeline sees it, and its matte at full resolution: uint8 (height, width)."""
        prepared = self._prepare(frame)
        _, matte = self._understand(prepared)
        return prepared, self.ops.full_alpha(prepared, matte)

    def warm_up(self, backdrop: Backdrop) -> None:
        """Load (the first time ever: compile) every kernel, so that the first real frame is not late."""
        grey = np.full(i420_shape(self.settings.size), 128, np.uint8)
        frames = [Frame(grey, PixelFormat.I420, seq, Fraction(seq, 30), 0, self.settings.colour) for seq in range(5)]
        for frame in frames[:2]:
            self.render(frame, backdrop)
        for frame in frames[2:]:
            self._render_somebody(frame)
        self.reset()

    def _render_somebody(self, frame: Frame) -> None:
        """As if the network had found a person: without one there are no edges, and nothing to tell from the room."""
        guide = self.ops.guide(frame)
        height, width = guide.planes.shape[1:]
        evidence = np.zeros((height, width), np.float32)
        evidence[height // 3:, width // 3:2 * width // 3] = 1
        found = self.ops.to_device(evidence)
        look = self.ops.second_look(found, found, Region.whole(frame.size), guide)
        matte = self.refiner.refine(frame, guide, self.ops.corrected(found, guide, look))
        self.ops.composite(frame, matte, frame.pixels)

    def reset(self) -> None:
        """Forget the past: a new source, a cut, a seek."""
        self._portrait.reset()
        self.refiner.reset()
        self._light.reset()

    def adopt(self, former: Pipeline) -> None:
        """Go on with what another pipeline has learnt of the same pictures: room, things pointed at, the last matte."""
        if (former.settings.size, type(former.ops)) == (self.settings.size, type(self.ops)):
            self.refiner, self._light = former.refiner, former._light

    def _prepare(self, frame: Frame) -> Frame:
        return self.ops.prepare(frame, self.settings.size, self.settings.colour, self.settings.mirror)

    def _understand(self, prepared: Frame) -> tuple[Guide, Matte]:
        with self._stage("guide"):
            guide = self.ops.guide(prepared)
        with self._stage("segment"):
            evidence = self._portrait.look(prepared, guide)
        with self._stage("refine"):
            self.refiner.subject.only_main = self.settings.only_main
            return guide, self.refiner.refine(prepared, guide, evidence)

    def _composite(self, frame: Frame, matte: Matte, background: Pixels) -> Pixels:
        # A matte is never blended over another frame, nor over a background of another shape (Law 1).
        if matte.seq != frame.seq or background.shape != frame.pixels.shape:
            raise AssertionError(f"matte {matte.seq} / background {background.shape} do not fit frame {frame.seq} "
                                 f"{frame.pixels.shape}")
        return self.ops.composite(frame, matte, background)

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        begun = self.timer()
        yield
        self.stage_ns[name] = self.timer() - begun


def _like(frame: Frame, pixels: Pixels) -> Frame:
    return Frame(pixels, frame.format, frame.seq, frame.pts, frame.captured_ns, frame.colour)
