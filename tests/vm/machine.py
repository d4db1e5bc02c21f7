"""A virtual machine that runs one script on a real kernel, emulated (no KVM needed), with the host's files to read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.vm.kernel import KEYRING, Kernel

TOOLS = ("qemu-system-x86_64", "busybox", "cpio", "depmod", "modprobe", "v4l2-ctl", "make", "gcc-12", "apt-get")
PACKAGES = "qemu-system-x86 busybox-static cpio kmod v4l-utils make gcc-12"

# An older processor: numpy and OpenCV then leave out AVX2, which costs more to emulate than it saves.
_QEMU = ("qemu-system-x86_64", "-accel", "tcg,thread=multi,tb-size=512", "-machine", "q35", "-cpu", "Nehalem",
         "-smp", "2", "-m", "3072", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-nic", "none",
         "-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console", "-device", "virtio-rng-pci")
_KERNEL_LINE = ("console=ttyS0 quiet panic=-1 random.trust_cpu=on mitigations=off no5lvl tsc=reliable no_timer_check "
                "nokaslr audit=0 selinux=0 apparmor=0")
_GUEST_INIT = """\
#!/bin/bash
exec </dev/null
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=C.UTF-8
busybox ifconfig lo 127.0.0.1 up
echo "READY $(cut -d' ' -f1 /proc/uptime)" >/dev/console
cd {folder}
bash -e /mnt/out/script >/mnt/out/log 2>&1
echo $? >/mnt/out/status
sync
busybox poweroff -f
"""


@dataclass(frozen=True, slots=True)
class Result:
    """How a script ended: exit status (-1: the machine never got that far), its output, seconds from power-on."""

    status: int
    output: str
    console: str
    seconds: float


def missing() -> str:
    """Why no machine can be run here, or empty."""
    if sys.platform != "linux" or os.uname().machine != "x86_64":
        return "the kernel tests need Linux on x86-64"
    if os.geteuid() != 0:
        return "the kernel tests need root: the guest reads the host's files as they are"
    absent = [tool for tool in TOOLS if shutil.which(tool) is None]
    if absent or not KEYRING.exists():
        return f"the kernel tests need {', '.join(absent) or KEYRING}: on Debian, apt install {PACKAGES}"
    return ""


def run(kernel: Kernel, script: str, exchange: Path, timeout: float = 240.0) -> Result:
    """Boot, run ``script`` (bash, stops at the first failure) as root in this project's folder, and power off.

    The guest sees the host's files, changes to which it keeps in its own memory, and ``exchange`` as /mnt/out.

    Args:
        exchange: an existing folder of the host; what the script writes there stays.
        timeout: seconds after which the machine is stopped.
    """
    (exchange / "script").write_text(script)
    start = exchange / "guest-init"
    start.write_text(_GUEST_INIT.format(folder=Path(__file__).parents[2]))
    start.chmod(0o755)
    command = [*_QEMU, "-kernel", str(kernel.image), "-initrd", str(kernel.initrd), "-append", _KERNEL_LINE,
               *_shared("host", Path("/"), ",readonly=on"), *_shared("out", exchange)]
    began = time.monotonic()
    try:
        console = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 timeout=timeout, check=False).stdout
    except subprocess.TimeoutExpired as error:
        console = (error.stdout or b"") + f"\nstopped after {timeout} seconds".encode()
    status, log = exchange / "status", exchange / "log"
    return Result(int(status.read_text()) if status.exists() else -1, log.read_text("utf-8", "replace")
                  if log.exists() else "", console.decode(errors="replace"), time.monotonic() - began)


def _shared(tag: str, folder: Path, flags: str = "") -> list[str]:
    return ["-fsdev", f"local,id={tag},path={folder},security_model=none,multidevs=remap{flags}",
            "-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag}"]
