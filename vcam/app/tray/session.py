"""Follows one vcam after another: the one that runs, the one that was started for the tray, the next one."""

from __future__ import annotations

from collections.abc import Callable

from vcam.app.tray.look import Now
from vcam.app.tray.runner import Runner
from vcam.control import remote
from vcam.engine.slot import Latest
from vcam.errors import VcamError

_LOOK_SECONDS = 0.2


class Session:
    """What the tray lives for.

    Args:
        instance: the name of the vcam that is meant.
        show: told of every change, in the thread of ``run``.
    """

    def __init__(self, runner: Runner, instance: str, show: Callable[[Now], None]) -> None:
        self._runner, self._instance, self._show = runner, instance, show
        self._over = self._left = False
        self._bell: Latest[bool] = Latest()

    def run(self) -> int:
        """Show vcam, started if none runs, until the user quits or it ends well; the exit code."""
        if not remote.is_running(self._instance):
            self._runner.start()
        while not self._over:
            if remote.is_running(self._instance):
                self._follow()
            elif not self._runner.runs:
                if self._runner.code == 0:
                    break
                self._show(Now(trouble=self._runner.trouble()))
            else:
                self._show(Now(starting=True))
            self._bell.get(_LOOK_SECONDS)
        while self._runner.runs and not self._left:
            self._bell.get(_LOOK_SECONDS)
        return self._runner.code or 0

    def start(self) -> None:
        """Start a vcam, if none runs."""
        if not remote.is_running(self._instance):
            self._runner.start()
        self._bell.put(True)

    def quit(self) -> None:
        """End vcam, and ``run``."""
        self._over = True
        try:
            remote.tell("quit", name=self._instance)
        except VcamError:
            self.leave()
        self._bell.put(True)

    def leave(self) -> None:
        """End ``run``, and the vcam that was started for it, but no other."""
        self._over = self._left = True
        self._runner.stop()
        self._bell.put(True)

    def _follow(self) -> None:
        try:
            for state in remote.watch(self._instance):
                if self._left:
                    return
                self._show(Now(state))
        except VcamError:
            return  # it ended just now
