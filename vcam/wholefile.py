"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vcam.errors import UsageError


def check_target(path: Path) -> None:
    """Find out before the work that a file could not be written after it.

    Raises:
        UsageError: its folder does not exist or may not be written to, or it is a folder itself.
    """
    folder = path.resolve().parent
    if not folder.is_dir():
        raise UsageError(f"'{path}' cannot be written: its folder does not exist", "give a file in an existing folder")
    if path.is_dir():
        raise UsageError(f"'{path}' cannot be written: it is a folder", f"try {path / path.name}")
    if not os.access(folder, os.W_OK):
        raise UsageError(f"'{path}' cannot be written: permission denied in {folder}", "choose another folder")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside ``path`` to write to, with the same ending; renamed at the end, deleted if something fails."""
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(4)}{path.suffix}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_whole(path: Path, data: bytes) -> None:
    """Write ``data``; what was there before stays until all of it is written."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)
