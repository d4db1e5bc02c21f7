"""The virtual camera on a real kernel: v4l2loopback of Debian 12 (0.12.7) and of Debian 13, one boot each.

The first run downloads and builds the kernel and the modules (a minute); later ones find them in the cache folder.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.vm import kernel, machine

pytestmark = [pytest.mark.vm, pytest.mark.skipif(bool(machine.missing()), reason=machine.missing() or "can run"),
              pytest.mark.timeout(420)]

ROOT = Path(__file__).parents[2]
# Kernels compiled by the host for the guest's processor: the guest would take minutes.
NUMBA = {"NUMBA_CPU_NAME": "nehalem", "NUMBA_CPU_FEATURES": "+sse4.2,+popcnt",
         "NUMBA_CACHE_DIR": str(kernel.cache() / "numba")}
RUN = "--size 320x180 --model landscape --background green"
SETUP = """
export {numba}
insert() {{ modprobe -d {kernel.root} -S {kernel.release} "$@"; }}
insert -a videodev
insmod {module} $(sed -n 's/^options v4l2loopback //p' packaging/modprobe.d/vcam.conf)
export V4L2LOOPBACK=$(sed -n 's/^PACKAGE_VERSION=//p' {module.parent}/dkms.conf | tr -d '"')
echo "FIGURE v4l2loopback $V4L2LOOPBACK"
"""
GUEST_TESTS = """
insert vivid node_types=0x1 input_types=0x00
export VCAM_RUN='{run}' PYTEST_DISABLE_PLUGIN_AUTOLOAD=1
flags='-c /dev/null --rootdir . -p no:cacheprovider -q -s --durations=5'
{python} -m pytest $flags {files}
"""


@pytest.fixture(scope="module")
def ready() -> kernel.Kernel:
    """A kernel to boot, and every compiled function of the program in a cache that fits the guest's processor."""
    for command in ("tests.vm.warm", f"vcam run --source test: {RUN} --sink null: --frames 3"):
        subprocess.run([sys.executable, "-m", *command.split()], cwd=ROOT, env=os.environ | NUMBA, check=True,
                       timeout=240, capture_output=True)
    return kernel.prepare()


# pyvirtualcam's test, the last of guest_device.py, leaves 0.12.7 unusable; the whole program is tried once.
@pytest.mark.parametrize(("suite", "files"), [
    ("bookworm", "tests/vm/guest_device.py"),
    ("trixie", "tests/vm/guest_run.py tests/vm/guest_device.py")])
def test_in_the_guest(ready: kernel.Kernel, suite: str, files: str, tmp_path: Path) -> None:
    setup = SETUP.format(numba=" ".join(f"{name}={value}" for name, value in NUMBA.items()), kernel=ready,
                         module=kernel.loopback_module(ready, suite))
    tests = GUEST_TESTS.format(python=sys.executable, run=RUN, files=files)
    result = machine.run(ready, setup + tests, tmp_path)
    figures = [*re.findall(r"FIGURE (.*)", result.output), f"{result.seconds:.1f} s in the machine"]
    sys.stdout.write("\n".join(["", *figures, ""]))
    assert result.status == 0, f"{result.output}\n{result.console}"
