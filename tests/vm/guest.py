"""Runs inside the machine: the tests of one driver after another, ``python -m tests.vm.guest MODULE=FILES …``. With
``sleep`` at the end, the machine at last sleeps with the last driver, and ends.

Every module and compiled function is loaded once, here; tests and programs are forked from this process.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import pytest

from tests.vm import asleep, warm
from tests.vm.forks import Fork
from tests.vm.program import RUN, vcam
from tests.vm.viewer import figure

PATIENCE = 400.0
PYTEST = ("-c", "/dev/null", "--rootdir", ".", "-p", "no:cacheprovider", "-p", "no:logging", "-q", "-s",
          "--durations=6")


def main(arguments: list[str]) -> int:
    """The number of drivers whose tests failed."""
    warm.main()
    with tempfile.TemporaryDirectory() as folder:
        assert vcam(Path(folder), "run", "--source", "test:", "--sink", "null:", "--frames", "1", *RUN) == 0
    failed, module = 0, Path()
    for argument in arguments:
        if argument == "sleep":
            Path("/mnt/out/end").write_text(f"{failed} {time.monotonic():.1f}")
            os.sync()
            load(module)
            asleep.main()
        module, files = Path(argument.partition("=")[0]), argument.partition("=")[2].split(",")
        failed += Fork(partial(tests, module, files)).join(PATIENCE) != 0
        subprocess.run(["rmmod", "v4l2loopback"], check=True)
    return failed


def load(module: Path) -> None:
    """Load the driver as the project's own settings say, with more devices."""
    subprocess.run(["insmod", str(module), *shlex.split(os.environ["V4L2LOOPBACK_OPTIONS"])], check=True)


def tests(module: Path, files: list[str]) -> int:
    """Load the driver and run the tests; pytest's exit status."""
    load(module)
    version = next(line.partition("=")[2].strip('"\n') for line in (module.parent / "dkms.conf").open()
                   if line.startswith("PACKAGE_VERSION="))
    os.environ["V4L2LOOPBACK"] = version
    figure(f"v4l2loopback {version}")
    return int(pytest.main([*PYTEST, *files]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
