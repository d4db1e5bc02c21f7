"""Which processing devices this machine has."""

from __future__ import annotations

import importlib
import platform
import subprocess
from pathlib import Path


def gpu_status() -> tuple[bool, str]:
    """Whether CuPy can compute on a GPU here, and the reason in words.

    CuPy imports without a GPU and fails at its first use, so a tiny computation is the only proof.
    """
    try:
        cupy = importlib.import_module("cupy")
    except ImportError:
        return False, "CuPy is not installed (pip install 'vcam[cuda13]' or 'vcam[cuda12]')"
    try:
        if int(cupy.arange(3).sum()) != 3:
            return False, "CuPy computes wrongly"
        properties = cupy.cuda.runtime.getDeviceProperties(0)
        return True, f"{properties['name'].decode()} through CuPy {cupy.__version__}"
    except Exception as error:
        return False, f"CuPy {cupy.__version__} is installed but fails: {type(error).__name__}: {error}".splitlines()[0]


def nvidia_gpus() -> list[str]:
    """Names of NVIDIA GPUs as the driver tells them; empty without driver."""
    try:
        done = subprocess.run(["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"],
                              capture_output=True, text=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in done.stdout.splitlines() if line.strip()]


def cpu_name() -> str:
    """Name of the processor."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
