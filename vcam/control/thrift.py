"""Holds a run to the user's CPU budget: shows the governor what was measured, and says which tier it wants."""

from __future__ import annotations

from vcam.config import Settings
from vcam.control.governor import Governor, Measured
from vcam.engine.status import Phase, RunStatus

WINDOW_SECONDS = 3.0


class Thrift:
    """One run's governor, made anew when the user chooses another budget or tier."""

    def __init__(self) -> None:
        self._governor: Governor | None = None
        self._begun = 0.0
        self._before: RunStatus | None = None

    @property
    def reason(self) -> str:
        """Why the tier is what it is, or empty."""
        return self._governor.reason if self._governor else ""

    def look(self, now: float, settings: Settings, run: RunStatus) -> str:
        """The tier to change to, or empty. ``now`` in seconds; a window that was not live throughout does not count."""
        if settings.budget is None:
            self._governor = self._before = None
            return ""
        if self._governor is None or (self._governor.budget, self._governor.tier.name) != (
                settings.budget, settings.tier):
            self._governor, self._before = Governor(settings.budget, settings.tier), None
        if run.phase is not Phase.LIVE or self._before is None:
            self._begun, self._before = now, run if run.phase is Phase.LIVE else None
            return ""
        if now - self._begun < WINDOW_SECONDS:
            return ""
        measured = _measured(self._before, run, now - self._begun)
        self._begun, self._before = now, run
        tier = self._governor.observe(measured)
        return tier.name if tier else ""


def _measured(before: RunStatus, after: RunStatus, seconds: float) -> Measured:
    """What came from the camera is what is wanted: one that gives fewer pictures in the dark is nobody's fault."""
    return Measured(after.cpu, (after.rendered - before.rendered) / seconds,
                    (after.captured - before.captured) / seconds)
