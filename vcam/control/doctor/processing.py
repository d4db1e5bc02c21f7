"""What computes: processor, graphics, the networks' runtime, and whether a frame is done in time."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import Final

from vcam.control.doctor.finding import Finding, Topic
from vcam.control.doctor.installation import pip
from vcam.control.doctor.system import System
from vcam.errors import VcamError

_TOPIC: Final = "Processing"
_NVIDIA: Final = "0x10de"
_DISPLAY_CLASS: Final = "0x03"
# Azure's is for remote calls; TensorRT compiles for a minute before it answers.
_NOT_ASKED: Final = ("AzureExecutionProvider", "TensorrtExecutionProvider", "NvTensorRTRTXExecutionProvider")
_SILENT: Final = 4
_WARNINGS: Final = 2
_FRAME_MS: Final = 1000 / 30
_COMFORTABLE: Final = 0.6  # of a frame's time: the app beside vcam wants some too


def processor(system: System) -> Iterator[Finding]:
    """Its name, and how many cores this process may use."""
    from vcam.ops.probe import cpu_name

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    yield Finding(_TOPIC, "processor", "ok", f"{cpu_name()}, {cores} {'core' if cores == 1 else 'cores'}")


def graphics(system: System) -> Iterator[Finding]:
    """NVIDIA GPU, driver and CuPy: told only, since vcam needs none of them."""
    from vcam.ops.probe import gpu_status, nvidia_gpus

    gpus = nvidia_gpus()
    packages = system.packages()
    cupy = [name for name in packages if name.startswith("cupy-cuda")]
    cuda = _driver_cuda(system) if gpus else ""
    told = f"{', '.join(gpus)}{f', driver for CUDA {cuda}' if cuda else ''}" if gpus else _without_driver(system)
    wrong = [name for name in cupy if cuda and int(re.sub(r"\D", "", name)) > int(cuda.split(".")[0])]
    if wrong:
        yield Finding(_TOPIC, "graphics", "warning", f"{told}: {wrong[0]} is for a newer driver",
                      (f"{pip(system)} uninstall -y {wrong[0]} onnxruntime-gpu",
                       f"{pip(system)} install 'vcam[cuda12]'"))
    elif cupy:
        usable, reason = gpu_status()
        proven = f"{reason} computes as the CPU does" if usable else reason
        yield Finding(_TOPIC, "graphics", "ok" if usable else "warning", f"{told}; {proven}",
                      () if usable else (f"{pip(system)} uninstall -y {' '.join(cupy)}",))
    else:
        yield Finding(_TOPIC, "graphics", "skipped", f"{told}; not used (no CuPy)" if gpus else told)


def _driver_cuda(system: System) -> str:
    """The newest CUDA that the driver can serve."""
    match = re.search(r"CUDA Version:\s*([\d.]+)", system.run(("nvidia-smi",)) or "")
    return match[1] if match else ""


def _without_driver(system: System) -> str:
    cards = [folder for folder in system.path("/sys/bus/pci/devices").glob("*")
             if _read(system, folder.name, "vendor") == _NVIDIA
             and _read(system, folder.name, "class").startswith(_DISPLAY_CLASS)]
    return "an NVIDIA card without its driver; vcam needs neither" if cards else "no NVIDIA GPU; vcam needs none"


def _read(system: System, device: str, name: str) -> str:
    return system.text(f"/sys/bus/pci/devices/{device}/{name}")


def rendering(system: System) -> Iterator[Finding]:
    """What ``--device auto`` and ``--runtime auto`` come to here."""
    from vcam.ops import pick
    from vcam.ops.cpu import CpuOps
    from vcam.ops.probe import gpu_status
    from vcam.segmenters import make_segmenter

    ops = pick("auto")
    wasted = isinstance(ops, CpuOps) and gpu_status()[0]
    yield Finding(_TOPIC, "pixels", "warning" if wasted else "ok", f"on {ops.name}",
                  _networks_on_gpu(system) if wasted else ())
    try:
        segmenter = make_segmenter("general", ops)
    except VcamError as error:
        yield Finding(_TOPIC, "network", "problem", str(error), (f"{pip(system)} install 'vcam[onnx]'",))
        return
    yield Finding(_TOPIC, "network", "ok", f"on {segmenter.runtime}")
    segmenter.close()
    if "litert" in segmenter.runtime.casefold():
        yield Finding(_TOPIC, "ONNX Runtime", "skipped", "not installed; it would need a fifth less processor",
                      (f"{pip(system)} install 'vcam[onnx]'",))


def _networks_on_gpu(system: System) -> tuple[str, ...]:
    """Commands that bring the ONNX Runtime which fits the CuPy that is here."""
    cuda = next((name[-3:-1] for name in system.packages() if name.startswith("cupy-cuda")), "13")
    return (f"{pip(system)} uninstall -y onnxruntime onnxruntime-gpu", f"{pip(system)} install 'vcam[cuda{cuda}]'")


def providers(system: System) -> Iterator[Finding]:
    """What ONNX Runtime computes on, as a session with a real network says: its list of providers is only a wish."""
    packages = system.packages()
    if not any(name.startswith("onnxruntime") for name in packages):
        return
    import onnxruntime

    wanted = [name for name in onnxruntime.get_available_providers() if name not in _NOT_ASKED]
    used = _used_providers(wanted)
    told = ", ".join(name.removesuffix("ExecutionProvider") for name in used)
    lost = [name.removesuffix("ExecutionProvider") for name in wanted if name not in used]
    if lost:
        yield Finding(_TOPIC, "providers", "warning", f"ONNX Runtime has {', '.join(lost)}, but computes on {told}: "
                      "driver or CUDA libraries do not fit",
                      (f"{pip(system)} uninstall -y onnxruntime-gpu", f"{pip(system)} install 'vcam[onnx]'"))
    else:
        yield Finding(_TOPIC, "providers", "ok", f"ONNX Runtime computes on {told}")


def _used_providers(wanted: list[str]) -> list[str]:
    """Providers of a real session; ONNX Runtime's own remarks on the way are kept off the report."""
    import onnxruntime

    from vcam.segmenters.models import load, model

    network = load(model("general").files["onnx"], "general")
    onnxruntime.set_default_logger_severity(_SILENT)
    try:
        with redirect_stdout(io.StringIO()):
            session = onnxruntime.InferenceSession(network, providers=wanted)
    finally:
        onnxruntime.set_default_logger_severity(_WARNINGS)
    used: list[str] = session.get_providers()
    return used


def latency(system: System) -> Iterator[Finding]:
    """Whether 30 frames a second fit, measured with blur at 720p."""
    measured = system.measure()
    if measured is None:
        yield Finding(_TOPIC, "speed", "skipped", "not measured in time (vcam compiles its kernels once, at the first "
                      "run): vcam bench")
        return
    cpu, wall = measured
    told = f"{cpu:.1f} ms a frame at 1280x720 with blur: 30 a second take {cpu / _FRAME_MS:.0%} of one core"
    if wall <= _FRAME_MS * _COMFORTABLE:
        yield Finding(_TOPIC, "speed", "ok", told)
        return
    fits = wall <= _FRAME_MS
    yield Finding(_TOPIC, "speed", "warning" if fits else "problem",
                  told if fits else f"{wall:.0f} ms a frame at 1280x720 with blur: 30 a second do not fit",
                  ("vcam config set model landscape", "vcam config set size 640x360"))


PROCESSING = Topic(_TOPIC, (processor, graphics, rendering, providers, latency))
