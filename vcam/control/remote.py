"""A running vcam is told what to do over a local socket: one line of JSON there, one back.

The socket lies in the user's own runtime folder and asks for a key from a file that only the user can read, so neither
other users nor web pages can command the camera.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any

from platformdirs import user_runtime_path

from vcam.engine.worker import Worker
from vcam.errors import ControlError

Answer = dict[str, Any]
ANSWER_SECONDS = 5.0
_LONGEST = 1 << 16

log = logging.getLogger(__name__)


def folder() -> Path:
    """Where socket and key lie (``VCAM_SOCKET_FOLDER`` overrides the platform's folder)."""
    override = os.environ.get("VCAM_SOCKET_FOLDER")
    if override:
        return Path(override)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fallback folder is fine
        return user_runtime_path("vcam")


def _address() -> str:
    if sys.platform == "win32":
        return rf"\\.\pipe\vcam-{os.environ.get('USERNAME', 'user')}"
    return str(folder() / "control.sock")


class RemoteControl:
    """Answers commands until stopped.

    Args:
        obey: carries a command out and returns the answer; its VcamErrors become answers too.
    """

    def __init__(self, obey: Callable[[str], Answer]) -> None:
        self._obey = obey
        self._listener: Listener | None = None
        self._worker = Worker("remote", self._serve, lambda error: None)

    def start(self) -> str:
        """Listen; returns why not, or an empty text."""
        if is_running():
            return "another vcam runs already: vcam pause, panic and status go to that one"
        try:
            folder().mkdir(parents=True, exist_ok=True, mode=0o700)
            if sys.platform != "win32":
                Path(_address()).unlink(missing_ok=True)
            self._listener = Listener(_address(), authkey=_new_key())
        except OSError as error:
            return f"vcam pause, panic and status do not work: {error.strerror} ({folder()})"
        self._worker.start()
        return ""

    def stop(self) -> None:
        """Stop listening and clear away."""
        listener, self._listener = self._listener, None
        if listener is None:
            return
        with suppress(OSError, EOFError, AuthenticationError):
            Client(_address()).close()  # wakes the one that waits; without a key it waits for nothing itself
        self._worker.join(ANSWER_SECONDS)
        listener.close()
        (folder() / "key").unlink(missing_ok=True)

    def _serve(self) -> None:
        while (listener := self._listener) is not None:
            try:
                with listener.accept() as connection:
                    self._answer(connection)
            except (OSError, EOFError, AuthenticationError):
                log.debug("a remote command was refused or broke off", exc_info=True)

    def _answer(self, connection: Connection) -> None:
        if not connection.poll(ANSWER_SECONDS):
            return
        try:
            answer = self._obey(str(json.loads(connection.recv_bytes(_LONGEST))["command"]))
        except (ValueError, KeyError, TypeError):
            answer = {"error": "not a command"}
        connection.send_bytes(json.dumps(answer).encode())


def _new_key() -> bytes:
    path = folder() / "key"
    path.unlink(missing_ok=True)
    key = secrets.token_hex(32).encode()
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(key)
    return key


def _key() -> bytes:
    return (folder() / "key").read_bytes()


def is_running() -> bool:
    """Whether a vcam answers."""
    try:
        Client(_address(), authkey=_key()).close()
    except (OSError, EOFError, AuthenticationError):
        return False
    return True


def tell(command: str) -> Answer:
    """Send a command to the running vcam and return its answer.

    Raises:
        ControlError: none is running, or it refused.
    """
    try:
        with Client(_address(), authkey=_key()) as connection:
            connection.send_bytes(json.dumps({"command": command}).encode())
            if not connection.poll(ANSWER_SECONDS):
                raise ControlError("the running vcam does not answer", "stop it and start it again: vcam run")
            answer: Answer = json.loads(connection.recv_bytes(_LONGEST))
    except (OSError, EOFError, AuthenticationError) as error:
        raise ControlError("no running vcam was found", "start it: vcam run") from error
    if "error" in answer:
        raise ControlError(f"vcam refused '{command}': {answer['error']}", "vcam --help lists the commands")
    return answer
