"""The first time of all, the panel is shown: who starts vcam should not have to know its address."""

from __future__ import annotations

import os
import sys
import webbrowser

from vcam.control.memory import state_path
from vcam.engine.worker import Worker


def greet(address: str, wanted: bool | None) -> bool:
    """Open the panel in the user's browser; never waits for it.

    Args:
        address: of the panel; empty: there is none.
        wanted: whether the user asked for it; None: only the first time, and only on a desktop.

    Returns:
        Whether it is being opened.
    """
    marker = state_path("").parent / "greeted"
    if not address or wanted is False or (wanted is None and (marker.exists() or not _is_on_desktop())):
        return False
    try:
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.touch()
    except OSError:
        if wanted is None:
            return False  # or it would come up at every start
    Worker("browser", lambda: _open(address), lambda error: None).start()
    return True


def _open(address: str) -> None:
    webbrowser.open(address)


def _is_on_desktop() -> bool:
    """Elsewhere Python would start a browser for terminals, over what is written there."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
