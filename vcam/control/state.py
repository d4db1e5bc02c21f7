"""The state that every front end draws."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass

from vcam.engine.status import RunStatus


@dataclass(frozen=True, slots=True)
class State:
    """A run's snapshot, and how it was put together."""

    run: RunStatus
    model: str
    runtime: str
    device: str
    notes: tuple[str, ...] = ()

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(dataclasses.asdict(self), separators=(",", ":"))
