"""Watches over the cameras of a room until all have ended or it is asked to stop."""

from __future__ import annotations

import logging
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from vcam.app.room.child import Child
from vcam.app.room.plan import Plan
from vcam.app.service import Manager
from vcam.errors import VcamError

log = logging.getLogger("vcam")

_LOOK_SECONDS, _STATUS_SECONDS = 0.2, 2.0
_STOP_SECONDS = 15.0


class Supervisor:
    """One process for each camera. SIGHUP reads the configuration again: theirs, and which there are.

    Args:
        words: of every camera's command, behind its name.
        read_again: the plan as it is now; may raise VcamError.
    """

    def __init__(self, plan: Plan, words: tuple[str, ...], read_again: Callable[[], Plan]) -> None:
        self._plan, self._words, self._read_again = plan, words, read_again
        self._manager = Manager()
        self._stopping = self._wants_reload = self._told_ready = False
        self._children: dict[str, Child] = {}
        self._folder = Path()

    def run(self) -> int:
        """Until the end; the exit code: the worst of the cameras'."""
        with ExitStack() as stack:
            self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vcam-room-")))
            self._follow_signals()
            for name in self._plan.cameras:
                self._begin(name)
            stack.callback(self._end)
            told = 0.0
            while not self._stopping and not all(child.has_ended for child in self._children.values()):
                time.sleep(_LOOK_SECONDS)
                now = time.monotonic()
                self._look(now)
                if now - told > _STATUS_SECONDS:
                    told = now
                    self._manager.alive(self.status_line())
        return max(abs(child.exit_code) and (2 if child.exit_code == 2 else 1) for child in self._children.values())

    def stop(self) -> None:
        """Ask for the end; also from a signal handler."""
        self._stopping = True

    @property
    def cameras(self) -> dict[str, str]:
        """How each one's process is."""
        return {name: child.status for name, child in tuple(self._children.items())}

    def status_line(self) -> str:
        """How all are, in a line."""
        return " | ".join(f"{name}: {status}" for name, status in self.cameras.items())

    def _look(self, now: float) -> None:
        for child in self._children.values():
            child.look(now)
        if not self._told_ready and all(child.is_ready for child in self._children.values()):
            self._told_ready = True
            self._manager.ready()
        if self._wants_reload:
            self._wants_reload = False
            self._reload()

    def _reload(self) -> None:
        self._manager.reloading()
        try:
            plan = self._read_again()
        except VcamError as error:
            log.error("the configuration is not followed: %s", error)
            self._manager.ready()
            return
        self._plan = plan
        for name in [name for name in self._children if name not in plan.cameras]:
            gone = self._children.pop(name)
            gone.tell(signal.SIGTERM)
            gone.stop(_STOP_SECONDS)
            log.info("camera %s is in the configuration no more", name)
        for name in plan.cameras:
            if name not in self._children or self._children[name].has_ended:
                self._begin(name)
            else:
                self._children[name].tell(signal.SIGHUP)
        self._manager.ready()

    def _begin(self, name: str) -> None:
        former = self._children.get(name)
        if former is not None:
            former.stop(0)
        config = ("--config", str(self._plan.path)) if self._plan.path is not None else ()
        command = [sys.executable, "-m", "vcam", "run", "--headless", "--camera", name, *config, *self._plan.flags,
                   *self._words]
        self._children[name] = Child(name, command, os.environ, self._folder)
        self._children[name].start(time.monotonic())

    def _end(self) -> None:
        self._manager.stopping()
        for child in self._children.values():
            child.tell(signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        for child in self._children.values():
            child.stop(max(deadline - time.monotonic(), 0.1))

    def _follow_signals(self) -> None:
        def stop(number: int, frame: FrameType | None) -> None:
            del number, frame
            self._stopping = True

        def reload(number: int, frame: FrameType | None) -> None:
            del number, frame
            self._wants_reload = True

        signal.signal(signal.SIGINT, stop)
        if sys.platform != "win32":
            signal.signal(signal.SIGTERM, stop)
            signal.signal(signal.SIGHUP, reload)
