"""The choice of a device: never a GPU that is not proven, never silently the CPU."""

from __future__ import annotations

from typing import cast

import pytest

from tests.ops.devices import device
from tests.ops.test_kernels import Broken
from vcam.errors import DeviceError
from vcam.ops import Ops, pick, probe
from vcam.ops.cpu import CpuOps
from vcam.ops.gpu import GpuOps
from vcam.ops.gpu.proof import disagreement


@pytest.fixture
def a_gpu(monkeypatch: pytest.MonkeyPatch) -> GpuOps:
    """A machine with CuPy, a GPU that works, and networks on it."""
    ops = GpuOps(device("kernels"))
    monkeypatch.setattr(probe, "gpu_is_set_up", lambda: True)
    monkeypatch.setattr(probe, "gpu_ops", lambda: (ops, ops.name))
    monkeypatch.setattr(probe, "network_status", lambda: (True, ""))
    return ops


def test_a_proven_gpu_is_taken(a_gpu: GpuOps) -> None:
    assert pick("auto") is pick("gpu") is cast(Ops, a_gpu)
    assert isinstance(pick("cpu"), CpuOps)
    assert pick("cpu").name == "CPU"


def test_without_cupy_the_cpu_needs_no_excuse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "gpu_is_set_up", lambda: False)
    probe._gpu_problem.cache_clear()
    assert pick("auto").name == "CPU"
    with pytest.raises(DeviceError) as caught:
        pick("gpu")
    assert caught.value.message == ("device 'gpu' cannot be used: CuPy is not installed (pip install 'vcam[cuda13]' or "
                                    "'vcam[cuda12]')")
    assert caught.value.hint == "use --device cpu or auto"
    probe._gpu_problem.cache_clear()


def test_a_gpu_that_computes_otherwise_is_not_taken_and_the_reason_is_told(
        a_gpu: GpuOps, monkeypatch: pytest.MonkeyPatch) -> None:
    reason = disagreement(cast(Ops, GpuOps(Broken("fit"))))
    monkeypatch.setattr(probe, "gpu_ops", lambda: (None, reason))
    assert pick("auto").name == f"CPU (the GPU is not used: {reason})"
    with pytest.raises(DeviceError, match=reason):
        pick("gpu")


def test_auto_takes_no_gpu_that_networks_do_not_run_on(a_gpu: GpuOps, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "network_status", lambda: (False, "ONNX Runtime 1.30 is installed without CUDA"))
    assert pick("auto").name == "CPU (the GPU is not used: ONNX Runtime 1.30 is installed without CUDA)"
    assert pick("gpu") is cast(Ops, a_gpu), "who asks for it may run the network beside it"
