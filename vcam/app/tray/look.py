"""What the icon says of a running vcam, in a picture and in a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

State = Mapping[str, Any]
# Windows cuts longer ones, and pystray fails on them.
_LONGEST_TOOLTIP = 120
_LONGEST_LINE, _LONGEST_NAME = 60, 30

_WORDS = {"starting": "Starting …", "live": "Live", "card": "No picture",
          "idle": "Ready – camera off until an app looks", "away": "Away – camera off", "frozen": "Frozen – camera off",
          "panic": "Hidden – camera off", "stopped": "Stopping …"}


class Look(StrEnum):
    """One picture each. LIVE: viewers see the user. PAUSED: the user hides. PROBLEM: viewers see a card, or nothing.
    IDLE: nobody looks, or vcam is just starting."""

    LIVE = "live"
    PAUSED = "paused"
    PROBLEM = "problem"
    IDLE = "idle"


@dataclass(frozen=True, slots=True)
class Now:
    """What there is to show. ``state`` None: no vcam runs yet (``starting``) or any more (``trouble``: why)."""

    state: State | None = None
    starting: bool = False
    trouble: str = ""


def look(now: Now) -> Look:
    """The picture."""
    state = now.state
    if state is None:
        return Look.PROBLEM if now.trouble else Look.IDLE
    phase = state["run"]["phase"]
    if phase in ("away", "frozen", "panic"):
        return Look.PAUSED
    if phase == "card" or any(sink["problem"] for sink in state["run"]["sinks"]):
        return Look.PROBLEM
    return Look.LIVE if phase == "live" else Look.IDLE


def headline(now: Now) -> str:
    """What vcam does, without numbers and what is being loaded: these would redraw an open menu all the time, and
    some panels fall over menus that change several times in a moment."""
    state = now.state
    if state is None:
        return "vcam is starting …" if now.starting else "vcam has stopped" if now.trouble else "vcam is not running"
    words = _WORDS[state["run"]["phase"]]
    return f"{words}: {_way(state)}" if state["run"]["phase"] == "live" else words


def _way(state: State) -> str:
    return f"{_cut(state['run']['source'], _LONGEST_NAME)} → {background_label(state['settings']['background'])}"


def complaint(now: Now) -> str:
    """What is wrong, in one short line; empty: nothing."""
    state = now.state
    if state is None:
        return _cut(now.trouble, _LONGEST_LINE)
    run = state["run"]
    texts = [run["problem"], *(sink["problem"] for sink in run["sinks"]),
             *(problem["text"] for problem in state["problems"])]
    return _cut(next((text for text in texts if text), ""), _LONGEST_LINE)


def tooltip(now: Now) -> str:
    """What vcam does, with rate and cost."""
    state, parts = now.state, [headline(now)]
    if state is not None:
        parts = [f"vcam – Loading: {state['busy']} …" if state["busy"] else f"vcam – {headline(now)}"]
        run = state["run"]
        if run["phase"] == "live":
            parts.append(f"{run['fps']:.0f} fps")
        parts.append(f"{run['cpu']:.0f} % CPU")
    wrong = complaint(now)
    return _cut(" · ".join([*parts, wrong] if wrong else parts), _LONGEST_TOOLTIP)


def background_label(spec: str) -> str:
    """A background as people read it."""
    scheme, colon, argument = spec.partition(":")
    if scheme == "blur":
        return f"Blur {argument}".rstrip()
    if scheme in ("colour", "color") and colon:
        return f"Colour {argument}"
    if scheme == "slideshow" and colon:
        return f"Slideshow of {Path(argument).name or argument}"
    named = {"green": "Green screen", "none": "The room itself"}
    if scheme in named and not argument:
        return named[scheme]
    return picture_label(Path(spec).stem if "/" in spec or "\\" in spec else spec)


def picture_label(name: str) -> str:
    """A file's name as people read it: ``brick-loft-evening`` is Brick loft evening."""
    words = name.replace("-", " ").replace("_", " ").strip() or name
    return _cut(words[0].upper() + words[1:], _LONGEST_LINE)


def _cut(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most - 1].rstrip()}…"
