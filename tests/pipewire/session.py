"""A PipeWire session of its own: bus, daemon and session manager, away from whatever runs on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PROGRAMS = {"dbus-daemon": "dbus-daemon", "pipewire": "pipewire", "wireplumber": "wireplumber",
            "pw-cli": "pipewire-bin", "gst-launch-1.0": "gstreamer1.0-tools"}
DESKTOP = "vcamtest"  # names the portal's backend, see access_backend.py


def missing() -> str:
    """What keeps a session from starting here, or empty."""
    absent = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    if not absent and subprocess.run(["gst-inspect-1.0", "pipewiresrc"], capture_output=True, check=False).returncode:
        absent = ["gstreamer1.0-pipewire"]
    return f"not installed: {', '.join(absent)}" if absent else ""


def wait_for(true: Callable[[], bool], what: str, seconds: float = 10) -> None:
    """Wait until ``true`` says so; AssertionError if it does not in time."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"{what}: not within {seconds:g} s"
        time.sleep(0.02)


class Session:
    """Starts and stops the parts.

    Args:
        folder: for the sockets, logs and homes of the session (a short path: a socket's may have 107 bytes).
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runtime = folder / "run"
        self._runtime.mkdir(mode=0o700, parents=True)
        self._bus: subprocess.Popen[str] | None = None
        self._parts: list[subprocess.Popen[str]] = []
        self._daemon: list[subprocess.Popen[str]] = []
        homes = {name: str(folder / "home") for name in (
            "HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")}
        self.variables = {"XDG_RUNTIME_DIR": str(self._runtime), "XDG_CURRENT_DESKTOP": DESKTOP,
                          "XDG_DESKTOP_PORTAL_DIR": str(folder / "portals"), "GIO_USE_VFS": "local", **homes}
        (folder / "home").mkdir()

    def environment(self) -> dict[str, str]:
        """The environment of a program inside the session."""
        kept = {name: value for name, value in os.environ.items() if name not in ("PIPEWIRE_REMOTE", "DISPLAY")}
        return kept | self.variables

    def start(self) -> None:
        """Bus, daemon and session manager, and wait until they know each other."""
        self._offer_camera_permission()
        self._bus = self._launch("dbus-daemon", "--session", "--nofork", "--print-address=1", stdout=subprocess.PIPE)
        assert self._bus.stdout is not None
        self.variables["DBUS_SESSION_BUS_ADDRESS"] = self._bus.stdout.readline().strip()
        backend = Path(__file__).with_name("access_backend.py")
        if Path("/usr/bin/python3").exists():
            self._parts.append(self._launch("/usr/bin/python3", str(backend), DESKTOP))
        self.start_daemon()

    def start_daemon(self) -> None:
        self._daemon = [self._launch("pipewire")]
        wait_for(lambda: bool(self.ask("info", "0")), "the daemon")  # a dead one's socket may still lie there
        self._daemon.append(self._launch("wireplumber"))
        wait_for(lambda: "WirePlumber" in self.ask("ls", "Client"), "the session manager")

    def kill_daemon(self) -> None:
        """As in a crash: nobody is told."""
        for part in self._daemon:
            part.kill()
            part.wait()

    def close(self) -> None:
        self.kill_daemon()
        for part in (*self._parts, self._bus):
            if part is not None:
                part.terminate()
                part.wait(10)

    def ask(self, *words: str) -> str:
        """What ``pw-cli`` answers."""
        return subprocess.run(["pw-cli", *words], env=self.environment(), capture_output=True, text=True,
                              check=False, timeout=10).stdout

    def reader(self, camera: str, width: int, height: int, pictures: int) -> subprocess.Popen[str]:
        """A viewer as a process of its own; its output is for ``reader.Seen``."""
        return subprocess.Popen([sys.executable, "-m", "tests.pipewire.reader", camera, str(width), str(height),
                                 str(pictures), str(self._folder)], env=self.environment(), stdout=subprocess.PIPE,
                                text=True, cwd=Path(__file__).parents[2], start_new_session=True)

    def _launch(self, *command: str, stdout: int | None = None) -> subprocess.Popen[str]:
        with (self._folder / f"{Path(command[0]).name}.log").open("a") as log:
            return subprocess.Popen(command, env=self.environment(), stdout=log if stdout is None else stdout,
                                    stderr=log, text=True, start_new_session=True)

    def _offer_camera_permission(self) -> None:
        """Tell the portal that access_backend.py answers when it asks whether an app may use the camera."""
        portals = self._folder / "portals"
        portals.mkdir()
        (portals / f"{DESKTOP}.portal").write_text(
            f"[portal]\nDBusName=org.freedesktop.impl.portal.desktop.{DESKTOP}\n"
            f"Interfaces=org.freedesktop.impl.portal.Access;\nUseIn={DESKTOP}\n")
