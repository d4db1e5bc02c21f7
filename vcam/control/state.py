"""The state that every front end draws."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from vcam.control.gallery import Known
from vcam.engine.status import RunStatus


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was wanted and failed. ``about``: what the command was about (a verb's ``about``)."""

    about: str
    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """A run's snapshot, how it was put together, and what was chosen.

    Attributes:
        notes: what the user should know of what was chosen by itself.
        serial: grows with every state that is told.
        panel: the panel's address, or empty.
        things: how many were pointed at with keep and drop.
        capturing: whether the empty room is being learnt now.
        tier_reason: why the CPU budget chose the tier in ``settings``, or empty.
        privacy: live, away, frozen or panic: the user's choice (``run.phase`` is what viewers get).
        busy: what is being loaded now, or empty.
        settings: all settings by name, as JSON holds them.
        source, sinks: the specs in use, also where the settings leave them open; ``sinks`` in the order of
            ``run.sinks``.
        profile: the one in use, or empty once something was changed.
        recent: the last backgrounds, the newest first.
        problems: what failed lately and was not done since.
    """

    run: RunStatus
    model: str
    runtime: str
    device: str
    notes: tuple[str, ...] = ()
    serial: int = 0
    instance: str = ""
    pid: int = 0
    panel: str = ""
    things: int = 0
    capturing: bool = False
    tier_reason: str = ""
    privacy: str = "live"
    busy: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    sinks: tuple[str, ...] = ()
    profile: str = ""
    profiles: tuple[str, ...] = ()
    backgrounds: tuple[Known, ...] = ()
    recent: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return dataclasses.asdict(self)

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(self.as_dict(), separators=(",", ":"))

    def without_numbers(self) -> State:
        """Less what changes all the time: two states that differ in this differ in a way that is told at once."""
        sinks = tuple(replace(sink, fps=0, sent=0, dropped=0, delay_ms=0, delay_p99_ms=0, mean_fps=0, kbit_s=0)
                      for sink in self.run.sinks)
        run = replace(self.run, seconds=0, captured=0, rendered=0, dropped=0, failed=0, fps=0, cpu=0, stage_ms={},
                      sinks=sinks)
        return replace(self, run=run, serial=0)
