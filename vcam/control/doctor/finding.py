"""What a check says: one thing that was looked at, how it stands, and what mends it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from vcam.control.doctor.system import System

Level = Literal["ok", "warning", "problem", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        topic: heading under which it is shown.
        name: what was looked at.
        level: ``ok``; ``warning`` works with limits; ``problem`` does not work; ``skipped`` does not apply here.
        found: what was found, in a sentence.
        fix: shell commands that mend it, in order.
    """

    topic: str
    name: str
    level: Level
    found: str
    fix: tuple[str, ...] = ()


Check = Callable[[System], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Topic:
    """Checks under one heading; elsewhere than on ``platforms`` (empty: everywhere) they are skipped for ``reason``."""

    name: str
    checks: tuple[Check, ...]
    platforms: tuple[str, ...] = ()
    reason: str = ""
