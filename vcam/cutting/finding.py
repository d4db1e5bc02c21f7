"""The files that words on a command line mean: a file, a folder, a pattern, an address, standard input."""

from __future__ import annotations

import shutil
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from glob import glob
from pathlib import Path
from typing import BinaryIO

from vcam.backdrops import VIDEOS
from vcam.errors import CutoutError, UsageError
from vcam.sources import PICTURES

STANDARD_INPUT = "-"
TIMEOUT_SECONDS = 30
_ADDRESS = ("http://", "https://")
_MINE = (".cutout", ".alpha")
_MORE_VIDEOS = frozenset({".ts", ".mts", ".m2ts", ".mpg", ".mpeg", ".wmv", ".flv", ".3gp", ".ogv", ".apng"})


def find(words: Sequence[str]) -> list[Path]:
    """The files that paths, folders and patterns mean; no addresses. What vcam made itself is left out of folders and
    patterns.

    Raises:
        UsageError: one of them means nothing.
    """
    found: list[Path] = []
    for word in words:
        path = Path(word).expanduser()
        if path.is_dir():
            here = sorted(each for each in path.iterdir() if _is_media(each))
            if not here:
                raise UsageError(f"folder '{word}' holds no video and no picture", "give another folder")
            found += here
        elif path.exists():
            found.append(path)
        else:
            found += _matching(word)
    return list(dict.fromkeys(found))


def _matching(pattern: str) -> list[Path]:
    whole = str(Path(pattern).expanduser())
    found = [Path(each) for each in sorted(glob(whole, recursive=True))]  # noqa: PTH207 (patterns may be absolute)
    paths = [path for path in found if path.is_file() and not path.stem.endswith(_MINE)]
    if not paths:
        raise UsageError(f"'{pattern}' does not exist", "give a video, a picture, a folder or a pattern such as *.jpg")
    return paths


def _is_media(path: Path) -> bool:
    known = path.suffix.lower() in PICTURES | VIDEOS | _MORE_VIDEOS
    return known and path.is_file() and not path.name.startswith(".") and not path.stem.endswith(_MINE)


def is_address(word: str) -> bool:
    """Whether it names something on a server."""
    return word.lower().startswith(_ADDRESS)


def name_of(address: str) -> str:
    """The file name in an address."""
    return Path(urllib.parse.unquote(urllib.parse.urlsplit(address).path)).name or "download"


def fetch(address: str, target: Path, progress: Callable[[int, int], None] = lambda done, total: None) -> None:
    """Bring what an address gives into a file.

    Raises:
        CutoutError: it cannot be had.
    """
    request = urllib.request.Request(address, headers={"User-Agent": "vcam"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response, target.open("wb") as out:
            total = int(response.headers.get("Content-Length") or 0)
            done = 0
            while block := response.read(1 << 20):
                out.write(block)
                done += len(block)
                progress(done, total)
            if total and done < total:
                raise CutoutError(f"{address} broke off after {done} of {total} bytes", "try again")
    except (OSError, ValueError, urllib.error.URLError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        raise CutoutError(f"{address} could not be fetched: {reason}", "download it with a browser, and give the file"
                          ) from error


def drain(stream: BinaryIO, target: Path) -> None:
    """Everything from a stream into a file.

    Raises:
        CutoutError: there is nothing, or it cannot be written.
    """
    try:
        with target.open("wb") as out:
            shutil.copyfileobj(stream, out, 1 << 20)
    except OSError as error:
        raise CutoutError(f"standard input cannot be kept in {target.parent}: {error.strerror}", "make room") from error
    if not target.stat().st_size:
        raise CutoutError("standard input is empty", "pipe a video or a picture into it")
