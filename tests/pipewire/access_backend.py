"""Stands in for the desktop's "allow the camera?" dialog: says yes. Run by the system's Python (needs python3-gi).

/usr/bin/python3 access_backend.py NAME
"""

from __future__ import annotations

import sys
from typing import Any

from gi.repository import Gio, GLib

ALLOW = 0
INTERFACE = """
<node>
  <interface name="org.freedesktop.impl.portal.Access">
    <method name="AccessDialog">
      <arg name="handle" type="o" direction="in"/>
      <arg name="app_id" type="s" direction="in"/>
      <arg name="parent_window" type="s" direction="in"/>
      <arg name="title" type="s" direction="in"/>
      <arg name="subtitle" type="s" direction="in"/>
      <arg name="body" type="s" direction="in"/>
      <arg name="options" type="a{sv}" direction="in"/>
      <arg name="response" type="u" direction="out"/>
      <arg name="results" type="a{sv}" direction="out"/>
    </method>
    <property name="version" type="u" access="read"/>
  </interface>
</node>
"""


def answer(*call: Any) -> None:
    call[-1].return_value(GLib.Variant("(ua{sv})", (ALLOW, {})))


def version(*_asked: Any) -> Any:
    return GLib.Variant("u", 1)


def serve(connection: Any, _name: str) -> None:
    interface = Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0]
    connection.register_object("/org/freedesktop/portal/desktop", interface, answer, version, None)


if __name__ == "__main__":
    loop = GLib.MainLoop()
    Gio.bus_own_name(Gio.BusType.SESSION, f"org.freedesktop.impl.portal.desktop.{sys.argv[1]}",
                     Gio.BusNameOwnerFlags.NONE, serve, None, lambda *_lost: loop.quit())
    loop.run()
