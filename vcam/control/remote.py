"""Telling a running vcam what to do, over a local socket: one line of JSON there, one back.

Socket and key lie in the user's own runtime folder. Both sides prove that they know the key, which only the user can
read, so neither other users nor web pages can command the camera, nor can another program pose as vcam.

This side imports little: a key of the keyboard may be bound to it.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from typing import Any

from vcam.control.instance import file_in_folder, instance_name, owner, running
from vcam.errors import ControlError, UsageError, VcamError

if sys.platform == "win32":
    from multiprocessing.connection import Connection, PipeConnection

    Line = Connection | PipeConnection
else:
    from multiprocessing.connection import Connection

    Line = Connection

Answer = dict[str, Any]
# Long enough for a camera to be opened, and for a long recording to be completed.
ANSWER_SECONDS = 60.0
LONGEST_REQUEST, LONGEST_ANSWER = 1 << 16, 1 << 24


def address(instance: str) -> str:
    """Of an instance's socket (on Windows: named pipe)."""
    if sys.platform == "win32":
        return rf"\\.\pipe\vcam-{os.environ.get('USERNAME', 'user')}{'-' + instance if instance else ''}"
    return str(file_in_folder("control", ".sock", instance))


def tell(command: str, arguments: dict[str, Any] | None = None, name: str = "") -> Answer:
    """Have a command carried out by the running vcam; its state afterwards.

    Raises:
        VcamError: none is running, or it refused.
    """
    return _asked({"command": command, "arguments": arguments or {}}, name)


def status(name: str = "") -> Answer:
    """The running vcam's state.

    Raises:
        VcamError: none is running.
    """
    return _asked({"ask": "state"}, name)


def watch(name: str = "") -> Iterator[Answer]:
    """The running vcam's state, now and whenever it changes, until it ends.

    Raises:
        VcamError: none is running.
    """
    with _connected(instance_name(name)) as connection:
        connection.send_bytes(json.dumps({"ask": "states"}).encode())
        while True:
            try:
                yield _understood(connection.recv_bytes(LONGEST_ANSWER))
            except (OSError, EOFError):
                return


def is_running(name: str = "") -> bool:
    """Whether a vcam answers."""
    try:
        _connected(instance_name(name)).close()
    except VcamError:
        return False
    return True


def _asked(request: dict[str, Any], name: str) -> Answer:
    try:
        with _connected(instance_name(name)) as connection:
            connection.send_bytes(json.dumps(request).encode())
            if not connection.poll(ANSWER_SECONDS):
                raise ControlError("the running vcam does not answer", "stop it and start it again: vcam run")
            return _understood(connection.recv_bytes(LONGEST_ANSWER))
    except (OSError, EOFError) as error:
        raise ControlError("the running vcam stopped before it answered", "start it again: vcam run") from error


def _connected(instance: str) -> Line:
    try:
        key = file_in_folder("key", "", instance).read_bytes()
        return Client(address(instance), authkey=key)
    except (OSError, EOFError, AuthenticationError) as error:
        named = f" under the name '{instance}'" if instance else ""
        start = f"vcam run{' --name ' + instance if instance else ''}"
        if pid := owner(instance):
            raise ControlError(f"vcam runs{named} (process {pid}), but cannot be told anything now",
                               f"if it is just starting, try again; else stop it and start it anew: {start}") from error
        others = [name for name in running() if name]
        raise ControlError(f"no running vcam was found{named}",
                           f"these run: {', '.join(others)}; name one: --name {others[0]}" if others else
                           f"start it: {start}") from error


def _understood(data: bytes) -> Answer:
    answer: Answer = json.loads(data)
    if "error" in answer:
        kind = UsageError if answer.get("exit_code") == UsageError.exit_code else ControlError
        raise kind(answer["error"], answer.get("hint", ""))
    return answer
