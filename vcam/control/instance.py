"""One vcam at a time: a lock that the system takes back when its owner dies, whatever way.

Several on purpose have names (``--name``, ``VCAM_INSTANCE``), and each its own lock, socket and memory.
"""

from __future__ import annotations

import os
import re
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

from vcam.errors import ControlError, UsageError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")  # as config.CAMERA_NAME
# The lock is on this byte, far behind the text, which others can read meanwhile (Windows locks bytes, not files).
_LOCKED_BYTE = 4096


def instance_name(name: str = "") -> str:
    """The name of the vcam that is meant: the given one, or VCAM_INSTANCE; empty: the usual one.

    Raises:
        UsageError: not a name.
    """
    chosen = name or os.environ.get("VCAM_INSTANCE", "")
    if chosen and not _NAME.fullmatch(chosen):
        raise UsageError(f"'{chosen}' is no name for a vcam", "use letters, digits, - and _: --name second")
    return chosen


def folder() -> Path:
    """Where lock, socket and key lie (``VCAM_SOCKET_FOLDER`` overrides the platform's folder)."""
    override = os.environ.get("VCAM_SOCKET_FOLDER")
    if override:
        return Path(override)
    from platformdirs import user_runtime_path

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fallback folder is fine
        return user_runtime_path("vcam", appauthor=False)


def file_in_folder(stem: str, ending: str, instance: str) -> Path:
    """The path of one of an instance's files."""
    return folder() / f"{stem}{'-' + instance if instance else ''}{ending}"


@contextmanager
def holding(instance: str) -> Iterator[str]:
    """Be the one vcam of that name while the context lasts; gives why that cannot be made sure of, or an empty text.

    Raises:
        ControlError: another one is (says its process id).
    """
    try:
        path = _path(instance)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = FileIO(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")
    except OSError as error:
        yield f"vcam cannot be remote-controlled: {error.strerror} ({folder()})"
        return
    with file:
        if not _locked(file):
            raise _taken(instance)
        file.truncate(0)
        file.write(f"{os.getpid()}\n".encode())
        yield ""
        file.truncate(0)


def owner(instance: str) -> int:
    """Process id of the vcam that runs under that name; 0: none."""
    with suppress(OSError, ValueError), FileIO(_path(instance), "r+") as file:
        if not _lock(file):
            return int(file.readall())
    return 0


def running() -> tuple[str, ...]:
    """The names of those that run; the usual one's is empty."""
    stems = (path.stem.removeprefix("vcam") for path in sorted(folder().glob("vcam*.lock")))
    return tuple(stem.removeprefix("-") for stem in stems if owner(stem.removeprefix("-")))


def _path(instance: str) -> Path:
    return file_in_folder("vcam", ".lock", instance)


def _taken(instance: str) -> ControlError:
    named = f" as '{instance}'" if instance else ""
    flag = f" --name {instance}" if instance else ""
    return ControlError(f"vcam runs already{named} (process {owner(instance) or 'unknown'})",
                        f"change it with `vcam bg`, `vcam set` … (vcam --help), stop it with `vcam quit{flag}`, or run "
                        "one more under another name: vcam run --name second")


def _locked(file: FileIO) -> bool:
    """Lock; more than once, because somebody may just be looking who the owner is."""
    for _ in range(5):
        if _lock(file):
            return True
        time.sleep(0.02)
    return False


def _lock(file: FileIO) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(_LOCKED_BYTE)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            file.seek(0)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
