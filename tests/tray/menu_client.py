"""Speaks to tray icons as a desktop does (run by the system's Python): place | icon | menu | click LABEL … | name.

Prints JSON. ``place``: whether icons are taken. ``icon``: what vcam's says of itself. ``menu``: its lines.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from gi.repository import Gio, GLib

WATCHER, ITEM, MENU = "org.kde.StatusNotifierWatcher", "org.kde.StatusNotifierItem", "com.canonical.dbusmenu"
PROPERTIES = "org.freedesktop.DBus.Properties"
bus = Gio.bus_get_sync(Gio.BusType.SESSION)


def call(target: tuple[str, str], interface: str, method: str, arguments: GLib.Variant) -> Any:
    return bus.call_sync(*target, interface, method, arguments, None, Gio.DBusCallFlags.NONE, 5000, None).unpack()


def get(target: tuple[str, str], interface: str, name: str) -> Any:
    return call(target, PROPERTIES, "Get", GLib.Variant("(ss)", (interface, name)))[0]


def icon() -> tuple[str, str]:
    for registered in get((WATCHER, "/StatusNotifierWatcher"), WATCHER, "RegisteredStatusNotifierItems"):
        name, _, path = registered.partition("/")
        if get((name, f"/{path}"), ITEM, "Id") == "vcam":
            return name, f"/{path}"
    sys.exit("vcam has no icon")


def lines(node: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[int, tuple[str, ...], dict[str, Any]]]:
    number, shown, children = node
    here = (*above, shown.get("label", "").replace("__", "_")) if number else ()
    if number and shown.get("type") != "separator":
        yield number, here, shown
    for child in children:
        yield from lines(child, here)


def menu() -> tuple[tuple[str, str], Any]:
    name, path = icon()
    target = name, get((name, path), ITEM, "Menu")
    call(target, MENU, "AboutToShow", GLib.Variant("(i)", (0,)))
    return target, call(target, MENU, "GetLayout", GLib.Variant("(iias)", (0, -1, [])))[1]


def click(*labels: str) -> None:
    target, layout = menu()
    for number, path, _ in lines(layout):
        if path == labels:
            call(target, MENU, "Event", GLib.Variant("(isvu)", (number, "clicked", GLib.Variant("i", 0), 0)))
            return
    sys.exit(f"there is no {labels}")


def answer(word: str, *labels: str) -> Any:
    if word == "place":
        return get((WATCHER, "/StatusNotifierWatcher"), WATCHER, "IsStatusNotifierHostRegistered")
    if word == "icon":
        return {name: get(icon(), ITEM, name) for name in ("Title", "Status", "IconName")}
    if word == "menu":
        return [{"path": path, "checked": shown.get("toggle-state"), "enabled": shown.get("enabled", True)}
                for _, path, shown in lines(menu()[1])]
    click(*labels)
    return True


print(json.dumps(answer(*sys.argv[1:])))  # noqa: T201
