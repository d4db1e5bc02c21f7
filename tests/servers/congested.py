"""A stream over a slow line: the server and the viewer in one network namespace, vcam in another.

python -m tests.servers.congested PROTOCOL
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.servers.film import HD, Film, shown
from tests.servers.nginx import RtmpServer, Server
from tests.servers.rtsp import RtspServer
from tests.servers.watch import Watched
from vcam.sinks import SinkOptions, make_sink

NEAR, FAR_ADDRESS = "vcam-test", "10.77.0.2"
SECONDS = 20.0


def _inside(space: str, words: list[str], **more: object) -> subprocess.Popen[str]:
    return subprocess.Popen(["ip", "netns", "exec", space, *words], start_new_session=True, text=True,
                            **more)  # type: ignore[call-overload]


def main(protocol: str) -> None:
    """Runs outside, and starts the three parts where they belong."""
    with tempfile.TemporaryDirectory(prefix="vcam-slow-") as folder:
        server: Server = RtmpServer(Path(folder)) if protocol == "rtmp" else RtspServer(Path(folder))
        address = f"rtmp://{FAR_ADDRESS}:{server.port}/live/key"
        watched, muxer = address, ""
        if isinstance(server, RtspServer):
            address, watched, muxer = f"rtsp://{FAR_ADDRESS}:{server.port}/vcam", server.watched, "mpegts"
        words = server.command()
        _listen_everywhere(Path(folder))
        far = _inside(f"{NEAR}-far", words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                      env={**os.environ, "RTSP_ADDRESS": "0.0.0.0"})
        time.sleep(1.5)
        feeder = _inside(NEAR, [sys.executable, "-m", "tests.servers.congested", "feed", address],
                         stdout=subprocess.PIPE)
        viewer = _inside(f"{NEAR}-far", [sys.executable, "-m", "tests.servers.watch", watched, str(SECONDS - 5), muxer],
                         stdout=subprocess.PIPE)
        try:
            seen, fed = viewer.communicate(timeout=80)[0], feeder.communicate(timeout=80)[0]
        finally:
            for process in (far, feeder, viewer):
                process.kill()
                process.wait()
    delays = Watched(**json.loads(seen)).delays
    third = len(delays) // 3
    print(json.dumps({**json.loads(fed), "early_ms": median(delays[third:2 * third]),  # noqa: T201
                      "late_ms": median(delays[2 * third:]), "worst_ms": max(delays[third:])}))


def _listen_everywhere(folder: Path) -> None:
    for file in folder.glob("*.conf"):
        file.write_text(file.read_text().replace("127.0.0.1", "0.0.0.0"))


def feed(address: str) -> None:
    """Runs inside: a whole run with a stream, and a sink beside it."""
    run = shown(Film(HD), [make_sink(address, SinkOptions(bitrate=2500)), make_sink("null:")])
    run.start()
    time.sleep(SECONDS)
    status = run.finish()
    stream, other = status.sinks
    print(json.dumps({"sent": stream.sent, "dropped": stream.dropped, "kbit_s": stream.kbit_s,  # noqa: T201
                      "handed_over_p99_ms": stream.delay_p99_ms, "other_dropped": other.dropped}))


if __name__ == "__main__":
    if sys.argv[1] == "feed":
        feed(sys.argv[2])
    else:
        main(sys.argv[1])
