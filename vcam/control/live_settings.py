"""Which part of a run each setting belongs to, so that a change rebuilds just that part.

A new setting is a row of ``PART_OF``; one that only changes how pictures are made belongs to ``PICTURE`` and reaches
the pipeline through ``wiring.picture_settings``. An empty row is for what is only looked at when the next sink starts.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from vcam.address import shown_spec, shown_specs
from vcam.config import Settings, fields
from vcam.errors import UsageError


class Part(StrEnum):
    """What a change of the setting exchanges.

    SOURCE: the camera is opened anew. SIZE: also every sink. NETWORK: model, runtime and device. PICTURE: how pictures
    are made. BACKDROP, AWAY: what is loaded for them. DEMAND: when the camera is on, and what it all may cost. SINKS:
    where pictures go. RULE: only what is allowed.
    """

    SOURCE = "source"
    SIZE = "size"
    NETWORK = "network"
    PICTURE = "picture"
    BACKDROP = "backdrop"
    AWAY = "away"
    DEMAND = "demand"
    SINKS = "sinks"
    RULE = "rule"
    START = "start"


PART_OF: dict[str, tuple[Part, ...]] = {
    "source": (Part.SOURCE,),
    "size": (Part.SIZE, Part.SOURCE),
    "fps": (Part.SOURCE,),
    "loop": (Part.SOURCE,),
    "mirror": (Part.PICTURE,),
    "background": (Part.BACKDROP,),
    "fit": (Part.BACKDROP, Part.AWAY),
    "slideshow_seconds": (Part.BACKDROP,),
    "backgrounds_folder": (Part.BACKDROP,),
    "away_text": (Part.AWAY,),
    "away_picture": (Part.AWAY,),
    "subject": (Part.PICTURE,),
    "light_match": (Part.PICTURE,),
    "light_wrap": (Part.PICTURE,),
    "tier": (Part.NETWORK,),
    "budget": (Part.DEMAND,),
    "model": (Part.NETWORK,),
    "runtime": (Part.NETWORK,),
    "device": (Part.NETWORK,),
    "always_on": (Part.DEMAND,),
    "require_background": (Part.RULE,),
    "sink": (Part.SINKS,),
    "stream_bitrate": (),
    "stream_keyframes": (),
    "stream_preset": (),
    "stream_encoder": (),
    "stream_audio": (),
    "panel": (Part.START,),
    "panel_token": (Part.START,),
}

# Not remembered: where pictures go (a recording must not begin by itself, over the last one), and what is allowed.
_FORGOTTEN = (Part.SINKS, Part.RULE, Part.START)


def changed_names(before: Settings, after: Settings) -> set[str]:
    """The settings that differ."""
    return {name for name in fields() if getattr(before, name) != getattr(after, name)}


def parts_of(names: set[str]) -> set[Part]:
    """The parts that a change of these settings touches.

    Raises:
        UsageError: one belongs to no part: it is only looked at when a run starts.
    """
    for name in sorted(name for name in names if Part.START in PART_OF.get(name, (Part.START,))):
        raise UsageError(f"setting '{name}' cannot be changed while vcam runs", f"vcam config set {name} VALUE, then "
                         "start vcam again")
    return {part for name in names for part in PART_OF[name]}


def is_remembered(name: str) -> bool:
    """Whether a choice comes back after a restart, and belongs to a profile."""
    parts = PART_OF.get(name, ())
    return bool(parts) and not set(parts) & set(_FORGOTTEN)


def plain(value: object) -> Any:
    """A setting's value as JSON and TOML can hold it; None stays."""
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def plain_settings(settings: Settings) -> dict[str, Any]:
    """All settings by name, fit for JSON; ``config.changed`` takes them back."""
    return {name: plain(value) for name, value in settings}


def shown_settings(settings: Settings) -> dict[str, Any]:
    """All settings by name, fit for JSON and for everybody: no password, token or stream key."""
    return {name: shown(name, value) for name, value in settings}


def shown(name: str, value: object) -> Any:
    """The value of a setting as everybody may see it."""
    if name == "panel_token":
        return "…" if value else ""
    if name == "sink" and isinstance(value, tuple | list):
        return list(shown_specs([str(item) for item in value]))
    return shown_spec(value) if isinstance(value, str) else plain(value)
