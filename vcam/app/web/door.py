"""From the settings to a panel that waits for visitors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from vcam.app.web.panel import Panel
from vcam.app.web.place import parse_place
from vcam.config import Settings
from vcam.control.controller import Controller
from vcam.engine.live import LiveRun
from vcam.errors import ControlError

Opened = Callable[[Controller, LiveRun], None]


@contextmanager
def door(settings: Settings, tell: Callable[[str], None]) -> Iterator[Opened]:
    """Take the panel's port; gives what starts the panel, to be called before the run starts.

    Raises:
        UsageError: the address or the token is not fit.
        ControlError: the chosen port is taken. That all the usual ones are keeps nobody from a call, and is told.
    """
    place = parse_place(settings.panel, settings.panel_token)
    try:
        listening = place.bind() if place else None
    except ControlError as error:
        if settings.panel:
            raise
        tell(str(error))
        listening = None
    panels: list[Panel] = []

    def opened(controller: Controller, run: LiveRun) -> None:
        if place is not None and listening is not None:
            panels.append(Panel(controller, run, place, listening))
            panels[0].start()
            controller.panel = panels[0].url
            tell(f"panel: {controller.panel}")

    try:
        yield opened
    finally:
        for panel in panels:
            panel.stop()
        if listening is not None:
            listening.close()
