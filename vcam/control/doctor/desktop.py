"""The desktop session: PipeWire and its helpers, the display, the tray. vcam runs without any of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from vcam.control.doctor.distribution import install
from vcam.control.doctor.finding import Finding, Topic
from vcam.control.doctor.system import System

_TOPIC: Final = "Desktop"
_MANAGERS: Final = ("wireplumber", "pipewire-media-")  # as the kernel cuts the names of processes
_PORTAL: Final = "/usr/share/dbus-1/services/org.freedesktop.portal.Desktop.service"
_TYPELIBS: Final = ("AyatanaAppIndicator3-0.1", "AppIndicator3-0.1")


def session(system: System) -> Iterator[Finding]:
    """Wayland, X11 or neither."""
    kind = _session(system)
    found = {"wayland": "Wayland: screen: cannot be a source (it needs X11); everything else works",
             "x11": "X11", "": "none (no display): everything works but windows, tray and screen:"}[kind]
    yield Finding(_TOPIC, "session", "ok" if kind else "skipped", found)


def _session(system: System) -> str:
    said = system.environment.get("XDG_SESSION_TYPE", "")
    if said == "wayland" or system.environment.get("WAYLAND_DISPLAY"):
        return "wayland"
    return "x11" if system.environment.get("DISPLAY") else ""


def pipewire(system: System) -> Iterator[Finding]:
    """The socket that programs speak to PipeWire through, and the session manager that connects them."""
    folder = system.environment.get("PIPEWIRE_RUNTIME_DIR") or system.environment.get("XDG_RUNTIME_DIR")
    if not folder:
        yield Finding(_TOPIC, "PipeWire", "skipped", "no user session (XDG_RUNTIME_DIR is not set)")
        return
    socket = Path(system.environment.get("PIPEWIRE_REMOTE") or "pipewire-0").name
    if system.path(f"{folder}/{socket}").exists():
        yield Finding(_TOPIC, "PipeWire", "ok", f"running ({folder}/{socket})")
        yield _manager(system)
    elif system.path("/usr/bin/pipewire").exists():
        yield Finding(_TOPIC, "PipeWire", "warning", "installed, but not running in this session",
                      ("systemctl --user enable --now pipewire.socket wireplumber.service",))
    elif _session(system):
        yield Finding(_TOPIC, "PipeWire", "warning", "not installed: cameras through PipeWire are not possible",
                      (*install(system, "pipewire"), *install(system, "wireplumber")))
    else:
        yield Finding(_TOPIC, "PipeWire", "skipped", "not installed, and there is no desktop that would need it")


def _manager(system: System) -> Finding:
    running = system.running()
    if any(name.startswith(_MANAGERS) for name in running):
        return Finding(_TOPIC, "wireplumber", "ok", "running")
    there = system.path("/usr/bin/wireplumber").exists()
    return Finding(_TOPIC, "wireplumber", "warning", "not running: PipeWire connects nothing without it",
                   (*(() if there else install(system, "wireplumber")),
                    "systemctl --user enable --now wireplumber.service"))


def portal(system: System) -> Iterator[Finding]:
    """What sandboxed apps and browsers ask for a camera; it starts by itself when it is asked."""
    if "xdg-desktop-por" in system.running():
        yield Finding(_TOPIC, "xdg-desktop-portal", "ok", "running")
    elif system.path(_PORTAL).exists():
        yield Finding(_TOPIC, "xdg-desktop-portal", "ok", "installed; starts when an app asks")
    elif _session(system):
        yield Finding(_TOPIC, "xdg-desktop-portal", "warning", "not installed: Flatpak apps and browsers cannot ask "
                      "for PipeWire's cameras", install(system, "xdg-desktop-portal"))
    else:
        yield Finding(_TOPIC, "xdg-desktop-portal", "skipped", "not installed, and there is no desktop")


def tray(system: System) -> Iterator[Finding]:
    """Whether an icon with a menu is possible; only told, because nothing depends on it."""
    found = [name for name in _TYPELIBS for folder in ("/usr/lib", "/usr/lib64", "/usr/lib/*")
             if system.glob(f"{folder}/girepository-1.0/{name}.typelib")]
    if found:
        yield Finding(_TOPIC, "tray", "ok", f"an icon with a menu is possible ({found[0]})")
    elif _session(system):
        yield Finding(_TOPIC, "tray", "skipped", "no library for an icon with a menu (AppIndicator); not needed",
                      install(system, "indicator"))
    else:
        yield Finding(_TOPIC, "tray", "skipped", "no display, so no icon")


DESKTOP = Topic(_TOPIC, (session, pipewire, portal, tray), ("linux",), "PipeWire and portals are for Linux")
