"""What the user chose while vcam ran comes back after a restart.

The newest word wins. A choice made while vcam runs (from the tray, the panel, the command line …) is newer than
whatever the configuration file said then, so it wins over that. A line that is typed into the file afterwards is newer
still: a choice remembers what the file said when it was made, and yields once the file says something else. Flags and
the environment are typed for this very run and always win. So, for each setting::

    flag > environment > the file, if it changed after the choice > the choice > the file > default

A size or a rate that was chosen for one source is not forced on another that is named by a flag. Never remembered:
``none`` (the room must not be shown because it once was), sinks (a recording must not begin by itself) and rules.
Privacy is kept for the case that vcam dies: who was hidden stays hidden; a clean stop ends that.

The file is JSON in the platform's state folder (``VCAM_STATE_FOLDER`` overrides it), one for each instance. It is
replaced as a whole; one that cannot be read is told and left out of account.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from platformdirs import user_state_path

from vcam.config import Settings, changed
from vcam.control.configuration import Configuration
from vcam.control.live_settings import PART_OF, Part, is_remembered
from vcam.errors import ConfigError
from vcam.wholefile import write_whole

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Choice:
    """A chosen value, and the value that the configuration file had then (None: none)."""

    value: Any
    over: Any = None


@dataclass(frozen=True, slots=True)
class Remembered:
    """All that comes back."""

    choices: Mapping[str, Choice] = field(default_factory=dict)
    profile: str = ""
    recent: tuple[str, ...] = ()
    privacy: str = "live"

    def without(self, names: set[str]) -> Remembered:
        """Less these choices."""
        return replace(self, choices={name: choice for name, choice in self.choices.items() if name not in names})

    def applied(self, configuration: Configuration) -> tuple[Settings, set[str]]:
        """The settings to start with, and which of them are earlier choices."""
        chosen = {name: choice.value for name, choice in self.choices.items() if _holds(name, choice, configuration)}
        return changed(configuration.settings, chosen, "what you chose last"), set(chosen)


def _holds(name: str, choice: Choice, configuration: Configuration) -> bool:
    if configuration.is_typed_for_this_run(name) or configuration.in_file.get(name) != choice.over:
        return False
    of_source = Part.SOURCE in PART_OF[name]
    return not (of_source and configuration.is_typed_for_this_run("source"))


def state_path(instance: str) -> Path:
    """Where it is kept."""
    override = os.environ.get("VCAM_STATE_FOLDER")
    folder = Path(override) if override else user_state_path("vcam", appauthor=False)
    return folder / (f"state-{instance}.json" if instance else "state.json")


class Memory:
    """The file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written = Remembered()

    def read(self) -> tuple[Remembered, str]:
        """What is remembered, and what was wrong with the file (empty: nothing)."""
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
            found, problem = _understood(data)
        except FileNotFoundError:
            return Remembered(), ""
        except OSError as error:
            return Remembered(), f"what you chose last cannot be read: {error.strerror} ({self._path})"
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return Remembered(), f"what you chose last is lost: {self._path} is damaged, and will be replaced"
        self._written = found
        return found, problem and f"{problem} ({self._path})"

    def forget(self) -> None:
        """Remember nothing any more."""
        self._path.unlink(missing_ok=True)

    def write(self, remembered: Remembered) -> str:
        """Keep it, if it is new; returns why that cannot be done, or an empty text."""
        if remembered == self._written:
            return ""
        data = json.dumps({"version": _VERSION, **asdict(remembered)}, indent=1)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, data.encode())
        except OSError as error:
            return f"your choices will not come back: {error.strerror} ({self._path})"
        self._written = remembered
        return ""


def _understood(data: Any) -> tuple[Remembered, str]:
    """Unknown settings (of another version) are passed over; values that do not fit are named."""
    choices, unfit = {}, []
    for name, choice in data["choices"].items():
        if not is_remembered(name):
            continue
        try:
            changed(Settings.model_validate({}), {name: choice["value"]}, "what you chose last")
        except ConfigError:
            unfit.append(name)
        else:
            choices[name] = Choice(choice["value"], choice["over"])
    texts = [str(data[name]) for name in ("profile", "privacy")]
    found = Remembered(choices, texts[0], tuple(str(recent) for recent in data["recent"]), texts[1])
    return found, f"what you chose last does not fit any more: {', '.join(unfit)}" if unfit else ""
