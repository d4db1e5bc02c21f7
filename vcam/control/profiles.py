"""Profiles: choices that were saved together under a name, in a file beside the configuration."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from vcam.config import config_path
from vcam.errors import ConfigError, UsageError
from vcam.wholefile import write_whole

_LONGEST = 40


def profiles_path() -> Path:
    """``profiles.toml`` beside the configuration file."""
    return config_path().parent / "profiles.toml"


class Profiles:
    """The file. Comments in it stay."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, tuple[str, ...]] = (-1, ())

    def names(self) -> tuple[str, ...]:
        """All of them, in the order of the file, which is read again when it has changed.

        Raises:
            ConfigError: the file cannot be read.
        """
        changed = self._path.stat().st_mtime_ns if self._path.exists() else 0
        if self._seen[0] != changed:
            found = self._read().items()
            self._seen = changed, tuple(name for name, values in found if isinstance(values, Mapping))
        return self._seen[1]

    def load(self, name: str) -> dict[str, Any]:
        """The values that were saved.

        Raises:
            UsageError: no such profile (names the nearest).
            ConfigError: the file cannot be read.
        """
        document = self._read()
        if not isinstance(document.get(name), Mapping):
            raise self._unknown(name)
        return dict(document[name].unwrap())

    def save(self, name: str, values: Mapping[str, Any]) -> None:
        """Keep values under a name; None is left out.

        Raises:
            UsageError: not a name.
            ConfigError: the file cannot be read or written.
        """
        if not name.strip() or len(name) > _LONGEST or not name.isprintable() or name.startswith("-"):
            raise UsageError(f"'{name}' is no name for a profile", f"give a word of up to {_LONGEST} characters: "
                             "vcam profile save work")
        document = self._read()
        table = tomlkit.table()
        table.update({key: value for key, value in values.items() if value is not None})
        document[name] = table
        self._write(document)

    def delete(self, name: str) -> None:
        """Forget a profile.

        Raises:
            UsageError: there is none of that name.
            ConfigError: the file cannot be read or written.
        """
        document = self._read()
        if name not in document:
            raise self._unknown(name)
        document.remove(name)
        self._write(document)

    def _unknown(self, name: str) -> UsageError:
        names = self.names()
        close = difflib.get_close_matches(name, names, 1)
        known = f"did you mean '{close[0]}'?" if close else f"known: {', '.join(names)}" if names else \
            "make one: vcam profile save NAME"
        return UsageError(f"there is no profile '{name}'", known)

    def _read(self) -> tomlkit.TOMLDocument:
        try:
            return tomlkit.parse(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return tomlkit.document()
        except OSError as error:
            raise ConfigError(f"profiles {self._path} cannot be read: {error.strerror}",
                              "check its permissions") from error
        except (TOMLKitError, UnicodeDecodeError) as error:
            raise ConfigError(f"profiles {self._path} are not TOML: {error}", f"mend or delete {self._path}") from error

    def _write(self, document: tomlkit.TOMLDocument) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, tomlkit.dumps(document).encode())
        except OSError as error:
            raise ConfigError(f"profiles {self._path} cannot be written: {error.strerror}",
                              "set VCAM_CONFIG to a file in a folder that you can write to") from error
