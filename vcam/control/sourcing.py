"""Another source for a run: opened beside the old one where both can be open, in its place where they cannot."""

from __future__ import annotations

from contextlib import suppress

from vcam.config import Settings
from vcam.control import wiring
from vcam.control.wiring import Assembly
from vcam.engine.change import Change
from vcam.errors import SourceError, VcamError
from vcam.frame import Size
from vcam.sources import Source
from vcam.sources.cameras import CameraInfo, check_access, find_camera


class Sourcing:
    """One change of source, from the settings ``before`` to those ``after``."""

    def __init__(self, assembly: Assembly, before: Settings, after: Settings) -> None:
        self._assembly = assembly
        # A source that was chosen by itself stays that one when something else of it changes.
        keeps = after.source == before.source
        self._before = before.model_copy(update={"source": assembly.source})
        self._after = after.model_copy(update={"source": assembly.source}) if keeps else after
        self._run = assembly.run.parts

    def switch(self, change: Change) -> Change:
        """Go on with the wanted source, and exchange ``change`` with it; the former parts.

        Raises:
            VcamError: it is unknown or does not open; the old one goes on.
        """
        return self._go_on_with(self._after, self._before, change)

    def switch_back(self) -> None:
        """After ``switch``: go on with the old source.

        Raises:
            VcamError: it does not open any more; the new one goes on.
        """
        self._go_on_with(self._before, self._after, Change())

    def own_size(self) -> Size:
        """The size that the source gives by itself; of a camera that is off, the one it is asked for."""
        source = self._run.source
        try:
            return wiring.output_size(self._after, source)
        except SourceError:
            return wiring.CAMERA_SIZE

    def _go_on_with(self, wanted: Settings, held: Settings, change: Change) -> Change:
        notes: list[str] = []
        spec, source = wiring.choose_source(wanted, wiring.told_colour(self._assembly.sinks), notes)
        in_place = self._run.gate.is_open and _is_same_camera(spec, self._assembly.source)
        if in_place and not self._run.release():
            self._take_back(held)
            raise SourceError(f"camera '{self._assembly.source}' hangs and cannot be set up anew",
                              "unplug it and plug it in again")
        try:
            self._open(spec, source)
            former = self._run.take(source, wiring.highest_fps(wanted), change)
        except VcamError:
            source.close()
            if in_place:
                self._take_back(held)
            raise
        self._assembly.source = spec
        self._assembly.notes = (*self._assembly.notes, *(note for note in notes if note not in self._assembly.notes))
        return former

    def _open(self, spec: str, source: Source) -> None:
        """A camera's light stays off while no frames are wanted: whether it is there can be told without."""
        if self._run.gate.is_open or not wiring.is_camera(spec):
            source.open()
        else:
            check_access(_camera(spec))

    def _take_back(self, held: Settings) -> None:
        _, source = wiring.choose_source(held, wiring.told_colour(self._assembly.sinks), [])
        with suppress(SourceError):
            self._open(self._assembly.source, source)
        self._run.take_back(source, wiring.highest_fps(held))


def _is_same_camera(spec: str, other: str) -> bool:
    if not (wiring.is_camera(spec) and wiring.is_camera(other)):
        return False
    first = _camera(spec)
    try:
        second = _camera(other)
    except SourceError:  # it is gone: nothing holds it
        return False
    return (first.index, first.path) == (second.index, second.path)


def _camera(spec: str) -> CameraInfo:
    return find_camera(spec.removeprefix("camera:"))
