"""Measures the panel on this machine: what it costs, and how soon a click is seen (a program, not a test).

``python -m tests.app.web.figures`` runs vcam on the demo at 720p with the real network for about a minute and a half.
Cost is the processor time of the panel's own threads, so that other load on the machine hardly counts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading  # noqa: TID251
import time
from collections.abc import Callable
from http.client import HTTPConnection
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import cv2
import numpy as np

from vcam.app.web.panel import Panel
from vcam.app.web.place import parse_place
from vcam.control import remote
from vcam.control.beginning import begin
from vcam.control.configuration import Configuration
from vcam.control.listener import RemoteControl
from vcam.engine.live import LiveRun
from vcam.errors import VcamError
from vcam.frame import Rendered
from vcam.sinks import Delivery, OutputFormat

_NAMES = ("scandinavian-room", "deep-teal-glow", "golden-bokeh", "plaster-wall-shelves", "brick-loft-evening")
_SECONDS = 8.0
_VIEWER = "import sys, urllib.request\nwith urllib.request.urlopen(urllib.request.Request(sys.argv[1], headers=" \
          "{'X-Vcam-Show-Room': 'yes'})) as view:\n    while view.read(65536): pass"


class Seen(NamedTuple):
    """A picture that reached the sink: when, what, and the mean brightness of its two upper corners."""

    at: float
    kind: str
    seq: int
    corners: tuple[float, float]


class Probe:
    """A sink that notes what comes."""

    name, note, watchers, tags_colour, delivery = "probe", "", 1, True, Delivery.LATEST

    def __init__(self) -> None:
        self.seen: list[Seen] = []

    def open(self, output: OutputFormat) -> None: ...
    def close(self) -> None: ...

    def send(self, picture: Rendered) -> None:
        luma = picture.frame.pixels
        self.seen.append(Seen(time.monotonic(), picture.kind, picture.frame.seq,
                              (float(luma[:40, :40].mean()), float(luma[:40, -40:].mean()))))


class Bench:
    """A run with its panel."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        configuration = Configuration({"source": "demo:", "size": "1280x720", "sink": "null:", "always_on": True,
                                       "background": "brick-loft-evening", "panel": "0"})
        self.controller, assembly = begin(configuration, "figures")
        self.run: LiveRun = assembly.run
        place = parse_place("0", "")
        assert place is not None
        self.panel = Panel(self.controller, self.run, place, place.bind())
        self.probe = Probe()
        self._remote = RemoteControl(self.controller, "figures")

    def __enter__(self) -> Bench:
        self.run.start()
        self.controller.start()
        self._remote.start()
        self.panel.start()
        self.run.parts.outputs.add(self.probe)
        while not self.probe.seen or self.probe.seen[-1].kind != "composite":
            time.sleep(0.05)
        return self

    def __exit__(self, *error: object) -> None:
        self.panel.stop()
        self._remote.stop()
        self.controller.stop()
        self.run.finish()

    def ask(self, path: str, body: dict[str, Any] | None = None) -> None:
        connection = HTTPConnection("127.0.0.1", int(self.panel.url.rstrip("/").rpartition(":")[2]), timeout=30)
        connection.request("GET" if body is None else "POST", path, None if body is None else json.dumps(body).encode(),
                           {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        connection.close()


def thread_seconds(wanted: Callable[[str], bool]) -> float:
    """Processor time of the threads whose names are wanted."""
    return sum(time.clock_gettime(time.pthread_getcpuclockid(thread.ident)) for thread in threading.enumerate()
               if thread.ident is not None and wanted(thread.name))


def spent(bench: Bench, label: str, path: str = "", viewers: int = 1) -> None:
    """Print what the panel costs a picture that vcam makes, while somebody looks at ``path``."""
    looking = [subprocess.Popen([sys.executable, "-c", _VIEWER, bench.panel.url + path], stdout=subprocess.DEVNULL)
               for _ in range(viewers if path else 0)]
    time.sleep(2)
    pictures, own, sent = len(bench.probe.seen), thread_seconds(_is_panels), bench.panel.looks.encoded
    time.sleep(_SECONDS)
    pictures = len(bench.probe.seen) - pictures
    cost = 1000 * (thread_seconds(_is_panels) - own) / pictures
    shown = (bench.panel.looks.encoded - sent) / _SECONDS
    for viewer in looking:
        viewer.kill()
        viewer.wait()
    _print(f"{label:34} {cost:5.2f} ms CPU a frame ({pictures / _SECONDS:.1f} frames a second, {shown:.1f} encoded)")


def _is_panels(name: str) -> bool:
    return "panel" in name


def switched(bench: Bench, name: str) -> tuple[float, int, bool, float]:
    """Milliseconds from a click to the first picture with the new background; then over the next 0.7 s: frames that
    are missing, whether all were composites and none black, and the longest wait between two, in milliseconds."""
    probe = bench.probe
    before, count, clicked = probe.seen[-1], len(probe.seen), time.monotonic()
    bench.ask("/commands/bg", {"name": name})
    time.sleep(0.7)
    new, after = probe.seen[-1], probe.seen[count - 1:]
    assert _distance(new, before) > 2, f"{name} looks like the one before"
    first = next(seen for seen in after if _distance(seen, new) < _distance(seen, before))
    missing = after[-1].seq - after[0].seq + 1 - len(after)
    whole = all(seen.kind == "composite" and max(seen.corners) > 17 for seen in after)
    wait = max(later.at - earlier.at for earlier, later in pairwise(after))
    return 1000 * (first.at - clicked), missing, whole, 1000 * wait


def _distance(one: Seen, other: Seen) -> float:
    return max(abs(a - b) for a, b in zip(one.corners, other.corners, strict=True))


def switch_times(bench: Bench, label: str, names: list[str]) -> None:
    """Print them."""
    rows = [switched(bench, name) for name in names]
    times = [row[0] for row in rows]
    spoilt = "none" if all(row[2] for row in rows) else "SOME"
    _print(f"{label:34} {median(times):5.0f} ms to the first picture (most {max(times):.0f}), "
           f"{sum(row[1] for row in rows)} frames missing, {spoilt} black or a card, "
           f"longest wait {max(row[3] for row in rows):.0f} ms")


def new_pictures(folder: Path, count: int) -> list[str]:
    """Photographs of 3840 × 2160, as far as a decoder can tell."""
    noise = np.random.default_rng(7)
    made = []
    for number in range(count):
        rough = noise.integers(20 + 40 * (number % 3), 120 + 40 * (number % 3), (54, 96, 3), np.uint8)
        fine = cv2.resize(rough, (3840, 2160), interpolation=cv2.INTER_CUBIC)
        grain = noise.integers(0, 24, (2160, 3840, 3), np.uint8)
        made.append(str(folder / f"new-{number}.jpg"))
        cv2.imwrite(made[-1], cv2.add(fine, grain), (cv2.IMWRITE_JPEG_QUALITY, 90))
    return made


def state_spread(bench: Bench) -> None:
    """Print how long after a click the event stream and the socket (tray, ``vcam status --watch``) tell of it."""
    told: dict[str, list[tuple[float, str]]] = {"panel": [], "socket": []}
    ends = threading.Event()
    followers = [threading.Thread(target=follow, args=(bench, told[name], ends), daemon=True)
                 for name, follow in (("panel", _events), ("socket", _socket))]
    for follower in followers:
        follower.start()
    time.sleep(2)
    late: list[float] = []
    for turn in range(10):
        wanted, clicked = f"colour:#{turn:02d}40{turn:02d}", time.monotonic()
        bench.ask("/commands/bg", {"name": wanted})
        time.sleep(0.6)
        late.append(max(next(at for at, name in seen if name == wanted) - clicked for seen in told.values()))
    ends.set()
    _print(f"{'state equal in all front ends':34} {1000 * median(late):5.0f} ms after the click "
           f"(most {1000 * max(late):.0f})")


def _events(bench: Bench, told: list[tuple[float, str]], ends: threading.Event) -> None:
    connection = HTTPConnection("127.0.0.1", int(bench.panel.url.rstrip("/").rpartition(":")[2]), timeout=30)
    connection.request("GET", "/events")
    answer = connection.getresponse()
    while not ends.is_set():
        line = answer.readline()
        if line.startswith(b"data: "):
            told.append((time.monotonic(), json.loads(line[6:])["settings"]["background"]))


def _socket(bench: Bench, told: list[tuple[float, str]], ends: threading.Event) -> None:
    try:
        for state in remote.watch("figures"):
            told.append((time.monotonic(), state["settings"]["background"]))
            if ends.is_set():
                return
    except VcamError as error:
        _print(str(error))


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """Measure everything."""
    with tempfile.TemporaryDirectory(prefix="vcam-figures-") as name:
        folder = Path(name)
        os.environ |= {"VCAM_STATE_FOLDER": name, "VCAM_SOCKET_FOLDER": name, "VCAM_CONFIG": str(folder / "c.toml")}
        (folder / "c.toml").touch()
        with Bench(folder) as bench:
            spent(bench, "nobody has opened the panel")
            bench.ask("/state")
            spent(bench, "opened and closed again")
            spent(bench, "one looks, 640 wide", "view/picture?width=640")
            spent(bench, "one looks, 800 wide", "view/picture?width=800")
            spent(bench, "three look, 800 wide", "view/picture?width=800", viewers=3)
            spent(bench, "before and after, 640 wide", "view/split?width=640")
            switch_times(bench, "a bundled picture, the first time", list(_NAMES))
            switch_times(bench, "a picture shown before", [*_NAMES, *_NAMES])
            switch_times(bench, "a new 4K picture", new_pictures(folder, 6))
            state_spread(bench)


if __name__ == "__main__":
    main()
