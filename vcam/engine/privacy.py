"""What viewers may see now: the live picture, a card in its place, or the last picture standing still."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from vcam.frame import Pixels


class Privacy(StrEnum):
    """LIVE: the composited picture. AWAY: the away card, camera off. FROZEN: the last composited picture, camera off.
    PANIC: a card at once, camera off, until it is taken back."""

    LIVE = "live"
    AWAY = "away"
    FROZEN = "frozen"
    PANIC = "panic"


@dataclass(frozen=True, slots=True, eq=False)
class AwayCard:
    """What the away card shows: words, or the user's own picture and, over it, the title if there is one.

    ``picture``: BGR (height, width, 3) of the output's size.
    """

    title: str = "Be right back"
    picture: Pixels | None = None
