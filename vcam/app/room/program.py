"""``vcam run`` where the configuration names several cameras."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from vcam.app.headless import start_journal
from vcam.app.room.front import Front
from vcam.app.room.plan import make_plan
from vcam.app.room.supervisor import Supervisor
from vcam.app.web.place import Place, authority, parse_place

log = logging.getLogger("vcam")


def run_room(flags: Mapping[str, object], path: Path | None, words: tuple[str, ...], debug: bool) -> int:
    """Until all cameras have ended, or a signal; the exit code.

    Args:
        flags: settings given on the command line, for all cameras.
        words: flags of `vcam run` that are no settings, for all cameras.

    Raises:
        VcamError: the configuration is wrong, or the panel's port is taken.
    """
    plan = make_plan(flags, path)
    start_journal(debug)
    place = parse_place(plan.shared.panel, plan.shared.panel_token)
    with ExitStack() as stack:
        listening = place.bind() if place is not None else None
        supervisor = Supervisor(plan, ("--panel", _panel(place), *words), lambda: make_plan(flags, path))
        if place is not None and listening is not None:
            front = Front(supervisor, place, listening)
            stack.callback(front.stop)
            front.start()
            log.info("panel of all cameras: %s", front.url)
        return supervisor.run()


def _panel(place: Place | None) -> str:
    """Where the cameras' own panels are: for the same visitors as the room's, at any free port."""
    return "off" if place is None else authority(place.host, 0)
