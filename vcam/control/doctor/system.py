"""The machine as the checks see it: files under one root, commands, and what vcam itself knows.

Everything is a field, so that a test describes any machine as a folder and a few functions.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vcam.sources.cameras import CameraInfo

COMMAND_SECONDS = 3.0
BENCH_SECONDS = 8.0


def run_command(words: Sequence[str], seconds: float = COMMAND_SECONDS) -> str | None:
    """What a command prints, whatever its exit status (mokutil's says which of two good answers it gives).

    None if it is missing or takes too long.
    """
    # Debian keeps modinfo and mokutil where ordinary users do not look.
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=seconds, check=False, errors="replace",
                              stdin=subprocess.DEVNULL, env=os.environ | {"PATH": path, "LC_ALL": "C"})
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout


def _readable_and_writable(path: Path) -> bool:
    return os.access(path, os.R_OK | os.W_OK)


def _cameras() -> list[CameraInfo]:
    from vcam.sources.cameras import list_cameras

    return list_cameras()


def _virtual_camera() -> tuple[bool, str]:
    from vcam.sinks.virtualcam import available

    return available()


def _measure() -> tuple[float, float] | None:
    """``vcam bench`` in a process of its own: compiling kernels at the first run may take longer than anyone waits."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "vcam"]
    with tempfile.TemporaryDirectory(prefix="vcam-") as folder:
        rows = Path(folder) / "rows.json"
        run_command([*program, "bench", "--size", "1280x720", "--background", "blur", "--frames", "40", "--json",
                     str(rows)], BENCH_SECONDS)
        if not rows.exists():
            return None
        total = next(row for row in json.loads(rows.read_text(encoding="utf-8")) if row["stage"] == "total")
    return float(total["cpu_ms"]), float(total["wall_ms"])


def _packages() -> dict[str, str]:
    from importlib.metadata import distributions

    found = ((done.metadata["Name"], done.version) for done in distributions())
    return {name.lower().replace("_", "-"): version for name, version in found if name}


def _session_groups() -> set[str]:
    if sys.platform == "win32":
        return set()
    import grp

    known = {group.gr_gid: group.gr_name for group in grp.getgrall()}
    return {known.get(number, str(number)) for number in {*os.getgroups(), os.getegid()}}


def _user() -> str:
    import getpass

    return getpass.getuser()


@dataclass(frozen=True)
class System:
    """A machine.

    Attributes:
        root: where ``/proc``, ``/sys``, ``/dev``, ``/lib``, ``/etc`` and ``/usr`` are looked for.
        platform: as ``sys.platform``.
        environment: of the user's session.
        run: what a command prints, None if it cannot be run.
        may_use: whether this user may read and write a path (access lists included, so the mode alone is not it).
        groups: of this process. They may lag behind ``/etc/group`` until the user logs in again.
        user: the login name.
        cameras: vcam's own list.
        virtual_camera: whether there is one, and which or why not.
        packages: installed Python packages and their versions.
        measure: CPU and wall milliseconds of a 720p frame; None if there is no answer in time.
    """

    root: Path = Path("/")
    platform: str = sys.platform
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    run: Callable[[Sequence[str]], str | None] = run_command
    may_use: Callable[[Path], bool] = _readable_and_writable
    groups: Callable[[], set[str]] = _session_groups
    user: Callable[[], str] = _user
    cameras: Callable[[], list[CameraInfo]] = _cameras
    virtual_camera: Callable[[], tuple[bool, str]] = _virtual_camera
    packages: Callable[[], Mapping[str, str]] = _packages
    measure: Callable[[], tuple[float, float] | None] = _measure

    def path(self, absolute: str) -> Path:
        """``/proc/…`` of this machine."""
        return self.root / absolute.lstrip("/")

    def text(self, absolute: str) -> str:
        """A file's text, stripped; empty if it cannot be read."""
        try:
            return self.path(absolute).read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            return ""

    def glob(self, absolute: str) -> list[Path]:
        """Files by pattern, in order."""
        return sorted(self.root.glob(absolute.lstrip("/")))

    def kernel(self) -> str:
        """Release of the running kernel."""
        return self.text("/proc/sys/kernel/osrelease")

    def running(self) -> set[str]:
        """Names of all processes, as the kernel cuts them: at 15 characters."""
        return {self.text(f"/proc/{folder.name}/comm") for folder in self.glob("/proc/[0-9]*")}

    def virtual_nodes(self) -> list[str]:
        """``video10`` …: the devices that programs fill, by number."""
        names = [folder.name for folder in self.glob("/sys/devices/virtual/video4linux/video*")]
        return sorted(names, key=lambda name: (len(name), name))
