"""The tray's program: icon, session, clicks and notices put together."""

from __future__ import annotations

import signal
import sys
import time
from types import FrameType
from typing import Any

from vcam.app import autostart
from vcam.app.notify import Notifier, Watch
from vcam.app.tray.clicks import Clicks, has_page
from vcam.app.tray.icon import TrayIcon
from vcam.app.tray.look import Now, look, tooltip
from vcam.app.tray.menu import Around, menu
from vcam.app.tray.runner import Runner
from vcam.app.tray.session import Session
from vcam.app.tray.surroundings import Cameras
from vcam.control.memory import state_path
from vcam.engine.worker import Worker

_END_SECONDS = 5.0
_INTERRUPTED = 130


class TrayProgram:
    """Runs until the user quits, or vcam ends well.

    Args:
        pystray: the module, from ``library.load``.
        arguments: of ``vcam run``, if it has to be started.
    """

    def __init__(self, pystray: Any, instance: str, arguments: list[str]) -> None:
        self._folder = state_path(instance).parent
        login = [sys.executable, "-m", "vcam", "tray", *arguments]
        self._session = Session(Runner(arguments, self._folder / "vcam.log"), instance, self._show)
        self._notifier, self._watch, self._cameras = Notifier(), Watch(), Cameras()
        self._clicks = Clicks(self._session, instance, login, self._folder, self._notifier.tell)
        self._icon = TrayIcon(pystray, self._clicks.clicked)
        self._code = 0

    def run(self) -> int:
        """Show the icon; the exit code. macOS wants the main thread for it; elsewhere that one waits for signals."""
        _interrupt_on_signals()
        self._notifier.start()
        self._clicks.start()
        drawing = sys.platform == "darwin"
        other = Worker("tray icon", self._follow if drawing else self._icon.run, self._lost)
        other.start()
        try:
            if drawing:
                self._icon.run()
            else:
                self._follow()
        except KeyboardInterrupt:
            self._code = _INTERRUPTED
        finally:
            self._session.leave()
            self._icon.stop()
            other.join(_END_SECONDS)
            self._clicks.stop()
            self._notifier.stop()
        return self._code

    def _follow(self) -> None:
        self._code = self._session.run()
        self._icon.stop()

    def _lost(self, error: BaseException) -> None:
        """The icon is gone, the camera stays: `vcam status` and the others still reach it."""
        self._notifier.tell("vcam's icon is gone", f"{error}; vcam goes on: vcam status, vcam quit")

    def _show(self, now: Now) -> None:
        clock = time.monotonic()
        around = Around(self._cameras.plugged(clock), has_page(now), autostart.is_on())
        self._icon.show(look(now), tooltip(now), menu(now, around))
        if now.state is not None:
            for notice in self._watch.seen(now.state, clock):
                self._notifier.tell(notice.title, notice.text)
        elif now.trouble and self._watch.may_tell(now.trouble, clock):
            self._notifier.tell("vcam has stopped", now.trouble)


def _interrupt_on_signals() -> None:
    def interrupt(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    if sys.platform != "win32":
        signal.signal(signal.SIGTERM, interrupt)
