"""Stands in for a desktop's notification service (run by the system's Python): prints what it is told to show."""

from __future__ import annotations

import json
from typing import Any

from gi.repository import Gio, GLib

NAME = "org.freedesktop.Notifications"
INTERFACE = f"""<node><interface name="{NAME}">
  <method name="GetCapabilities"><arg direction="out" type="as"/></method>
  <method name="GetServerInformation"><arg direction="out" type="s"/><arg direction="out" type="s"/>
    <arg direction="out" type="s"/><arg direction="out" type="s"/></method>
  <method name="Notify"><arg direction="in" type="s"/><arg direction="in" type="u"/><arg direction="in" type="s"/>
    <arg direction="in" type="s"/><arg direction="in" type="s"/><arg direction="in" type="as"/>
    <arg direction="in" type="a{{sv}}"/><arg direction="in" type="i"/><arg direction="out" type="u"/></method>
  <method name="CloseNotification"><arg direction="in" type="u"/></method>
  <signal name="NotificationClosed"><arg type="u"/><arg type="u"/></signal>
  <signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
</interface></node>"""


def called(bus: Any, sender: str, path: str, interface: str, method: str, given: Any, call: Any) -> None:
    del bus, sender, path, interface
    answers = {"GetCapabilities": ("(as)", (["body"],)), "GetServerInformation": ("(ssss)", ("test", "", "1", "1.2")),
               "Notify": ("(u)", (1,))}
    if method == "Notify":
        application, _, _, title, text, *_ = given.unpack()
        print(json.dumps({"application": application, "title": title, "text": text}), flush=True)  # noqa: T201
    call.return_value(GLib.Variant(*answers[method]) if method in answers else None)


def ready(bus: Any, name: str) -> None:
    del name
    described = Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0]
    bus.register_object("/org/freedesktop/Notifications", described, called, None, None)


Gio.bus_own_name(Gio.BusType.SESSION, NAME, Gio.BusNameOwnerFlags.NONE, ready,
                 lambda bus, name: print("ready", flush=True), None)  # noqa: T201
GLib.MainLoop().run()
