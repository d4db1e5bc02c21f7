"""Every implementation of the verbs, for tests that speak numpy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from importlib.util import find_spec
from typing import Any, cast

import numpy as np
import pytest

from tests.ops.processor import COMPILER, ProcessorDevice
from vcam.frame import Frame
from vcam.ops import Ops
from vcam.ops.cpu import CpuOps
from vcam.ops.gpu import GpuOps
from vcam.ops.gpu.device import Device

# The CPU's own verbs; the GPU's, their kernels run on the processor, forwards and backwards; the GPU's on a GPU.
NAMES = ("cpu", "kernels", "backwards") + (("gpu",) if find_spec("cupy") else ())
ON_DEVICES = NAMES[1:]


def device(name: str) -> Device:
    """What the GPU's verbs run on; skips where it is missing."""
    if name == "gpu":
        return cuda_device()
    if COMPILER is None:
        pytest.skip("no C++ compiler: apt install g++")
    return ProcessorDevice(backwards=name == "backwards")


def cuda_device() -> Device:
    """The GPU; a GPU that is there but does not work is a failure, not a reason to skip."""
    cupy = pytest.importorskip("cupy", reason="CuPy is not installed")
    try:
        cupy.cuda.runtime.getDeviceCount()
    except Exception as error:
        pytest.skip(f"no GPU: {error}")
    from vcam.ops.gpu.cuda import CudaDevice

    return CudaDevice()


def implementation(name: str) -> Ops:
    """The verbs called ``name``, taking and returning numpy arrays."""
    return CpuOps() if name == "cpu" else cast(Ops, OnHost(GpuOps(device(name))))


class OnHost:
    """The verbs of a device, with arrays copied there and back around every one."""

    def __init__(self, ops: Ops) -> None:
        self.name = ops.name
        self._ops = ops

    def __getattr__(self, name: str) -> Callable[..., Any]:
        verb = getattr(self._ops, name)
        if name in ("to_host", "to_device"):
            return _itself  # or each array would go there or back twice

        def call(*args: Any, **kwargs: Any) -> Any:
            sent = [_mapped(value, self._ops.to_device) for value in args]
            result = verb(*sent, **{key: _mapped(value, self._ops.to_device) for key, value in kwargs.items()})
            return _mapped(result, self._ops.to_host)

        return call


def _itself(array: Any) -> Any:
    return array


def _mapped(value: Any, copy: Callable[[Any], Any]) -> Any:
    """``value`` with every array in it copied; the host's frames are handed on as they are."""
    if isinstance(value, Frame):
        return value if type(value.pixels) is np.ndarray else replace(value, pixels=copy(value.pixels))
    if isinstance(value, np.ndarray) or hasattr(value, "__cuda_array_interface__"):
        return copy(value)
    if isinstance(value, tuple):
        return tuple(_mapped(part, copy) for part in value)
    if isinstance(value, dict):
        return {key: _mapped(part, copy) for key, part in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _mapped(getattr(value, field.name), copy) for field in fields(value)})
    return value
