"""Carries out what the user clicks, away from the thread that draws."""

from __future__ import annotations

import subprocess
import sys
import time
import webbrowser
from collections.abc import Callable
from pathlib import Path

import typer

from vcam.app import autostart
from vcam.app.tray.look import Now
from vcam.app.tray.menu import Do, Tell
from vcam.app.tray.session import Session
from vcam.app.tray.surroundings import page
from vcam.control import remote
from vcam.control.commands import TABLE
from vcam.engine.jobs import JobWorker
from vcam.errors import ControlError, VcamError

_PAGE_SECONDS = 3.0
_STOP_SECONDS = 2.0
_DOCTOR_SECONDS = 120

Say = Callable[[str, str], None]


class Clicks:
    """Two queues, so that hiding never waits for a background that is being loaded.

    Args:
        login_command: what "Start at login" starts.
        folder: for reports.
        say: tells the user something: title and text.
    """

    def __init__(self, session: Session, instance: str, login_command: list[str], folder: Path, say: Say) -> None:
        self._session, self._instance, self._login_command = session, instance, login_command
        self._folder, self._say = folder, say
        self._quick, self._patient = JobWorker("tray quick"), JobWorker("tray")

    def start(self) -> None:
        self._quick.start()
        self._patient.start()

    def stop(self) -> None:
        self._quick.stop(_STOP_SECONDS)
        self._patient.stop(_STOP_SECONDS)

    def clicked(self, action: Tell | Do) -> None:
        """Have it done; never waits."""
        urgent = action in (Do.QUIT, Do.START) or (isinstance(action, Tell) and TABLE.find(action.word).urgent)
        (self._quick if urgent else self._patient).ask(lambda: self._carry_out(action))

    def _carry_out(self, action: Tell | Do) -> None:
        try:
            if isinstance(action, Tell):
                remote.tell(action.word, dict(action.arguments), self._instance)
            else:
                self._own(action)
        except VcamError as error:
            self._say(error.message, error.hint)
        except OSError as error:
            self._say(f"'{action}' failed", str(error))

    def _own(self, action: Do) -> None:
        {Do.OPEN_PAGE: self.open_page, Do.OPEN_FOLDER: self._open_folder, Do.DOCTOR: self._doctor,
         Do.LOGIN: self._login, Do.START: self._session.start, Do.QUIT: self._session.quit}[action]()

    def open_page(self) -> None:
        """Open the panel, or the preview, which is started if it is not there."""
        state = remote.status(self._instance)
        if not page(state)[1]:
            remote.tell("sink start", {"sink": "preview:"}, self._instance)
        deadline = time.monotonic() + _PAGE_SECONDS
        while not (address := page(remote.status(self._instance))[1]):
            if time.monotonic() > deadline:
                raise ControlError("the preview tells no address", "vcam status")
            time.sleep(0.1)
        webbrowser.open(address)

    def _open_folder(self) -> None:
        from vcam.backdrops.library import user_folder

        chosen = remote.status(self._instance)["settings"]["backgrounds_folder"]
        folder = user_folder(Path(chosen) if chosen else None)
        folder.mkdir(parents=True, exist_ok=True)
        typer.launch(str(folder))

    def _doctor(self) -> None:
        """In a file: a tray has no terminal to print to."""
        done = subprocess.run([sys.executable, "-m", "vcam", "doctor"], capture_output=True, check=False,
                              timeout=_DOCTOR_SECONDS, stdin=subprocess.DEVNULL)
        report = self._folder / "doctor.txt"
        self._folder.mkdir(parents=True, exist_ok=True)
        report.write_bytes(done.stdout or done.stderr)
        webbrowser.open(report.as_uri())

    def _login(self) -> None:
        autostart.turn(not autostart.is_on(), self._login_command)


def has_page(now: Now) -> str:
    """Which page "Open" would open now."""
    return page(now.state)[0] if now.state is not None else ""
