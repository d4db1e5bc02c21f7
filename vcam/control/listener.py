"""The running vcam's side of the remote control (``remote`` is the other)."""

from __future__ import annotations

import json
import logging
import os
import secrets
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Listener, answer_challenge, deliver_challenge
from pathlib import Path
from typing import Any

from vcam.control.commands import TABLE
from vcam.control.controller import Controller
from vcam.control.instance import file_in_folder, folder
from vcam.control.remote import LONGEST_REQUEST, Line, address
from vcam.engine.worker import Worker
from vcam.errors import VcamError

_REQUEST_SECONDS = 5.0
_ANSWER_SECONDS = 1.0
# More than anybody needs at once; a program that asks and asks must not fill the machine with threads.
_MOST_CALLERS = 32

log = logging.getLogger(__name__)


class RemoteControl:
    """Answers commands until stopped, each caller in a thread of its own: one that hangs keeps nobody from ``panic``.

    Only the holder of the instance's lock may start one.
    """

    def __init__(self, controller: Controller, instance: str = "") -> None:
        self._controller = controller
        self._instance = instance
        self._key_path = file_in_folder("key", "", instance)
        self._key = b""
        self._listener: Listener | None = None
        self._callers: dict[_Call, Worker] = {}
        self._worker = Worker("remote", self._serve, lambda error: None)

    def start(self) -> str:
        """Listen; returns why not, or an empty text."""
        try:
            folder().mkdir(parents=True, exist_ok=True, mode=0o700)
            if sys.platform != "win32":
                Path(address(self._instance)).unlink(missing_ok=True)
            self._key = _new_key(self._key_path)
            self._listener = Listener(address(self._instance), backlog=16)
        except OSError as error:
            self.stop()
            return f"vcam cannot be remote-controlled: {error.strerror or error} ({folder()})"
        self._worker.start()
        return ""

    def stop(self) -> None:
        """Stop listening and clear away; who was asking gets an answer, if the controller gives one in time."""
        listener, self._listener = self._listener, None
        if listener is None:
            return
        with suppress(OSError, EOFError):
            Client(address(self._instance)).close()  # wakes the one that waits
        self._worker.join(_REQUEST_SECONDS)
        listener.close()
        for caller in tuple(self._callers.values()):
            caller.join(_ANSWER_SECONDS)
        self._key_path.unlink(missing_ok=True)

    def _serve(self) -> None:
        while (listener := self._listener) is not None:
            try:
                connection = listener.accept()
            except (OSError, EOFError):
                log.debug("a caller broke off", exc_info=True)
                continue
            if self._listener is None or len(self._callers) >= _MOST_CALLERS:
                connection.close()
                continue
            call = _Call(self._controller, connection, self._key, lambda ended: self._callers.pop(ended, None))
            self._callers[call] = Worker("caller", call.run, lambda error: None)
            self._callers[call].start()


class _Call:
    """One caller: proves who it is, is told or watches, and is gone."""

    def __init__(self, controller: Controller, connection: Line, key: bytes,
                 ended: Callable[[_Call], object]) -> None:
        self._controller, self._connection, self._key, self._ended = controller, connection, key, ended

    def run(self) -> None:
        try:
            deliver_challenge(self._connection, self._key)
            answer_challenge(self._connection, self._key)
            if self._connection.poll(_REQUEST_SECONDS):
                self._answer(self._connection.recv_bytes(LONGEST_REQUEST))
        except (OSError, EOFError, AuthenticationError):
            log.debug("a caller was refused or broke off", exc_info=True)
        finally:
            self._ended(self)
            self._connection.close()

    def _answer(self, request: bytes) -> None:
        try:
            asked = json.loads(request)
            wanted = asked.get("ask") if isinstance(asked, dict) else None
            if wanted == "states":
                with self._controller.feed() as states:
                    for state in states:
                        self._send(state.as_dict())
            elif wanted == "state":
                self._send(self._controller.state().as_dict())
            else:
                self._send(self._controller.obey(TABLE.from_json(asked)).as_dict())
        except VcamError as error:
            self._send({"error": error.message, "hint": error.hint, "exit_code": error.exit_code})
        except (ValueError, RecursionError):
            self._send({"error": "not a command", "hint": "vcam --help lists the commands", "exit_code": 2})

    def _send(self, answer: dict[str, Any]) -> None:
        self._connection.send_bytes(json.dumps(answer).encode())


def _new_key(path: Path) -> bytes:
    path.unlink(missing_ok=True)
    key = secrets.token_hex(32).encode()
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(key)
    return key
