"""Whether the desktop has a place for tray icons (Linux; elsewhere there always is one)."""

from __future__ import annotations

import os
import sys
from typing import Any

_WATCHER = "org.kde.StatusNotifierWatcher"
_MISSING = ("this desktop shows no tray icons (GNOME: install the extension 'AppIndicator and KStatusNotifierItem "
            "Support'); vcam's appears as soon as there is a place for it")


def missing_place() -> str:
    """What to tell the user if no icon can be seen now; empty: it can, or nobody knows."""
    if sys.platform != "linux" or "gi" not in sys.modules or _has_watcher() or _has_dock():
        return ""
    return _MISSING


def _has_watcher() -> bool:
    from gi.repository import Gio, GLib

    try:
        bus: Any = Gio.bus_get_sync(Gio.BusType.SESSION, None)
        asked = GLib.Variant("(s)", (_WATCHER,))
        found = bus.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner",
                              asked, None, Gio.DBusCallFlags.NONE, 2000, None)
    except GLib.Error:
        return False
    return bool(found.unpack()[0])


def _has_dock() -> bool:
    """The older way: a window of the X server's that icons move into."""
    if not os.environ.get("DISPLAY"):
        return False
    from Xlib import X, display, error

    try:
        screen = display.Display()
    except (error.DisplayError, OSError):
        return False
    owner = screen.get_selection_owner(screen.intern_atom(f"_NET_SYSTEM_TRAY_S{screen.get_default_screen()}"))
    screen.close()
    return bool(owner != X.NONE)
