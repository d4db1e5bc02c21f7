"""The work folder of one output: what is done already, so that an interrupted run goes on where it was."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcam import __version__
from vcam.errors import CutoutError
from vcam.wholefile import replacing, write_whole

_PLAN = "plan.json"


class Unwritable(CutoutError):
    """There is no room, or it may not be written to. What is done stays in the work folder."""


class Work:
    """Files in a folder beside the output. Whatever is in it is whole: it is written under another name first.

    Args:
        folder: its place; a former run's is taken over if it was about the very same.
        key: everything that the content depends on.
        fresh: begin anew, whatever is there.

    Raises:
        Unwritable: the folder cannot be made.
    """

    def __init__(self, folder: Path, key: Mapping[str, object], fresh: bool = False) -> None:
        self.folder = folder
        plan = json.dumps({"vcam": __version__, **key}, sort_keys=True, default=str)
        try:
            if fresh or not self._is_about(plan):
                self.remove()
                folder.mkdir(parents=True)
                write_whole(folder / _PLAN, plan.encode())
        except OSError as error:
            raise self.trouble(error) from error

    def path(self, name: str) -> Path:
        """Where a file of that name is, or will be."""
        return self.folder / name

    def has(self, name: str) -> bool:
        return self.path(name).exists()

    def save(self, name: str, **arrays: NDArray[Any]) -> None:
        """Keep arrays (``.npz``)."""
        try:
            with replacing(self.path(name)) as temporary:
                np.savez_compressed(temporary, allow_pickle=False, **arrays)
        except OSError as error:
            raise self.trouble(error) from error

    def write(self, name: str, data: bytes) -> None:
        """Keep bytes."""
        try:
            write_whole(self.path(name), data)
        except OSError as error:
            raise self.trouble(error) from error

    def load(self, name: str) -> dict[str, NDArray[Any]]:
        """The arrays that were kept."""
        with np.load(self.path(name), allow_pickle=False) as stored:
            return dict(stored)

    def trouble(self, error: OSError) -> Unwritable:
        """What went wrong with the folder, in words."""
        return Unwritable(f"'{self.folder}' cannot be written to: {error.strerror or error}",
                          "make room or choose another place; the same command goes on where it was")

    def remove(self) -> None:
        """Nothing of it is needed any more."""
        remove(self.folder)

    def _is_about(self, plan: str) -> bool:
        try:
            return self.path(_PLAN).read_text() == plan
        except (OSError, UnicodeDecodeError):
            return False


def remove(path: Path) -> None:
    """Take a file or a folder away, if it is there."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def fingerprint(path: Path) -> str:
    """Tells one state of a file from another, without reading all of it."""
    found = path.stat()
    with path.open("rb") as stream:
        beginning = stream.read(1 << 16)
    text = f"{path.resolve()} {found.st_size} {found.st_mtime_ns} ".encode()
    return hashlib.sha256(text + beginning).hexdigest()
