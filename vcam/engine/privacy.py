"""What viewers may see now: the live picture, a card in its place, or the last picture standing still."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Privacy(StrEnum):
    """LIVE: the composited picture. AWAY: the away card, camera off. FROZEN: the last composited picture, camera off.
    PANIC: a card at once, camera off, until it is taken back."""

    LIVE = "live"
    AWAY = "away"
    FROZEN = "frozen"
    PANIC = "panic"


@dataclass(frozen=True, slots=True)
class AwayCard:
    """Words on the away card."""

    title: str
    detail: str = ""
