"""A virtual machine that runs one script on a real kernel, emulated (no KVM needed), with the host's files to read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.vm.kernel import KEYRING, Kernel

TOOLS = ("qemu-system-x86_64", "busybox", "cpio", "depmod", "modprobe", "v4l2-ctl", "strace", "make", "gcc-12",
         "apt-get")
PACKAGES = "qemu-system-x86 busybox-static cpio kmod v4l-utils strace make gcc-12"

POWER_SWITCH = 0xF4  # the machine is off at once when the guest writes to this port

# An older processor: numpy and OpenCV then leave out AVX2, which costs more to emulate than it saves. One of them:
# a second one keeps the first one waiting more than it helps.
_QEMU = ("qemu-system-x86_64", "-accel", "tcg,thread=multi,tb-size=512", "-machine", "q35", "-cpu", "Nehalem",
         "-smp", "1", "-m", "2560", "-nodefaults", "-no-user-config", "-display", "none", "-nic", "none",
         "-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console", "-device", "virtio-rng-pci",
         "-device", f"isa-debug-exit,iobase={POWER_SWITCH},iosize=1")
# Without the HPET the clock's alarm wakes a sleeping machine.
_KERNEL_LINE = ("console=ttyS0 quiet panic=-1 random.trust_cpu=on mitigations=off no5lvl tsc=reliable no_timer_check "
                "nokaslr audit=0 selinux=0 apparmor=0 hpet=disable")
_GUEST_INIT = """\
#!/bin/bash
exec </dev/null
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=C.UTF-8
mkdir /mnt/out/begun || busybox poweroff -f  # it began again after a crash
busybox ifconfig lo 127.0.0.1 up
echo "READY $(cut -d' ' -f1 /proc/uptime)" >/dev/console
cd {folder}
bash -e /mnt/out/script >/mnt/out/log 2>&1
echo "$? $(cut -d' ' -f1 /proc/uptime)" >/mnt/out/end
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


class Machine:
    """A machine that runs ``script`` (bash, stops at the first failure) as root in this project's folder, and then
    powers itself off. Several may run at the same time.

    The guest sees the host's files, changes to which it keeps in its own memory, and ``exchange`` as /mnt/out.

    Args:
        exchange: an existing folder of the host; what the script writes there stays.
        sleeps: it can be put to sleep, and takes some seconds longer to boot. Once it slept, the host's files are out
            of reach: what is to be known then has to go to the console.
    """

    def __init__(self, kernel: Kernel, script: str, exchange: Path, sleeps: bool = False) -> None:
        self._exchange = exchange
        (exchange / "script").write_text(script)
        start = exchange / "guest-init"
        start.write_text(_GUEST_INIT.format(folder=Path(__file__).parents[2]))
        start.chmod(0o755)
        image = kernel.packed if sleeps else kernel.image
        command = [*_QEMU, "-kernel", str(image), "-initrd", str(kernel.initrd), "-append", _KERNEL_LINE,
                   *_shared("host", Path("/"), ",readonly=on"), *_shared("out", exchange)]
        with (exchange / "console").open("wb") as console:
            self._running = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=console,
                                             stderr=subprocess.STDOUT)

    def result(self, patience: float) -> Result:
        """Wait for the end; the machine is stopped after ``patience`` seconds."""
        try:
            self._running.wait(patience)
        except subprocess.TimeoutExpired:
            self.stop()
        status, seconds = (self._left("end") or f"-1 {patience}").split()
        return Result(int(status), self._left("log"), self._left("console"), float(seconds))

    def stop(self) -> None:
        """Cut the power, if it has any."""
        self._running.kill()
        self._running.wait()

    def _left(self, name: str) -> str:
        file = self._exchange / name
        return file.read_text("utf-8", "replace") if file.exists() else ""


def _shared(tag: str, folder: Path, flags: str = "") -> list[str]:
    return ["-fsdev", f"local,id={tag},path={folder},security_model=none,multidevs=remap{flags}",
            "-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag}"]
