"""A small footprint: of what was only needed to start, nothing stays in memory. On Linux; elsewhere nothing is done."""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Iterator
from pathlib import Path

_M_ARENA_MAX = -8  # of glibc's malloc.h
_DONTNEED = 4  # of the kernel's mman.h
_HEAD = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ +(\S.*)")


def share_arenas() -> None:
    """Let all threads take memory from one arena of glibc's: each has its own otherwise, with holes of its own.

    Worth its call before threads start."""
    if sys.platform == "linux":
        set_option = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
        if set_option is not None:
            set_option(_M_ARENA_MAX, 1)


def drop_pages(library: str) -> int:
    """Give the kernel back the pages of a library's file that this process has mapped, and return how many bytes.

    Only pages as they are in the file: should they be needed again, they are read again."""
    if sys.platform != "linux":
        return 0
    advise = ctypes.CDLL(None, use_errno=True).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    return sum(size for start, size in _clean_parts(Path("/proc/self/smaps").read_text(), library)
               if advise(start, size, _DONTNEED) == 0)


def _clean_parts(maps: str, library: str) -> Iterator[tuple[int, int]]:
    """Start and size of a file's read-only mappings without a page of the process's own, by smaps' text: what the
    loader or a parent process wrote to, in memory or swapped out, would be lost."""
    part: tuple[int, int] | None = None
    for line in maps.splitlines():
        head = _HEAD.match(line)
        if head is not None or not line[:1].isupper():
            part = _wanted(head, library)
        elif line.startswith("Anonymous:") and int(line.split()[1]):
            part = None
        elif part is not None and line.startswith("Swap:") and not int(line.split()[1]):
            yield part


def _wanted(head: re.Match[str] | None, library: str) -> tuple[int, int] | None:
    if head is None or "w" in head[3] or Path(head[4]).name != library:
        return None
    start = int(head[1], 16)
    return start, int(head[2], 16) - start
