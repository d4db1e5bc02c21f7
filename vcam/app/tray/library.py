"""Where the tray's library comes from, and why there may be no tray.

pystray decides when it is imported how it draws, and most ways of failing are not an ImportError. On Linux only its
ways through GTK have a menu. These need PyGObject, which systems bring along for their own Python, but which nobody
finds in a virtual environment: it is taken from there if it is made for the very Python that runs.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from vcam.errors import VcamError

_WITH_MENU = ("appindicator", "gtk")
_GIVEN = "PYSTRAY_BACKEND"
_GOES_ON = "everything else works"


class NoTray(VcamError):
    """There can be no icon with a menu here."""


def load() -> Any:
    """The ``pystray`` module, able to show a menu.

    Raises:
        NoTray: it is not installed, there is no desktop, or a library of the system is missing.
    """
    if importlib.util.find_spec("pystray") is None:
        raise NoTray("no tray: the extra 'tray' is not installed", f"{sys.executable} -m pip install 'vcam[tray]'")
    if os.environ.get(_GIVEN):
        return _imported([os.environ[_GIVEN]])
    if sys.platform != "linux":
        return _imported([""])
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        raise NoTray("no tray: there is no desktop here (neither DISPLAY nor WAYLAND_DISPLAY is set)",
                     f"{_GOES_ON}: vcam run")
    borrow_gi()
    return _imported(_WITH_MENU)


def borrow_gi(folders: Sequence[Path] | None = None) -> bool:
    """Make the system's PyGObject importable, and nothing else of the system's; whether there is one now."""
    if importlib.util.find_spec("gi") is not None:
        return True
    for folder in folders or _system_folders():
        if any((folder / "gi" / f"_gi{ending}").is_file() for ending in EXTENSION_SUFFIXES):
            sys.meta_path.append(_Borrowed(folder))
            return True
    return False


def _system_folders() -> Iterator[Path]:
    version = f"python{sysconfig.get_python_version()}"
    for folder in ("/usr/lib/python3/dist-packages", f"/usr/lib64/{version}/site-packages",
                   f"/usr/lib/{version}/site-packages"):
        yield Path(folder)


class _Borrowed:
    """Finds ``gi`` in a folder that is not searched otherwise: its other packages may not fit ours."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find_spec(self, name: str, path: Sequence[str] | None = None,
                  target: ModuleType | None = None) -> ModuleSpec | None:
        return PathFinder.find_spec(name, [str(self._folder)], target) if name == "gi" else None


def _imported(backends: Sequence[str]) -> Any:
    failures = []
    given = os.environ.get(_GIVEN)
    for backend in backends:
        os.environ[_GIVEN] = backend
        try:
            pystray = importlib.import_module("pystray")
        except Exception as error:  # an X error, a GLib error, a ValueError: whatever the system's libraries raise
            failures.append(f"{backend}: {error}")
            for name in [name for name in sys.modules if name.partition(".")[0] == "pystray"]:
                del sys.modules[name]
        else:
            return _fit(pystray)
        finally:
            os.environ[_GIVEN] = given or ""
    raise NoTray(f"no tray: {_reason(failures)}", _install())


def _fit(pystray: Any) -> Any:
    if not pystray.Icon.HAS_MENU:
        raise NoTray("no tray: this way of showing an icon has no menu", _install())
    if "gi" in sys.modules:
        # Its notifier asks for a service that need not be there, and takes the icon down with it; vcam has its own.
        notifying: Any = importlib.import_module("pystray._util.notify_dbus")
        notifying.Notifier = _NoNotifier
    return pystray


class _NoNotifier:
    def hide(self) -> None:
        """Nothing was shown."""


def _reason(failures: Sequence[str]) -> str:
    if "gi" not in sys.modules and sys.platform == "linux":
        return f"PyGObject for Python {sysconfig.get_python_version()} is missing"
    return "; ".join(failures)


def _install() -> str:
    if sys.platform != "linux":
        return _GOES_ON
    from vcam.control.doctor.distribution import install
    from vcam.control.doctor.system import System

    command = next(iter(install(System(), "indicator")), "install AppIndicator and PyGObject")
    return f"{command}; {_GOES_ON}"
