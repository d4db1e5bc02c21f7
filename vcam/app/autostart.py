"""Starting at login: an entry for the desktop on Linux, an agent on macOS, a value of the registry on Windows.

Those for macOS and Windows have not been run on these systems yet; the tests hold them to the formats.
"""

from __future__ import annotations

import os
import plistlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from vcam.errors import ControlError
from vcam.wholefile import write_whole

LABEL = "org.vcam.tray"
SECRET = "VCAM_PANEL_TOKEN"
_RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"
_VALUE = "vcam"
_OFF = ("hidden=true", "x-gnome-autostart-enabled=false")


def is_on() -> bool:
    """Whether vcam starts at login."""
    if sys.platform == "win32":
        return _read_registry() is not None
    path = entry_path()
    if not path.is_file():
        return False
    return sys.platform == "darwin" or not any(line.replace(" ", "").casefold() in _OFF
                                               for line in path.read_text(encoding="utf-8").splitlines())


def turn(on: bool, command: Sequence[str]) -> None:
    """Have ``command`` started at login, or no more.

    Raises:
        ControlError: the system does not let us, or vcam was given a secret for this time only.
    """
    if on and os.environ.get(SECRET):
        raise ControlError("the panel's token is not written into what starts at login: others could read it there",
                           "put it into the configuration file, which is yours alone: vcam config set panel_token "
                           "TOKEN; then start vcam without it")
    try:
        if sys.platform == "win32":
            _write_registry(windows_command(command) if on else None)
        elif on:
            path = entry_path()
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, launch_agent(command) if sys.platform == "darwin" else desktop_entry(command).encode())
        else:
            entry_path().unlink(missing_ok=True)
    except OSError as error:
        raise ControlError(f"starting at login cannot be turned {'on' if on else 'off'}: {error.strerror}",
                           f"look at {_place()}") from error


def entry_path() -> Path:
    """The file that says so (Linux, macOS)."""
    if sys.platform == "darwin":
        return Path.home() / "Library/LaunchAgents" / f"{LABEL}.plist"
    folder = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(folder) if Path(folder).is_absolute() else Path.home() / ".config") / "autostart" / "vcam.desktop"


def desktop_entry(command: Sequence[str]) -> str:
    """As the Desktop Entry and Autostart specifications want it."""
    lines = ("[Desktop Entry]", "Type=Application", "Name=vcam", "Comment=Replace the background of your camera",
             f"Exec={' '.join(_quoted(word) for word in command)}", "Icon=camera-web", "Terminal=false",
             "StartupNotify=false", "X-GNOME-Autostart-enabled=true")
    return "\n".join(lines) + "\n"


def launch_agent(command: Sequence[str]) -> bytes:
    """As launchd wants it: once at login, in the desktop's session only."""
    return plistlib.dumps({"Label": LABEL, "ProgramArguments": list(command), "RunAtLoad": True,
                           "LimitLoadToSessionType": "Aqua", "ProcessType": "Interactive"})


def windows_command(command: Sequence[str]) -> str:
    """One line, through the Python that opens no console."""
    program = command[0]
    if program.casefold().endswith("python.exe"):
        program = f"{program[:-len('.exe')]}w.exe"
    return subprocess.list2cmdline([program, *command[1:]])


def _quoted(word: str) -> str:
    """Quoted for Exec, and once more escaped, as every string of an entry is."""
    inner = "".join(f"\\{sign}" if sign in '"`$\\' else sign for sign in word).replace("%", "%%")
    return '"' + inner.replace("\\", "\\\\") + '"'


def _place() -> str:
    return rf"HKEY_CURRENT_USER\{_RUN_KEY}" if sys.platform == "win32" else str(entry_path())


if sys.platform == "win32":
    import winreg

    def _read_registry() -> str | None:
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, _RUN_KEY) as key:
                return str(winreg.QueryValueEx(key, _VALUE)[0])
        except FileNotFoundError:
            return None

    def _write_registry(line: str | None) -> None:
        """None: nothing is started any more."""
        with winreg.CreateKey(winreg.HKEY_CURRENT_USER, _RUN_KEY) as key:
            if line is not None:
                winreg.SetValueEx(key, _VALUE, 0, winreg.REG_SZ, line)
            elif _read_registry() is not None:
                winreg.DeleteValue(key, _VALUE)
