"""The tray's menu, made anew from each state; it knows nothing of the library that draws it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from vcam.app.tray.look import Now, State, background_label, complaint, headline, picture_label

BLURS = {"Light": 25, "Medium": 45, "Strong": 70, "Strongest": 100}
# Longer lists do not fit a screen; the panel has room for them.
_MOST = 40
_PRIVACY = (("Show me", "resume", "live"), ("Pause – show the away card", "pause", "away"),
            ("Freeze the picture", "freeze", "frozen"), ("Hide at once", "panic", "panic"))
_CATEGORIES = {"yours": "Your own", "bundled": "Bundled"}


@dataclass(frozen=True, slots=True)
class Tell:
    """A click that is a command for the running vcam."""

    word: str
    arguments: tuple[tuple[str, str], ...] = ()


class Do(StrEnum):
    """A click that is the tray's own affair."""

    OPEN_PAGE = "open page"
    OPEN_FOLDER = "open folder"
    DOCTOR = "doctor"
    LOGIN = "login"
    START = "start"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Item:
    """One line. Without ``action`` and ``children`` it only tells; ``checked`` None: it cannot be checked."""

    label: str
    action: Tell | Do | None = None
    checked: bool | None = None
    radio: bool = False
    children: tuple[Item, ...] = ()


SEPARATOR = Item("")


@dataclass(frozen=True, slots=True)
class Plugged:
    """A camera that is plugged in: how it is chosen, its name, and its number."""

    spec: str
    name: str
    number: int


@dataclass(frozen=True, slots=True)
class Around:
    """What the menu shows beside the state.

    ``cameras``: those that are plugged in. ``page``: what can be opened in a browser: ``panel``,
    ``preview``, or empty. ``at_login``: None where it cannot be told.
    """

    cameras: tuple[Plugged, ...] = ()
    page: str = ""
    at_login: bool | None = None


def menu(now: Now, around: Around) -> tuple[Item, ...]:
    """The whole menu."""
    state, wrong = now.state, complaint(now)
    top = [Item(headline(now)), *([Item(f"⚠ {wrong}")] if wrong else [])]
    if state is None:
        return (*top, *([] if now.starting else [SEPARATOR, Item("Start vcam", Do.START)]), *_bottom(around, ""))
    top.append(SEPARATOR)
    return (*top, *_privacy(state), SEPARATOR,
            Item("Background", children=tuple(_backgrounds(state))),
            Item("Blur", children=tuple(_blurs(state))),
            Item("Camera", children=tuple(_cameras(state, around.cameras))),
            Item("Profile", children=tuple(_profiles(state))), *_bottom(around, around.page or "preview"))


def _bottom(around: Around, page: str) -> Iterator[Item]:
    yield SEPARATOR
    if page:
        yield Item("Open panel" if page == "panel" else "Show preview", Do.OPEN_PAGE)
    yield Item("Check this computer", Do.DOCTOR)
    if around.at_login is not None:
        yield Item("Start at login", Do.LOGIN, checked=around.at_login)
    yield SEPARATOR
    yield Item("Quit vcam", Do.QUIT)


def _privacy(state: State) -> Iterator[Item]:
    """Always the same lines in the same places: a hand in a hurry finds them."""
    for label, word, privacy in _PRIVACY:
        yield Item(label, Tell(word), checked=state["privacy"] == privacy, radio=True)


def _backgrounds(state: State) -> Iterator[Item]:
    chosen = state["settings"]["background"]
    known = {item["name"] for item in state["backgrounds"]}
    recent = [spec for spec in state["recent"] if not spec.startswith("blur") and spec != "none"]
    if not (chosen in known or chosen in recent or chosen.startswith("blur") or chosen == "none"):
        recent.insert(0, chosen)
    if recent:
        yield Item("Recent", children=tuple(_background(spec, chosen) for spec in recent))
    for category, title in _CATEGORIES.items():
        names = [item["name"] for item in state["backgrounds"] if item["category"] == category]
        if names:
            yield Item(title, children=tuple(_shortened([_background(name, chosen) for name in names])))
    yield SEPARATOR
    yield Item("Next", Tell("bg", (("name", "next"),)))
    yield Item("Previous", Tell("bg", (("name", "previous"),)))
    yield SEPARATOR
    yield _background("green", chosen)
    if not state["settings"]["require_background"]:
        yield _background("none", chosen)
    yield Item("Add your own …", Do.OPEN_FOLDER)


def _background(spec: str, chosen: str) -> Item:
    return Item(background_label(spec), Tell("bg", (("name", spec),)), checked=spec == chosen, radio=True)


def _shortened(items: Sequence[Item]) -> list[Item]:
    left_out = len(items) - _MOST
    return [*items[:_MOST], Item(f"… and {left_out} more")] if left_out > 0 else list(items)


def _blurs(state: State) -> Iterator[Item]:
    scheme, _, argument = state["settings"]["background"].partition(":")
    strength = (float(argument) if argument else None) if scheme == "blur" else 0.0
    levels = dict(BLURS)
    yield Item("Usual", Tell("bg", (("name", "blur"),)), checked=strength is None, radio=True)
    if strength and strength not in levels.values():
        yield Item(f"{strength:g}", Tell("blur", (("strength", f"{strength:g}"),)), checked=True, radio=True)
    for name, level in levels.items():
        yield Item(f"{name} ({level})", Tell("blur", (("strength", str(level)),)), checked=level == strength,
                   radio=True)


def _cameras(state: State, cameras: Sequence[Plugged]) -> Iterator[Item]:
    """Those that are plugged in, and whatever else is the source now."""
    source = state["source"]
    wanted = source.removeprefix("camera:").casefold()
    used = next((camera for camera in cameras if source == camera.spec or wanted == str(camera.number)
                 or (source.startswith("camera:") and wanted in camera.name.casefold())), None)
    if used is None:
        name = {"demo:": "Demo", "test:": "Test picture"}.get(source, state["run"]["source"] or source)
        yield Item(picture_label(name), Tell("camera", (("name", source),)), checked=True, radio=True)
    for camera in cameras:
        yield Item(camera.name, Tell("camera", (("name", camera.spec),)), checked=camera is used, radio=True)
    if not cameras:
        yield Item("No camera is plugged in")
    yield SEPARATOR
    yield Item("Mirror", Tell("mirror"), checked=state["settings"]["mirror"])


def _profiles(state: State) -> Iterator[Item]:
    names = state["profiles"]
    for name in names[:_MOST]:
        yield Item(name, Tell("profile use", (("name", name),)), checked=name == state["profile"], radio=True)
    if names:
        yield SEPARATOR
    free = next(name for number in range(1, len(names) + 2) if (name := f"Profile {number}") not in names)
    yield Item(f"Save what is chosen now as “{free}”", Tell("profile save", (("name", free),)))
