"""Finds sources, segmenters, backdrops and sinks by name: a lazy built-in table plus entry points.

An entry is data (``module:factory``); its module is imported when the part is asked for, not before. A plugin
that fails to load is a status with its reason.
"""

from __future__ import annotations

import difflib
import importlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any, Literal

from vcam.errors import UsageError, VcamError

Role = Literal["sources", "segmenters", "backdrops", "sinks"]

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+):(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """One part: ``scheme`` as typed, ``target`` as ``module:factory``, the extra that brings it, one line of help."""

    scheme: str
    target: str
    help: str
    extra: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Where a part stands: loaded, or the reason why not."""

    entry: Entry
    problem: str = ""


def split(spec: str) -> tuple[str, str]:
    """``scheme:argument`` of a spec; a plain path has the scheme ``""``.

    A Windows drive (``C:\\clip.mp4``) is a path: schemes have at least two letters.
    """
    match = _SCHEME.fullmatch(spec)
    return (match[1], match[2]) if match else ("", spec)


class Registry:
    """The parts of one role.

    Args:
        role: also names the entry-point group ``vcam.ROLE``.
        builtin: entries that come with vcam.
    """

    def __init__(self, role: Role, builtin: tuple[Entry, ...]) -> None:
        self.role = role
        self._builtin = {entry.scheme: entry for entry in builtin}

    def entries(self) -> Mapping[str, Entry]:
        """Every known part by scheme; the built-in ones win over plugins of the same name."""
        plugins = {point.name: Entry(point.name, point.value, f"plugin {point.value}")
                   for point in entry_points(group=f"vcam.{self.role}")}
        return plugins | self._builtin

    def load(self, scheme: str) -> Callable[..., Any]:
        """The factory of a part.

        Raises:
            UsageError: no such scheme (names the nearest ones).
            VcamError: the part's module does not import (says what to install).
        """
        entries = self.entries()
        entry = entries.get(scheme)
        if entry is None:
            raise self.unknown(scheme)
        module, _, attribute = entry.target.partition(":")
        try:
            factory: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
        except VcamError:
            raise
        except Exception as error:
            raise VcamError(f"{self.role[:-1]} '{scheme}:' does not load: {type(error).__name__}: {error}",
                            self._install_hint(entry)) from error
        return factory

    def unknown(self, scheme: str) -> UsageError:
        """The error for a scheme nobody knows."""
        known = sorted(name for name in self.entries() if name)
        close = difflib.get_close_matches(scheme, known, 1)
        meant = f"did you mean '{close[0]}:'? " if close else ""
        return UsageError(f"unknown {self.role[:-1]} '{scheme}:'", f"{meant}known: {', '.join(k + ':' for k in known)}")

    def parts(self) -> list[Part]:
        """Every part with its status; nothing is raised."""
        return [Part(entry, self._problem(entry)) for entry in self.entries().values()]

    def _problem(self, entry: Entry) -> str:
        try:
            self.load(entry.scheme)
        except VcamError as error:
            return str(error)
        return ""

    @staticmethod
    def _install_hint(entry: Entry) -> str:
        return f"pip install 'vcam[{entry.extra}]'" if entry.extra else "pip install --force-reinstall vcam"
