"""What is given back to the kernel, and that nothing is lost by it."""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
from pathlib import Path

import pytest

from vcam.engine.memory import drop_pages

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells and takes pages back")
SIZE = 4 << 20


def resident(name: str) -> int:
    """Bytes of a file's mappings that are in memory."""
    total, inside = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if not line[:1].isupper():
            inside = line.endswith(name)
        elif inside and line.startswith("Rss:"):
            total += int(line.split()[1]) * 1024
    return total


def test_pages_of_a_file_are_dropped_and_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "library.so"
    content = bytes(range(256)) * (SIZE // 256)
    path.write_bytes(content)
    with path.open("rb") as file, mmap.mmap(file.fileno(), SIZE, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ) as mapped:
        assert mapped[:] == content
        assert resident("library.so") == SIZE
        assert drop_pages("library.so") == SIZE
        assert resident("library.so") == 0
        assert mapped[:] == content


def test_what_was_written_to_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "library.so"
    path.write_bytes(bytes(SIZE))
    with path.open("rb") as file, mmap.mmap(file.fileno(), SIZE, flags=mmap.MAP_PRIVATE) as mapped:
        mapped[5] = 7
        assert drop_pages("library.so") == 0
        assert mapped[5] == 7


def test_only_that_file(tmp_path: Path) -> None:
    path = tmp_path / "another.so"
    path.write_bytes(bytes(SIZE))
    with path.open("rb") as file, mmap.mmap(file.fileno(), SIZE, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ) as mapped:
        assert mapped[:] == bytes(SIZE)
        assert drop_pages("library.so") == 0
        assert resident("another.so") == SIZE


def test_what_a_parent_process_wrote_to_is_left_alone(tmp_path: Path) -> None:
    """As a loader does to its constants before it makes them read-only."""
    path = tmp_path / "library.so"
    path.write_bytes(bytes(SIZE))
    with path.open("rb") as file, mmap.mmap(file.fileno(), SIZE, flags=mmap.MAP_PRIVATE) as mapped:
        mapped[5] = 7
        address = ctypes.addressof(ctypes.c_char.from_buffer(mapped))
        assert ctypes.CDLL(None).mprotect(ctypes.c_void_p(address), ctypes.c_size_t(SIZE), mmap.PROT_READ) == 0
        child = os.fork()
        if child == 0:
            dropped = drop_pages("library.so")
            os._exit(0 if (dropped, mapped[5]) == (0, 7) else 1)
        assert os.waitpid(child, 0)[1] == 0
