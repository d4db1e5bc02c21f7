"""The quality governor: the best tier that keeps the frame rate within the user's CPU budget.

It goes down quickly (two bad windows) and up slowly (ten good ones), only if the better tier is expected to fit, and
waits longer after each attempt that did not hold. No clock of its own: it is shown measurements.
"""

from __future__ import annotations

from dataclasses import dataclass

from vcam.segmenters.tiers import TIERS, Tier

# Windows that must be bad before a step down and good before a step up; longest wait after steps up in vain.
_BAD, _GOOD, _LONGEST = 2, 10, 160
# Shares of the budget: above the first is too much; a better tier must be expected under the second.
_OVER, _FITS = 1.05, 0.9
# Under this share of the wanted frame rate the computer does not keep up.
_KEEPS_UP = 0.93


@dataclass(frozen=True, slots=True)
class Measured:
    """A few seconds of a run: percent of one core, pictures a second rendered and wanted."""

    cpu: float
    fps: float
    wanted_fps: float


class Governor:
    """Chooses a tier.

    Args:
        budget: percent of one core.
        tier: the one in use.
    """

    def __init__(self, budget: float, tier: str) -> None:
        self.budget = budget
        self._order = list(TIERS.values())
        self._place = self._order.index(TIERS[tier])
        self._bad = self._good = 0
        self._patience = _GOOD
        self._climbed = False
        self.reason = ""

    @property
    def tier(self) -> Tier:
        return self._order[self._place]

    def observe(self, measured: Measured) -> Tier | None:
        """The tier to change to after this window, or None. ``reason`` then says why."""
        trouble = self._trouble(measured)
        if trouble:
            self._bad, self._good = self._bad + 1, 0
            return self._step_down(trouble) if self._bad >= _BAD else None
        self._bad = 0
        self._good += 1
        if self._good >= self._patience and self._would_fit(measured):
            return self._step_up(measured)
        if self._good >= _LONGEST:
            self._patience, self._climbed = _GOOD, False  # it held: earlier attempts in vain are forgotten
        return None

    def _trouble(self, measured: Measured) -> str:
        if measured.cpu > self.budget * _OVER:
            return f"{measured.cpu:.0f} % of a core is over the budget of {self.budget:.0f} %"
        if measured.fps < measured.wanted_fps * _KEEPS_UP:
            return f"{measured.fps:.0f} of {measured.wanted_fps:.0f} pictures a second"
        return ""

    def _step_down(self, trouble: str) -> Tier | None:
        self._bad = 0
        if self._climbed:
            self._patience = min(self._patience * 2, _LONGEST)
            self._climbed = False
        if self._place == 0:
            self.reason = f"{trouble}, and there is no lighter tier"
            return None
        self._place -= 1
        self.reason = trouble
        return self.tier

    def _would_fit(self, measured: Measured) -> bool:
        if self._place + 1 == len(self._order):
            return False
        expected = measured.cpu * self._order[self._place + 1].cost / self.tier.cost
        return expected < self.budget * _FITS

    def _step_up(self, measured: Measured) -> Tier:
        self._good, self._climbed = 0, True
        self._place += 1
        self.reason = f"{measured.cpu:.0f} % of a core leaves room within {self.budget:.0f} %"
        return self.tier
