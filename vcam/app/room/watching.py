"""The newest state of every camera, heard over the socket that `vcam bg` uses too."""

from __future__ import annotations

import json
import time
from typing import Any

from vcam.control import remote
from vcam.engine.worker import Worker
from vcam.errors import VcamError

_AGAIN_SECONDS = 1.0


class Watch:
    """Follows one camera from ``start`` on, whether it runs or not."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.state: dict[str, Any] | None = None
        self._worker = Worker(f"watch {name}", self._follow, lambda error: None)
        self._over = False

    def start(self) -> None:
        self._worker.start()

    def stop(self) -> None:
        """Follow no more; a state that is being waited for is not read."""
        self._over = True

    @property
    def panel(self) -> int:
        """The port of its own panel; 0: none."""
        address = (self.state or {}).get("panel", "")
        return int(address.rstrip("/").rpartition(":")[2]) if address else 0

    def _follow(self) -> None:
        while not self._over:
            try:
                for state in remote.watch(self.name):
                    self.state = state
                    if self._over:
                        return
            except (VcamError, json.JSONDecodeError):
                pass
            self.state = None
            time.sleep(_AGAIN_SECONDS)
