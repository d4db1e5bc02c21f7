"""What a room's configuration asks for: which cameras there are, and what is true of all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vcam import config
from vcam.config import Settings, extra, fields
from vcam.errors import ConfigError, UsageError

# What only one can have, or what is one camera's and nobody else's.
_NOT_FOR_ALL = ("sink", "source")


@dataclass(frozen=True, slots=True)
class Plan:
    """``shared``: the settings beside those of the cameras. ``flags``: of each camera's process."""

    path: Path | None
    cameras: tuple[str, ...]
    shared: Settings
    flags: tuple[str, ...]


def make_plan(flags: Mapping[str, object], path: Path | None) -> Plan:
    """Read and check the whole of it.

    Args:
        flags: as given on the command line, for all cameras.

    Raises:
        ConfigError: an unknown key, or a value that does not fit; a camera without a sink; two with the same source.
        UsageError: a flag that cannot be meant for all.
    """
    file = path or config.config_path()
    for name in _NOT_FOR_ALL:
        if flags.get(name):
            raise UsageError(f"{extra(fields()[name], 'flags')[0]} cannot be meant for every camera of {file}",
                             "write it into the camera's own table there, or run one of them alone: --camera NAME")
    cameras = config.cameras(path)
    sources: dict[str, str] = {}
    for camera in cameras:
        settings = config.resolve(flags, path=path, camera=camera).settings
        if not settings.sink:
            raise ConfigError(f"camera '{camera}' in {file} has no sink, nobody would see it",
                              'give it one: sink = ["rtmp://…"]')
        if settings.source in sources and settings.source.startswith("camera:"):
            raise ConfigError(f"cameras '{sources[settings.source]}' and '{camera}' in {file} are both "
                              f"'{settings.source}'", "each can be opened once: vcam devices")
        sources[settings.source] = camera
    return Plan(path, cameras, config.resolve(flags, path=path).settings, _typed(flags))


def _typed(flags: Mapping[str, object]) -> tuple[str, ...]:
    """The flags again, as they are typed; the panel is the room's."""
    words: list[str] = []
    for name, value in flags.items():
        if value in (None, (), []) or name in ("panel", "panel_token"):
            continue
        told: Any = extra(fields()[name], "flags")[0]
        if isinstance(value, bool):
            words.append(told.split("/")[0 if value else 1])
        else:
            words += [told, str(value)]
    return tuple(words)
