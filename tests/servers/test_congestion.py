"""A line that is too slow for the stream, made with the kernel's own token bucket between two network namespaces."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import nginx, rtsp
from tests.servers.congested import FAR_ADDRESS, NEAR

PROJECT = Path(__file__).parents[2]
FAR = f"{NEAR}-far"


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@pytest.fixture
def line() -> Iterator[None]:
    """Two namespaces with a line between them that takes a megabit a second on the way out."""
    if not shutil.which("ip") or not shutil.which("tc") or os.geteuid():
        pytest.skip("needs root, iproute2 and network namespaces")
    try:
        _ip("netns", "add", NEAR)
        _ip("netns", "add", FAR)
        _ip("link", "add", "near0", "netns", NEAR, "type", "veth", "peer", "name", "far0", "netns", FAR)
        for space, device, address in ((NEAR, "near0", "10.77.0.1/30"), (FAR, "far0", f"{FAR_ADDRESS}/30")):
            _ip("-n", space, "addr", "add", address, "dev", device)
            _ip("-n", space, "link", "set", device, "up")
            _ip("-n", space, "link", "set", "lo", "up")
        _ip("netns", "exec", NEAR, "tc", "qdisc", "add", "dev", "near0", "root", "tbf", "rate", "1mbit", "burst",
            "16kb", "latency", "200ms")
    except subprocess.CalledProcessError as error:
        _remove()
        pytest.skip(f"no network namespaces here: {error.stderr.decode().strip()}")
    yield
    _remove()


def _remove() -> None:
    for space in (NEAR, FAR):
        subprocess.run(["ip", "netns", "del", space], check=False, capture_output=True)


@pytest.mark.parametrize(("protocol", "missing"), [("rtmp", nginx.missing), ("rtsp", rtsp.missing)])
def test_delay_does_not_grow_on_a_line_that_is_too_slow(protocol: str, missing: object, line: None) -> None:
    assert callable(missing)
    if missing():
        pytest.skip(missing())
    told = subprocess.run([sys.executable, "-m", "tests.servers.congested", protocol], capture_output=True, text=True,
                          cwd=PROJECT, timeout=120, check=False)
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout.splitlines()[-1])
    assert found["dropped"] > found["sent"] / 3, "the line was quick enough"
    assert found["other_dropped"] == 0
    early, late = found["early_ms"], found["late_ms"]
    assert late < early + 500, "the delay grows"
    assert late < 2000
