"""A snapshot of a run: immutable, fit for JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Phase(StrEnum):
    """What viewers get.

    STARTING: nothing yet. LIVE: the composited picture. CARD: the placeholder, because something failed. IDLE: nobody
    watches, the camera is off. AWAY, FROZEN, PANIC: what the user chose. STOPPED: the run is over.
    """

    STARTING = "starting"
    LIVE = "live"
    CARD = "card"
    IDLE = "idle"
    AWAY = "away"
    FROZEN = "frozen"
    PANIC = "panic"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class SinkStatus:
    """One output. ``problem``: why it gets nothing now, or empty. ``reopened``: how often it was lost and came back.
    ``kbit_s``: what it sends now, where that is known.
    """

    name: str
    fps: float
    sent: int
    dropped: int
    delay_ms: float
    delay_p99_ms: float
    mean_fps: float
    watchers: int | None = None
    note: str = ""
    problem: str = ""
    reopened: int = 0
    kbit_s: float = 0.0


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
    camera_on: bool = True
    reopened: int = 0
    stage_ms: dict[str, float] = field(default_factory=dict)
    sinks: tuple[SinkStatus, ...] = ()
