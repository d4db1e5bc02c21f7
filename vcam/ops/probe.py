"""Which processing devices this machine has, and whether the GPU can be believed."""

from __future__ import annotations

import platform
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from vcam.errors import DeviceError

if TYPE_CHECKING:
    from vcam.ops.gpu import GpuOps

# ONNX: y = Relu(x), of four numbers. A session of it tells where ONNX Runtime computes.
_SMALLEST_NETWORK = (b'\x08\x07\x12\x00:;\n\x0c\n\x01x\x12\x01y"\x04Relu\x12\x01gZ\x13\n\x01x\x12\x0e\n\x0c\x08\x01'
                     b'\x12\x08\n\x02\x08\x01\n\x02\x08\x04b\x13\n\x01y\x12\x0e\n\x0c\x08\x01\x12\x08\n\x02\x08\x01'
                     b'\n\x02\x08\x04B\x04\n\x00\x10\r')


def gpu_is_set_up() -> bool:
    """Whether somebody wanted vcam to use a GPU here: CuPy is installed."""
    return find_spec("cupy") is not None


def gpu_status() -> tuple[bool, str]:
    """Whether the GPU computes pictures as the CPU does, and its name, or the reason in words.

    The first call may take seconds: kernels are loaded and both render a few frames. Later ones remember the answer.
    """
    ops, reason = gpu_ops()
    return ops is not None, reason


def gpu_ops() -> tuple[GpuOps | None, str]:
    """Verbs on the GPU, or None, and its name or the reason."""
    reason = _gpu_problem()
    if reason:
        return None, reason
    from vcam.ops.gpu import GpuOps
    from vcam.ops.gpu.cuda import CudaDevice

    ops = GpuOps(CudaDevice())
    return ops, ops.name


@cache
def _gpu_problem() -> str:
    """What is wrong with the GPU, or empty. CuPy imports without one and fails at its first use, in many ways."""
    if not gpu_is_set_up():
        return "CuPy is not installed (pip install 'vcam[cuda13]' or 'vcam[cuda12]')"
    try:
        from vcam.ops.gpu import GpuOps
        from vcam.ops.gpu.cuda import CudaDevice
        from vcam.ops.gpu.proof import disagreement

        return disagreement(GpuOps(CudaDevice()))
    except Exception as error:
        if not nvidia_gpus():
            return "CuPy is installed, but no NVIDIA driver answers (nvidia-smi)"
        return f"CuPy is installed but fails: {type(error).__name__}: {error}".splitlines()[0]


@cache
def network_status() -> tuple[bool, str]:
    """Whether ONNX Runtime computes networks on the GPU, and the reason in words; asked only where the GPU is usable.

    A session is the only proof: what ONNX Runtime lists is a wish.
    """
    if find_spec("onnxruntime") is None:
        return False, "ONNX Runtime for CUDA is not installed (pip install 'vcam[cuda13]' or 'vcam[cuda12]')"
    import onnxruntime

    from vcam.ops.gpu.cuda import CudaDevice
    from vcam.ops.gpu.network import open_session

    try:
        open_session(_SMALLEST_NETWORK, onnxruntime.SessionOptions(), CudaDevice())
    except (DeviceError, RuntimeError) as error:
        return False, str(getattr(error, "message", error)).splitlines()[0]
    return True, f"ONNX Runtime {onnxruntime.__version__} on CUDA"


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
