"""``vcam pause``, ``resume``, ``freeze``, ``panic`` and ``status``: words for a vcam that runs already.

They are quick, so that a desktop's own keyboard shortcuts can be bound to them.
"""

from __future__ import annotations

import json as json_module
import sys
from typing import Annotated, Any

import typer

from vcam.app.console import explained, out


@explained
def pause() -> None:
    """Show the away card and turn the camera off, until `vcam resume`."""
    _tell("pause")


@explained
def resume() -> None:
    """Go live again after pause, freeze or panic."""
    _tell("resume")


@explained
def freeze() -> None:
    """Let the last composited picture stand still and turn the camera off, until `vcam resume`."""
    _tell("freeze")


@explained
def panic() -> None:
    """Show a card at once and turn the camera off, until `vcam resume`."""
    _tell("panic")


@explained
def status(json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Say what the running vcam does."""
    from vcam.control.remote import tell

    state = tell("status")
    if json:
        sys.stdout.write(json_module.dumps(state, indent=1) + "\n")
    else:
        _print(state)


def _tell(command: str) -> None:
    from vcam.control.remote import tell

    _print(tell(command))


def _print(state: dict[str, Any]) -> None:
    run = state["run"]
    camera = "camera on" if run["camera_on"] else "camera off"
    out.print(f"{run['phase']}: {run['source']} → {run['background']}, {run['size']}, {run['fps']:.1f} fps, "
              f"{run['cpu']:.0f} % CPU, {camera}", highlight=False)
    if run["problem"]:
        out.print(run["problem"], style="red", highlight=False, markup=False)
    for sink in run["sinks"]:
        viewers = sink["watchers"]
        watched = {None: "", 0: ", nobody watches", 1: ", 1 viewer"}.get(viewers, f", {viewers} viewers")
        out.print(f"  {sink['note'] or sink['name']}{watched} {sink['problem']}", highlight=False, markup=False)
