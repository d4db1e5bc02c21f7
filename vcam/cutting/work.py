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


class Work:
    """Files in a folder beside the output. Whatever is in it is whole: it is written under another name first.

    Args:
        folder: its place; a former run's is taken over if it was about the very same.
        key: everything that the content depends on.
        fresh: begin anew, whatever is there.

    Raises:
        CutoutError: the folder cannot be made.
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

    def load(self, name: str) -> dict[str, NDArray[Any]]:
        """The arrays that were kept."""
        with np.load(self.path(name), allow_pickle=False) as stored:
            return dict(stored)

    def trouble(self, error: OSError) -> CutoutError:
        """What went wrong with the folder, in words."""
        return CutoutError(f"'{self.folder}' cannot be written to: {error.strerror or error}",
                           "make room or choose another place; the same command goes on where it was")

    def remove(self) -> None:
        """Nothing of it is needed any more."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _is_about(self, plan: str) -> bool:
        try:
            return self.path(_PLAN).read_text() == plan
        except (OSError, UnicodeDecodeError):
            return False


def fingerprint(path: Path) -> str:
    """Tells one state of a file from another, without reading all of it."""
    found = path.stat()
    with path.open("rb") as stream:
        beginning = stream.read(1 << 16)
    text = f"{path.resolve()} {found.st_size} {found.st_mtime_ns} ".encode()
    return hashlib.sha256(text + beginning).hexdigest()
