"""A named thread whose death is noticed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


class Worker:
    """Runs ``work`` once in a thread; ``died`` is told of an exception that ``work`` let through."""

    def __init__(self, name: str, work: Callable[[], None], died: Callable[[BaseException], None]) -> None:
        self.name = name
        self._work = work
        self._died = died
        self._thread = threading.Thread(target=self._run, name=f"vcam {name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self, timeout: float) -> bool:
        """Wait for the end; False if it has not come within ``timeout`` seconds. True if it never started."""
        if self._thread.ident is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # whatever it is, somebody must hear of it
            log.debug("worker %s died", self.name, exc_info=True)
            self._died(error)
