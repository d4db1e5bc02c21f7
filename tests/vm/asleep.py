"""The guest's last act: the computer sleeps (to memory, ACPI S3) under the running program, and wakes up.

The host's files are out of reach afterwards. So nothing is imported, opened or started any more that is not held in
memory, the console is told what came of it, and the machine is switched off as it stands.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path
from typing import NoReturn

from tests.vm.guest_vivid import DEVICE, VIVID, WEBCAM, is_background, shows_room
from tests.vm.machine import POWER_SWITCH
from tests.vm.program import RUN, Program
from tests.vm.watching import watching

ALARM = Path("/sys/class/rtc/rtc0/wakealarm")
SECONDS = 6
WORDS = "the webcam is back after the computer slept"


def main() -> NoReturn:
    """Sleep, wake up, say ``WORDS`` if all is well, and switch off."""
    subprocess.run(["v4l2-ctl", "-d", WEBCAM, "-c", "test_pattern=6"], check=True)
    with Path("/dev/console").open("w", buffering=1, encoding="utf-8") as console:
        try:
            console.write(f"FIGURE {_slept()}\n")
        except BaseException as error:
            console.write(f"{type(error).__name__}: {error}\n")
    with Path("/dev/port").open("r+b", buffering=0) as ports:  # the kernel's own way out is lost since it slept
        ports.seek(POWER_SWITCH)
        ports.write(b"\0")
    raise AssertionError("the machine is still on")


def _slept() -> str:
    program = Program(Path(tempfile.mkdtemp()), "--source", "camera:0", "--sink", f"v4l2:{DEVICE}", "--always-on", *RUN)
    program.wait(lambda state: state["phase"] == "live")
    with watching(DEVICE, shows_room) as watch:
        watch.until(is_background)
        _rehearse(program)
        watch.until(is_background)
        before = _asleep()
        ALARM.write_text(f"+{SECONDS}")
        Path("/sys/power/state").write_text("mem")  # returns when it is over
        slept = _asleep() - before
        assert slept > SECONDS / 2, f"it slept for {slept:.1f} seconds only"
        program.wait(lambda state: state["phase"] == "live" and state["reopened"] > 1)
        assert "the computer slept" in program.errors()
        watch.until(is_background)
    return f"{WORDS}, {slept:.1f} seconds long"


def _asleep() -> float:
    """Seconds asleep since it was switched on."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)


def _rehearse(program: Program) -> None:
    """Have everything in memory that is needed to open the webcam again."""
    (VIVID / "unbind").write_text("vivid.0")
    program.wait(lambda state: "is not there" in state["problem"])
    (VIVID / "bind").write_text("vivid.0")
    program.wait(lambda state: state["phase"] == "live" and state["reopened"] > 0)
