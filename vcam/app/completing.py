"""What the shell offers for an argument: the running vcam knows best; without one, what can be found out alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, get_args

import typer

from vcam.control.verbs import Parameter
from vcam.errors import VcamError

_SINKS = ("preview:", "v4l2:", "virtualcam:", "pipewire:", "null:")
_BACKGROUNDS = ("next", "previous", "blur", "green", "none")


def of(parameter: Parameter) -> Callable[[typer.Context, str], list[str]]:
    """The completion of an argument of the table."""
    def offered(context: typer.Context, incomplete: str) -> list[str]:
        found: Iterable[str] = parameter.choices or _KINDS.get(parameter.told.completes, _nothing)(context)
        return [text for text in found if text.startswith(incomplete)]

    return offered


def _nothing(context: typer.Context) -> Iterable[str]:
    del context
    return ()


def _state(context: typer.Context) -> dict[str, Any]:
    from vcam.control import remote

    with suppress(VcamError):
        return remote.status(context.params.get("instance") or "")
    return {}


def _backgrounds(context: typer.Context) -> Iterable[str]:
    if state := _state(context):
        return [*_BACKGROUNDS, *(known["name"] for known in state["backgrounds"])]
    from vcam.backdrops.library import items
    from vcam.config import resolve

    return [*_BACKGROUNDS, *(item.name for item in items(resolve({}).settings.backgrounds_folder))]


def _cameras(context: typer.Context) -> Iterable[str]:
    del context
    from vcam.sources.camera import list_cameras

    return [str(camera.index) for camera in list_cameras()] + [camera.name for camera in list_cameras() if camera.name]


def _settings(context: typer.Context) -> Iterable[str]:
    del context
    from vcam.config import fields

    return fields()


def _values(context: typer.Context) -> Iterable[str]:
    from vcam.config import fields

    name = context.params.get("name")
    if name == "background":
        return _backgrounds(context)
    field = fields().get(str(name))
    if field is None:
        return ()
    return ("true", "false") if field.annotation is bool else [text for text in get_args(field.annotation)
                                                               if isinstance(text, str)]


def _profiles(context: typer.Context) -> Iterable[str]:
    if state := _state(context):
        return list(state["profiles"])
    from vcam.control.profiles import Profiles, profiles_path

    return Profiles(profiles_path()).names()


def _running_sinks(context: typer.Context) -> Iterable[str]:
    return list(_state(context).get("sinks", ()))


def _sinks(context: typer.Context) -> Iterable[str]:
    del context
    return _SINKS


_KINDS: dict[str, Callable[[typer.Context], Iterable[str]]] = {
    "background": _backgrounds, "camera": _cameras, "setting": _settings, "value": _values, "profile": _profiles,
    "sink": _sinks, "running sink": _running_sinks}
