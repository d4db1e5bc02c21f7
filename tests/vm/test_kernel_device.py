"""The virtual camera on a real kernel: v4l2loopback of Debian 12 (0.12.7), its backports (0.13) and Debian 13 (0.15).

Two virtual machines, at the same time. The first run downloads and builds the kernel and the modules (a
minute); later ones find them in the cache folder.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.vm import asleep, kernel, machine, room
from tests.vm.program import RUN

pytestmark = [pytest.mark.vm, pytest.mark.skipif(bool(machine.missing()), reason=machine.missing() or "can run"),
              pytest.mark.timeout(1080)]

ROOT = Path(__file__).parents[2]
PATIENCE = 900.0
# Kernels compiled by the host for the guest's processor: the guest would take minutes.
NUMBA = {"NUMBA_CPU_NAME": "nehalem", "NUMBA_CPU_FEATURES": "+sse4.2,+popcnt",
         "NUMBA_CACHE_DIR": str(kernel.cache() / "numba")}
# /dev/video10 as a user has it; another one like it; and one that plays the part of a webcam.
DEVICES = "devices=3 video_nr=10,11,12 exclusive_caps=1,1,1 card_label=vcam,second,webcam"
SCRIPT = """
export {numba} PYTEST_DISABLE_PLUGIN_AUTOLOAD=1
insert() {{ modprobe -d {kernel.root} -S {kernel.release} "$@"; }}
insert -a videodev
insert vivid node_types=0x1 input_types=0x00
export V4L2LOOPBACK_OPTIONS="$(sed -n 's/^options v4l2loopback //p' packaging/modprobe.d/vcam.conf) {devices}"
{python} -m tests.vm.guest {suites}
"""
# What runs in each machine, by Debian's suites. Every driver shows its manners towards the sink, and the whole program
# is tried in another way on each. guest_device.py comes last: it leaves 0.12.7 unusable.
MACHINES = {
    "0.12-0.13": {"bookworm": ("guest_vivid.py", "guest_device.py"),
                  "bookworm-backports": ("guest_fan_out.py", "guest_device.py")},
    "0.15": {"trixie": ("guest_on_demand.py", "guest_device.py")},
}
SLEEPER = "0.12-0.13"


@pytest.fixture(scope="module")
def ready() -> kernel.Kernel:
    """A kernel to boot, and every compiled function of the program in a cache that fits the guest's processor."""
    for command in (["tests.vm.warm"], ["vcam", "run", "--source", "test:", *RUN, "--sink", "null:", "--frames", "3"]):
        subprocess.run([sys.executable, "-m", *command], cwd=ROOT, env=os.environ | NUMBA, check=True, timeout=240,
                       capture_output=True)
    return kernel.prepare()


@pytest.fixture(scope="module")
def machines(ready: kernel.Kernel, request: pytest.FixtureRequest,
             tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, machine.Machine]]:
    """Those that the chosen tests will ask for, switched on together."""
    running: dict[str, machine.Machine] = {}
    try:
        for name in MACHINES:
            if any(item.name.endswith(f"[{name}]") for item in request.session.items):
                exchange = tmp_path_factory.mktemp("machine")
                room.draw(exchange)
                running[name] = machine.Machine(ready, script(ready, name), exchange, sleeps=name == SLEEPER)
        yield running
    finally:
        for one in running.values():
            one.stop()


def script(ready: kernel.Kernel, name: str) -> str:
    """What the machine runs."""
    suites = [f"{kernel.loopback_module(ready, suite)}={','.join(f'tests/vm/{file}' for file in files)}"
              for suite, files in MACHINES[name].items()]
    return SCRIPT.format(numba=" ".join(f"{name}={value}" for name, value in NUMBA.items()), kernel=ready,
                         devices=DEVICES, python=sys.executable,
                         suites=" ".join([*suites, "sleep"] if name == SLEEPER else suites))


@pytest.mark.parametrize("name", MACHINES)
def test_in_the_guest(machines: dict[str, machine.Machine], name: str) -> None:
    result = machines[name].result(PATIENCE)
    figures = [*re.findall(r"FIGURE (.*)", result.output + result.console), f"{result.seconds:.1f} s in the machine"]
    sys.stdout.write("\n".join(["", *figures, ""]))
    assert result.status == 0, f"{result.output}\n{result.console}"
    assert name != SLEEPER or asleep.WORDS in result.console, result.console
