"""A snapshot of a run: immutable, fit for JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Phase(StrEnum):
    """What viewers get: nothing yet, the composited picture, the placeholder card; or the run is over."""

    STARTING = "starting"
    LIVE = "live"
    CARD = "card"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class SinkStatus:
    """One output. ``problem``: why it gets nothing now, or empty."""

    name: str
    fps: float
    sent: int
    dropped: int
    delay_ms: float
    delay_p99_ms: float
    mean_fps: float
    note: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RunStatus:
    """The whole run. Times in milliseconds, rates in pictures a second, ``cpu`` in percent of one core."""

    phase: Phase
    problem: str
    source: str
    background: str
    size: str
    seconds: float
    captured: int
    rendered: int
    dropped: int
    failed: int
    fps: float
    cpu: float
    stage_ms: dict[str, float] = field(default_factory=dict)
    sinks: tuple[SinkStatus, ...] = ()
