"""From what the user typed, and chose the last time, to a controller that is ready to start."""

from __future__ import annotations

from collections.abc import Callable

from vcam.config import Settings
from vcam.control.configuration import Configuration
from vcam.control.controller import Controller
from vcam.control.director import Director
from vcam.control.live_settings import PART_OF, Part
from vcam.control.memory import Memory, Remembered, state_path
from vcam.control.profiles import Profiles, profiles_path
from vcam.control.wiring import Assembly, assemble
from vcam.engine.privacy import Privacy
from vcam.errors import BackdropError, DeviceError, ModelError, SegmenterError, SourceError, UsageError, VcamError

_SUSPECTS: tuple[tuple[type[VcamError], tuple[Part, ...]], ...] = (
    (SourceError, (Part.SOURCE, Part.SIZE)), (BackdropError, (Part.BACKDROP, Part.AWAY)),
    (UsageError, (Part.BACKDROP, Part.AWAY)), (ModelError, (Part.NETWORK,)), (SegmenterError, (Part.NETWORK,)),
    (DeviceError, (Part.NETWORK,)))


def begin(configuration: Configuration, instance: str = "", forget: bool = False, frames: int = 0,
          seconds: float = 0.0, patient: bool = False) -> tuple[Controller, Assembly]:
    """Put everything together; what was chosen last and is no longer there is told and left out.

    Args:
        forget: what was chosen last, for good.
        frames, seconds: when the run ends by itself.
        patient: a source or a live sink that cannot be opened yet is waited for.

    Raises:
        VcamError: what the user typed cannot be done.
    """
    memory = Memory(state_path(instance))
    if forget:
        memory.forget()
    remembered, problem = memory.read()
    notes = [problem] if problem else []
    assembly, settings = _assembled(
        configuration, remembered, lambda settings: assemble(settings, frames, seconds, patient), notes)
    if remembered.privacy != Privacy.LIVE.value:
        hidden = Privacy.PANIC if remembered.privacy == Privacy.PANIC.value else Privacy.AWAY
        assembly.run.set_privacy(hidden)
        notes.append("vcam ended unexpectedly while you were hidden, and you still are: vcam resume shows you again")
    assembly.notes = (*assembly.notes, *notes)
    director = Director(assembly, settings, configuration, remembered, Profiles(profiles_path()))
    return Controller(director, memory, instance), assembly


def _assembled(configuration: Configuration, remembered: Remembered, assembled: Callable[[Settings], Assembly],
               notes: list[str]) -> tuple[Assembly, Settings]:
    left_out: set[str] = set()
    while True:
        settings, chosen = remembered.without(left_out).applied(configuration)
        try:
            assembly = assembled(settings)
        except VcamError as error:
            if not chosen:
                raise
            without = _suspected(error) & chosen or chosen
            left_out |= without
            notes.append(f"what you chose last is left out ({', '.join(sorted(without))}): {error.message}")
            continue
        if chosen:
            told = ", ".join(f"{name} {getattr(settings, name)}" for name in sorted(chosen))
            notes.insert(0, f"as you chose last: {told} (--forget begins as configured)")
        return assembly, settings


def _suspected(error: VcamError) -> set[str]:
    """The settings that such an error is likely to come from."""
    parts = next((parts for kind, parts in _SUSPECTS if isinstance(error, kind)), ())
    return {name for name, touched in PART_OF.items() if set(touched) & set(parts)}
