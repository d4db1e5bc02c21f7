"""A desktop of its own: X server, session bus and a panel with a place for tray icons, away from the user's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from PIL import Image, ImageGrab

PROGRAMS = {"Xvfb": "xvfb", "dbus-daemon": "dbus", "xfce4-panel": "xfce4-panel", "xdotool": "xdotool"}
PYTHON = Path("/usr/bin/python3")  # the one whose PyGObject Debian brings
WIDTH, HEIGHT = 1000, 640
_PANEL = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array"><value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="{dark}"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="32"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/><value type="int" value="2"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="separator">
      <property name="expand" type="bool" value="true"/><property name="style" type="uint" value="0"/>
    </property>
    <property name="plugin-2" type="string" value="systray"><property name="square-icons" type="bool" value="true"/>
    </property>
  </property>
</channel>
"""


def missing() -> str:
    """What keeps a desktop from starting here, or empty."""
    absent = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    return f"not installed: {', '.join(absent)}" if absent else ""


def wait_for(true: Callable[[], Any], what: str, seconds: float = 30) -> Any:
    """What ``true`` gives, as soon as it is something; AssertionError if that does not come in time."""
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, f"{what}: not within {seconds:g} s"
        time.sleep(0.05)
    return found


class Desktop:
    """Starts and stops the parts.

    Args:
        folder: for sockets, logs and homes (a short path: a socket's may have 107 bytes).
        panel: without one there is no place for icons.
        dark: the panel's colours.
    """

    def __init__(self, folder: Path, panel: bool = True, dark: bool = False) -> None:
        self._folder, self._has_panel, self._dark = folder, panel, dark
        self._parts: list[subprocess.Popen[str]] = []
        self._panel: subprocess.Popen[str] | None = None
        home = folder / "home"
        (folder / "run").mkdir(mode=0o700, parents=True)
        home.mkdir()
        self.variables = {name: str(home / ending) for name, ending in (
            ("HOME", ""), ("XDG_CONFIG_HOME", ".config"), ("XDG_DATA_HOME", ".local/share"),
            ("XDG_CACHE_HOME", ".cache"), ("XDG_STATE_HOME", ".local/state"))}
        self.variables |= {"XDG_RUNTIME_DIR": str(folder / "run"), "NO_AT_BRIDGE": "1", "GTK_A11Y": "none",
                           "GIO_USE_VFS": "local", "LANGUAGE": "en"}

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of a program on this desktop."""
        unwanted = ("DISPLAY", "WAYLAND_DISPLAY", "XDG_CURRENT_DESKTOP", "PYSTRAY_BACKEND")
        return {name: value for name, value in os.environ.items() if name not in unwanted} | self.variables | more

    def start(self) -> None:
        """Everything, and wait until the panel has a place for icons."""
        screen = self._launch("Xvfb", "-displayfd", "1", "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp",
                              stdout=subprocess.PIPE)
        self.variables["DISPLAY"] = f":{_first_line(screen)}"
        self._install_broken_notifications()
        bus = self._launch("dbus-daemon", "--session", "--nofork", "--print-address=1", stdout=subprocess.PIPE)
        self.variables["DBUS_SESSION_BUS_ADDRESS"] = _first_line(bus)
        if self._has_panel:
            settings = Path(self.variables["XDG_CONFIG_HOME"]) / "xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml"
            settings.parent.mkdir(parents=True)
            settings.write_text(_PANEL.format(dark=str(self._dark).lower()))
            self._start_panel()

    def _start_panel(self) -> None:
        self._panel = self._launch("xfce4-panel", "--disable-wm-check")
        wait_for(lambda: self.ask("place"), "a place for icons")

    def mend(self) -> None:
        """Start the panel again if its place for icons has crashed, as the library that draws its menus does at
        times; icons come back by themselves."""
        if self._panel is not None and not self.ask("place"):
            self._parts.remove(self._panel)
            _end(self._panel)
            self._start_panel()

    def _install_broken_notifications(self) -> None:
        """A notification service that is there but does not start, as on many a small desktop."""
        services = Path(self.variables["XDG_DATA_HOME"]) / "dbus-1/services"
        services.mkdir(parents=True)
        (services / "org.freedesktop.Notifications.service").write_text(
            "[D-BUS Service]\nName=org.freedesktop.Notifications\nExec=/bin/false\n")

    def close(self) -> None:
        for part in reversed(self._parts):
            _end(part)

    def ask(self, *words: str) -> Any:
        """What ``menu_client.py`` answers; None if it fails."""
        client = Path(__file__).with_name("menu_client.py")
        done = subprocess.run([str(PYTHON), str(client), *words], env=self.environment(), capture_output=True,
                              text=True, check=False, timeout=20)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def point(self, *words: str) -> None:
        """Move the pointer, click, type: as ``xdotool`` understands it."""
        subprocess.run(["xdotool", *words], env=self.environment(), check=True, timeout=20)

    def picture(self) -> Image.Image:
        """The whole screen."""
        return ImageGrab.grab(xdisplay=self.variables["DISPLAY"]).convert("RGB")

    def _launch(self, *command: str, stdout: int | IO[str] = subprocess.DEVNULL) -> subprocess.Popen[str]:
        log = (self._folder / f"{Path(command[0]).name}.log").open("w")
        part = subprocess.Popen(command, env=self.environment(), stdout=stdout, stderr=log, text=True)
        log.close()
        self._parts.append(part)
        return part


def _end(part: subprocess.Popen[str]) -> None:
    part.terminate()
    try:
        part.wait(10)
    except subprocess.TimeoutExpired:  # a panel that shows a dialog does not listen
        part.kill()
        part.wait()
    if part.stdout is not None:
        part.stdout.close()


def _first_line(part: subprocess.Popen[str]) -> str:
    assert part.stdout is not None
    return part.stdout.readline().strip()
