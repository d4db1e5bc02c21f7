"""What the menu shows that the running vcam's state does not tell."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from vcam.app.tray.look import State
from vcam.app.tray.menu import Plugged

_DEVICES = Path("/sys/class/video4linux")
_ADDRESS = re.compile(r"https?://[^\s,;)]+")
# Where the system does not show cheaply what is plugged in, cameras are listed again after that many seconds.
_PATIENCE = 10.0


class Cameras:
    """Those that are plugged in, listed again when that may have changed."""

    def __init__(self) -> None:
        self._seen: object = None
        self._listed: tuple[Plugged, ...] = ()

    def plugged(self, now: float) -> tuple[Plugged, ...]:
        """The list; ``now``: seconds of a clock that only goes forward."""
        seen = _nodes() if sys.platform == "linux" else now // _PATIENCE
        if seen != self._seen:
            self._listed, self._seen = _listed(), seen
        return self._listed


def _nodes() -> tuple[str, ...]:
    return tuple(sorted(path.name for path in _DEVICES.iterdir())) if _DEVICES.is_dir() else ()


def _listed() -> tuple[Plugged, ...]:
    cameras = list(_asked_of_drivers() if sys.platform == "linux" else _asked_of_opencv())
    times = Counter(name for _, name in cameras)
    return tuple(_plugged(number, name, times[name] == 1) for number, name in cameras)


def _plugged(number: int, name: str, is_unique: bool) -> Plugged:
    """Chosen by its name, which stays the same when it is plugged in again, if that tells it from the others."""
    if name and is_unique:
        return Plugged(f"camera:{name}", name, number)
    return Plugged(f"camera:{number}", f"Camera {number} ({name})" if name else f"Camera {number}", number)


def _asked_of_drivers() -> Iterator[tuple[int, str]]:
    """What ``list_cameras`` says, without OpenCV: that alone would double the tray's memory."""
    from vcam.sources.v4l2_modes import devices

    for device in devices():
        if device.captures and not device.is_virtual:
            yield int(device.path.removeprefix("/dev/video")), device.name


def _asked_of_opencv() -> Iterator[tuple[int, str]]:
    from vcam.sources.cameras import list_cameras

    for camera in list_cameras():
        yield camera.index, camera.name


def page(state: State) -> tuple[str, str]:
    """What can be opened in a browser and its address: ``panel`` before ``preview``; both empty: nothing."""
    if state.get("panel"):
        return "panel", str(state["panel"])
    notes = [*state["notes"], *(sink["note"] for sink in state["run"]["sinks"])]
    for kind in ("panel", "preview"):
        for note in notes:
            found = _ADDRESS.search(note)
            if found and note.casefold().startswith(kind):
                return kind, found.group()
    return "", ""
