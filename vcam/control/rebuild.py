"""Changed settings become changed parts: loaded beside the running ones, then exchanged all at once, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from fractions import Fraction

from vcam.backdrops import Backdrop
from vcam.config import Settings
from vcam.control import wiring
from vcam.control.away import away_card, load_away_picture
from vcam.control.live_settings import Part, changed_names, parts_of
from vcam.control.sourcing import Sourcing
from vcam.control.trial import try_backdrop, try_pipeline
from vcam.control.wiring import Assembly
from vcam.engine.change import Change
from vcam.errors import VcamError
from vcam.frame import Colour, Size
from vcam.pipeline import PipelineSettings
from vcam.sinks import Sink


def rebuild(assembly: Assembly, before: Settings, after: Settings) -> None:
    """Change what runs, and bring ``assembly`` up to date.

    Args:
        before: the settings that it was made from.

    Raises:
        VcamError: a setting cannot change while vcam runs, or a part cannot be loaded, opened or exchanged;
            everything is as it was.
    """
    parts = parts_of(changed_names(before, after))
    with ExitStack() as undo:
        _Rebuild(assembly, before, after, parts, undo).carry_out()
        undo.pop_all()
    if Part.SINKS in parts:
        _stop_sinks(assembly, after)
    assembly.run.parts.gate.follow(not after.always_on)


class _Rebuild:
    """``undo`` takes back what was done so far."""

    def __init__(self, assembly: Assembly, before: Settings, after: Settings, parts: set[Part],
                 undo: ExitStack) -> None:
        self._assembly = assembly
        self._after = after
        self._parts = parts
        self._undo = undo
        self._run = assembly.run.parts
        self._sourcing = Sourcing(assembly, before, after)
        self._colour = self._run.processing.settings.colour

    def carry_out(self) -> None:
        if Part.SINKS in self._parts:
            self._start_sinks()
        if Part.SIZE in self._parts:
            former = self._change_size()
        else:
            change = self._loaded(self._run.processing.settings.size, self._colour)
            former = self._sourcing.switch(change) if Part.SOURCE in self._parts else self._exchange(change)
        if former.backdrop is not None:
            former.backdrop.close()
        if former.pipeline is not None:
            former.pipeline.segmenter.close()

    def _exchange(self, change: Change) -> Change:
        return change if change.is_empty else self._run.exchange(change)

    def _change_size(self) -> Change:
        """The sinks decide first, so that a size that one of them cannot take does not even touch the camera: unless
        it is the source that says which size."""
        if self._after.size is not None:
            former = self._resize(self._after.size)
            self._sourcing.switch(Change())
        else:
            self._sourcing.switch(Change())
            self._undo.callback(_quietly, self._sourcing.switch_back)
            former = self._resize(self._sourcing.own_size())
        return former

    def _resize(self, size: Size) -> Change:
        colour = wiring.told_colour(self._assembly.sinks) or Colour.for_height(size.height)
        former = self._run.resize(self._loaded(size, colour))
        self._undo.callback(_quietly, lambda: self._run.resize(former))
        return former

    def _loaded(self, size: Size, colour: Colour) -> Change:
        """Everything that must be new for pictures of this size and colour, tried out."""
        now = self._run.processing.settings
        resized = (size, colour) != (now.size, now.colour)
        picture = wiring.picture_settings(self._after, size, colour)
        change = Change(picture=picture if picture != now else None)
        if Part.NETWORK in self._parts:
            pipeline = wiring.make_pipeline(self._after, picture)
            self._undo.callback(pipeline.segmenter.close)
            try_pipeline(pipeline)
            change = replace(change, pipeline=pipeline, picture=None)
        if Part.BACKDROP in self._parts or resized:
            change = replace(change, backdrop=self._backdrop(picture))
        if Part.AWAY in self._parts or resized:
            change = replace(change, away=away_card(self._after, load_away_picture(self._after), size))
        wiring.check_policy(self._after, change.backdrop or self._run.processing.backdrop)
        return change

    def _backdrop(self, picture: PipelineSettings) -> Backdrop:
        shelf = self._assembly.shelf
        backdrop = shelf.take(self._after, picture)
        if backdrop is None:
            backdrop = wiring.load_backdrop(self._after, picture)
            self._undo.callback(backdrop.close)
            newest = self._run.processing.newest
            try_backdrop(backdrop, picture, self._after.device, newest.frame.pts if newest else Fraction(0))
            shelf.keep(self._after, picture, backdrop)
        return backdrop

    def _start_sinks(self) -> None:
        running = [spec for spec, _ in self._assembly.sinks]
        for spec in (spec for spec in _wanted_sinks(self._assembly, self._after) if spec not in running):
            sink = wiring.choose_sink(self._after, spec)
            self._run.outputs.add(sink)
            self._assembly.sinks.append((spec, sink))
            self._undo.callback(_stop_sink, self._assembly, spec, sink)


def _wanted_sinks(assembly: Assembly, settings: Settings) -> list[str]:
    """Settings that name none mean those that were found at the start."""
    return list(settings.sink) or [spec for spec, _ in assembly.sinks]


def _stop_sinks(assembly: Assembly, settings: Settings) -> None:
    wanted = _wanted_sinks(assembly, settings)
    for spec, sink in [(spec, sink) for spec, sink in assembly.sinks if spec not in wanted]:
        _stop_sink(assembly, spec, sink)


def _stop_sink(assembly: Assembly, spec: str, sink: Sink) -> None:
    assembly.sinks.remove((spec, sink))
    assembly.run.parts.outputs.remove(sink)


def _quietly(step: Callable[[], object]) -> None:
    """A step back; why there is one is told already."""
    with suppress(VcamError):
        step()
