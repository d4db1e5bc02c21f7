"""Tiers of quality: what a frame may cost, from light to best (measured: two networks averaged were no better)."""

from __future__ import annotations

from dataclasses import dataclass

from vcam.errors import UsageError


@dataclass(frozen=True, slots=True)
class Tier:
    """How the person is found.

    Attributes:
        model: the network.
        second_look: whether the upper body is looked at closer every few frames (``segmenters.portrait``).
        cost: CPU milliseconds of a 720p frame, all stages, relative to the other tiers'.
        title: in words.
    """

    name: str
    model: str
    second_look: bool
    cost: float
    title: str


TIERS = {tier.name: tier for tier in (
    Tier("light", "landscape", False, 3.9, "small network, one look: for batteries and old laptops"),
    Tier("default", "general", True, 6.0, "larger network, a closer second look at the upper body"),
)}


def find_tier(name: str) -> Tier:
    """The tier of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in TIERS:
        raise UsageError(f"unknown tier '{name}'", f"known: {', '.join(TIERS)}")
    return TIERS[name]
