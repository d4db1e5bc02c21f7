"""Measures streams on this machine, through real servers: delay from paint to sight, CPU, loss, sound against picture,
recovery.

python -m tests.servers.measure PROTOCOL [SECONDS] [WxH]
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading  # noqa: TID251
import time
from pathlib import Path
from statistics import median

from tests.beeps import beeping
from tests.servers.film import HD, Film, roll, shown
from tests.servers.stage import Stage, staged
from tests.servers.watch import Watched
from vcam.engine.live import LiveRun, run_to_end
from vcam.frame import Size
from vcam.sinks import SinkOptions, make_sink

_PICTURES_ONLY = ("mjpeg", "rtsp")  # the test's RTSP server hands sound on apart from the picture
_SETTLED = 30  # pictures until a viewer has caught up


def delay(stage: Stage, size: Size, seconds: float) -> dict[str, float]:
    """Watch a stream that is on: delays, loss, CPU beyond that of the run itself."""
    alone = _cpu(shown(Film(size), [make_sink("null:")], 5))
    run = shown(Film(size), [make_sink(stage.sink)])
    begun, cpu = time.monotonic(), time.process_time()
    run.start()
    time.sleep(3)
    seen = stage.watch(seconds)
    spent = (time.process_time() - cpu) / (time.monotonic() - begun)
    status = run.status().sinks[0]
    run.finish()
    return {**told(seen), "cpu_percent": round(100 * (spent - alone), 1), "kbit_s": status.kbit_s,
            "handed_over_ms": status.delay_ms, "dropped": status.dropped}


def told(seen: Watched) -> dict[str, float]:
    """The figures of what a viewer saw; a second at the beginning is left out, where it catches up."""
    settled = Watched(seen.clocks[_SETTLED:], seen.arrived[_SETTLED:])
    clocks = [clock for clock in settled.clocks if clock is not None]
    expected = (clocks[-1] - clocks[0]) / 1000 * 30 + 1
    return {"pictures": len(clocks), "lost": round(max(expected - len(set(clocks)), 0)),
            "delay_p50_ms": settled.percentile(0.5), "delay_p99_ms": settled.percentile(0.99)}


def sound(stage: Stage, size: Size, folder: Path, seconds: float) -> dict[str, float]:
    """By how much sound comes after its picture, where the stream has sound."""
    film, over = Film(size), threading.Event()
    sink = make_sink(stage.sink, SinkOptions(audio=str(beeping(folder / "beeps.wav", 60))))
    sink.open(film.output)
    first = film.picture()  # the sound begins with it
    begun = first.frame.captured_ns // 1_000_000
    sink.send(first)
    feeder = threading.Thread(target=roll, args=(sink, film, 120, over.is_set))
    feeder.start()
    try:
        offsets = stage.watch(seconds).beeps_after(begun)
    finally:
        over.set()
        feeder.join()
        sink.close()
    settled = offsets[2:]
    return {"beeps": len(settled), "sound_after_picture_ms": round(median(settled), 1),
            "sound_spread_ms": round(max(settled) - min(settled), 1)} if settled else {"beeps": 0}


def recovery(stage: Stage, size: Size) -> dict[str, float]:
    """Kill the server, start it again after a while: how long until the stream is on, and until it is seen."""
    assert stage.server is not None
    run = shown(Film(size), [make_sink(stage.sink), make_sink("null:")])
    run.start()
    time.sleep(4)
    stage.server.kill()
    time.sleep(9)
    other = run.status().sinks[1].sent
    stage.server.start()
    back, sent = time.monotonic(), run.status().sinks[0].sent
    while run.status().sinks[0].sent == sent and time.monotonic() < back + 20:
        time.sleep(0.01)
    again = time.monotonic() - back
    seen = stage.watch(4)
    final = run.finish()
    first = next((at for at, clock in zip(seen.arrived, seen.clocks, strict=True)
                  if clock is not None and clock > back * 1000), 0)
    return {"on_again_s": round(again, 2), "seen_again_s": round(first / 1000 - back, 2),
            "other_sink_lost": final.sinks[1].dropped, "other_sink_sent_meanwhile": other}


def _cpu(run: LiveRun) -> float:
    begun, cpu = time.monotonic(), time.process_time()
    run_to_end(run, lambda status: None, 1.0)
    return (time.process_time() - cpu) / (time.monotonic() - begun)


def main(protocol: str, seconds: str = "15", size: str = str(HD)) -> None:
    with tempfile.TemporaryDirectory(prefix="vcam-stream-") as folder, staged(protocol, Path(folder)) as stage:
        found: dict[str, float] = delay(stage, Size.parse(size), float(seconds))
        if protocol not in _PICTURES_ONLY:
            found |= sound(stage, Size.parse(size), Path(folder), float(seconds))
        if stage.server is not None:
            found |= recovery(stage, Size.parse(size))
    print(json.dumps({"protocol": protocol, **found}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
