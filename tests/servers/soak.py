"""Days in short: vcam streams 720p30 with sound to a real server and records it, and is looked at all the while.

python -m tests.servers.soak MINUTES FILE.csv [FOLDER]

A line every half minute: memory, descriptors, threads, CPU, what vcam says of the stream, and what a viewer sees that
joins anew each time (delay from paint to sight, pictures lost, and where beeps lie against the painted clock).
"""

from __future__ import annotations

import csv
import json
import signal
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from tests.beeps import beeping
from tests.servers.film import FPS
from tests.servers.product import Product
from tests.servers.stage import Stage, staged
from tests.servers.watch import Viewer, Watched

EVERY_S, WATCHED_S = 30.0, 10.0
_SETTLED = 30  # pictures until a viewer has caught up
WARM_UP_S = 300


def look(product: Product, stage: Stage, seconds: float) -> dict[str, Any]:
    """One line."""
    before, since = product.usage(), time.monotonic()
    seen = Viewer(stage.watched, WATCHED_S, stage.muxer).result()
    found, sink = product.usage(), product.state()["run"]["sinks"][0]
    cpu = (found.pop("cpu_s") - before["cpu_s"]) / (time.monotonic() - since)
    told = {name: sink[name] for name in ("sent", "dropped", "reopened", "kbit_s", "delay_ms", "delay_p99_ms")}
    return {"seconds": round(seconds), **found, "cpu_percent": round(100 * cpu, 1), **told, **_seen(seen)}


def _seen(seen: Watched) -> dict[str, Any]:
    late = Watched(seen.clocks[_SETTLED:], seen.arrived[_SETTLED:])
    clocks = [clock for clock in late.clocks if clock is not None]
    if len(clocks) < 2:
        return {"problem": seen.problem or "nothing was seen"}
    expected = (clocks[-1] - clocks[0]) / 1000 * float(FPS) + 1
    beeps = seen.beeps_after(0)
    return {"seen_p50_ms": late.percentile(0.5), "seen_p99_ms": late.percentile(0.99),
            "lost": round(max(expected - len(set(clocks)), 0)), "beep_ms": round(median(beeps), 1) if beeps else "",
            "problem": seen.problem}


def summary(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Growth after the warm-up, and drift: slopes of straight lines through what was measured."""
    settled = [line for line in lines if line["seconds"] > WARM_UP_S and not line["problem"]] or lines
    minutes = np.array([line["seconds"] for line in settled]) / 60

    def slope(name: str) -> float:
        values = [float(line[name]) for line in settled]
        return float(np.polyfit(minutes, values, 1)[0]) if len(values) > 1 else 0.0

    return {"minutes": round(lines[-1]["seconds"] / 60, 1), "lines": len(lines),
            "memory_mb_in_10_min": round(10 * slope("rss_mb"), 3),
            "rss_mb": [settled[0]["rss_mb"], lines[-1]["rss_mb"]],
            "fds": sorted({line["fds"] for line in settled}), "threads": sorted({line["threads"] for line in settled}),
            "delay_p50_ms": median(line["seen_p50_ms"] for line in settled),
            "delay_drift_ms_in_10_min": round(10 * slope("seen_p50_ms"), 2),
            "av_drift_ms_in_10_min": round(10 * slope("beep_ms"), 2),
            "beep_ms": [min(line["beep_ms"] for line in settled), max(line["beep_ms"] for line in settled)],
            "cpu_percent": median(line["cpu_percent"] for line in settled),
            "lost": sum(line["lost"] for line in settled),
            "reopened": lines[-1]["reopened"], "problems": sorted({line["problem"] for line in lines} - {""})}


def main(minutes: str, file: str, folder: str = "") -> None:
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))  # what was started is ended too
    with tempfile.TemporaryDirectory(prefix="vcam-soak-") as place, staged("rtmp", Path(place)) as stage:
        here = Path(folder or place)
        beeps = beeping(here / "beeps.wav", 60)
        product = Product(Path(place), "--source", "film:", "--size", "1280x720", "--background", "none", "--sink",
                          stage.sink, "--sink", str(here / "soak.mkv"), "--stream-audio", str(beeps))
        try:
            lines = _looks(product, stage, float(minutes) * 60, Path(file))
            code = product.stop()
        finally:
            product.kill()
        print(json.dumps({**summary(lines), "exit_code": code}))  # noqa: T201


def _looks(product: Product, stage: Stage, seconds: float, file: Path) -> list[dict[str, Any]]:
    product.wait_until_live()
    begun, lines = time.monotonic(), []
    with file.open("w", newline="") as text:
        writer: Any = None
        while (now := time.monotonic() - begun) < seconds:
            lines.append({"problem": "", **look(product, stage, now)})
            writer = writer or csv.DictWriter(text, [*lines[0]], extrasaction="ignore")
            if len(lines) == 1:
                writer.writeheader()
            writer.writerow(lines[-1])
            text.flush()
            time.sleep(max(begun + len(lines) * EVERY_S - time.monotonic(), 0))
    return lines


if __name__ == "__main__":
    main(*sys.argv[1:])
