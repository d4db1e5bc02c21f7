"""A viewer by GStreamer, as a process of its own: notes when each picture came, and keeps the last one.

python -m tests.pipewire.reader CAMERA WIDTH HEIGHT PICTURES FOLDER
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vcam.frame import Pixels, Size, i420_shape
from vcam.sources.test import read_stamp

_PIPE_BYTES = 1 << 20


@dataclass(frozen=True)
class Seen:
    """What a viewer saw: arrival times (monotonic, ns), stamps, the stream's caps, and the last picture."""

    arrived: list[int]
    stamps: list[int | None]
    caps: str
    last: Pixels

    @classmethod
    def of(cls, output: str) -> Seen:
        told: dict[str, Any] = json.loads(output)
        return cls(told["arrived"], told["stamps"], told["caps"], np.load(told["last"]))


def main(camera: str, size: Size, pictures: int, folder: str) -> None:
    inlet, outlet = os.pipe()
    _enlarge(outlet)
    player = subprocess.Popen(
        ["gst-launch-1.0", "-v", "pipewiresrc", f"target-object={camera}", f"num-buffers={pictures}", "!",
         "video/x-raw,format=I420", "!", "fdsink", f"fd={outlet}", "sync=false"],
        pass_fds=(outlet,), stdout=subprocess.PIPE, text=True)
    os.close(outlet)
    picture = np.empty(i420_shape(size), np.uint8)
    arrived: list[int] = []
    stamps: list[int | None] = []
    with open(inlet, "rb", buffering=0) as stream:  # noqa: PTH123
        while len(arrived) < pictures and _fill(stream, picture):
            arrived.append(time.monotonic_ns())
            stamps.append(read_stamp(picture[:size.height]))
    words = player.communicate(timeout=10)[0]
    with tempfile.NamedTemporaryFile(suffix=".npy", dir=folder, delete=False) as kept:
        np.save(kept, picture)
    caps = re.search(r"pipewiresrc0\.GstPad:src: caps = (.*)", words)
    print(json.dumps({"arrived": arrived, "stamps": stamps, "caps": caps[1] if caps else words,  # noqa: T201
                      "last": kept.name}))


def _fill(stream: Any, picture: Pixels) -> bool:
    """Read one picture; False at the end."""
    view = picture.reshape(-1).data
    while view:
        got = stream.readinto(view)
        if not got:
            return False
        view = view[got:]
    return True


def _enlarge(pipe: int) -> None:
    import fcntl

    fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


if __name__ == "__main__":
    _, name, wide, high, count, where = sys.argv
    Path(where).mkdir(exist_ok=True)
    main(name, Size(int(wide), int(high)), int(count), where)
