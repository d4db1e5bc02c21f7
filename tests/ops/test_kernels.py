"""The GPU's kernels: they compile, do not depend on the order of threads, and make the CPU's pictures."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from tests.ops.devices import ON_DEVICES, cuda_device, device
from tests.ops.processor import COMPILER, ProcessorDevice
from vcam.backdrops import Backdrop, BackdropOptions, make_backdrop
from vcam.frame import Colour, Frame, FramePool, Pixels, Size
from vcam.ops import Ops
from vcam.ops.cpu import CpuOps
from vcam.ops.gpu import GpuOps, sources
from vcam.ops.gpu.proof import EXCEPT, TOLERANCE, disagreement
from vcam.pipeline import Pipeline, PipelineSettings
from vcam.segmenters import make_segmenter
from vcam.sources import SourceOptions, make_source

SIZE = Size(640, 360)
# NVIDIA's oldest that CUDA 13 knows, and one of each generation since.
ARCHITECTURES = ("compute_75", "compute_80", "compute_90")


def test_there_is_a_gpu_to_test_on() -> None:
    """Says in the summary whether the tests called ``gpu`` ran, and why not."""
    if not find_spec("cupy"):
        pytest.skip("no test ran on a GPU: CuPy is not installed")
    assert cuda_device().name


def test_their_text_can_be_written_in_any_encoding() -> None:
    assert sources.text().isascii(), "CuPy writes it to a file in the system's own encoding"


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_they_compile_for_a_gpu(architecture: str, tmp_path: Path) -> None:
    library = nvrtc()
    if library is not None:
        assert compiled_by_nvrtc(library, architecture).count(".visible .entry") == len(sources.signatures())
    elif shutil.which("nvcc"):
        source, target = tmp_path / "kernels.cu", tmp_path / "kernels.ptx"
        source.write_text(sources.text())
        subprocess.run(["nvcc", "-std=c++17", f"-arch={architecture}", "-ptx", "-o", target, source], check=True)
        assert target.read_text().count(".visible .entry") == len(sources.signatures())
    else:
        pytest.skip("no CUDA compiler: pip install nvidia-cuda-nvrtc-cu12")


def nvrtc() -> ctypes.CDLL | None:
    """CUDA's run-time compiler from its wheel; it needs no GPU."""
    found = find_spec("nvidia")
    places = [Path(folder) for folder in found.submodule_search_locations or ()] if found else []
    for library in (path for place in places for path in sorted(place.glob("*/lib/libnvrtc.so*"))):
        return ctypes.CDLL(str(library))
    return None


def compiled_by_nvrtc(library: ctypes.CDLL, architecture: str) -> str:
    """The kernels' PTX."""
    program, size = ctypes.c_void_p(), ctypes.c_size_t()
    assert library.nvrtcCreateProgram(ctypes.byref(program), sources.text().encode(), b"kernels.cu", 0, None, None) == 0
    options = (ctypes.c_char_p * 2)(f"--gpu-architecture={architecture}".encode(), b"--std=c++17")
    failed = library.nvrtcCompileProgram(program, 2, options)
    read = ("ProgramLog", "nvrtcGetProgramLogSize") if failed else ("PTX", "nvrtcGetPTXSize")
    getattr(library, read[1])(program, ctypes.byref(size))
    told = ctypes.create_string_buffer(size.value)
    getattr(library, f"nvrtcGet{read[0]}")(program, told)
    assert not failed, told.value.decode()
    return told.value.decode()


def test_every_kernel_keeps_to_its_memory() -> None:
    device("kernels")
    guards = [guard for name in ("libasan.so", "libubsan.so") if (guard := library(name)).is_absolute()]
    if len(guards) < 2:
        pytest.skip("the compiler has no sanitizers")
    environment = os.environ | {"LD_PRELOAD": " ".join(map(str, guards)), "ASAN_OPTIONS": "detect_leaks=0"}
    done = subprocess.run([sys.executable, "-m", "tests.ops.guarded"], cwd=Path(__file__).parents[2], env=environment,
                          capture_output=True, text=True, check=False)
    assert done.stdout.endswith("guarded\n"), done.stderr[-4000:]


def library(name: str) -> Path:
    """Where the compiler has that library; a bare name if it has not."""
    told = subprocess.run([str(COMPILER), f"-print-file-name={name}"], capture_output=True, text=True, check=True)
    return Path(told.stdout.strip())


@pytest.mark.parametrize("name", ON_DEVICES)
def test_a_device_that_works_is_believed(name: str) -> None:
    assert disagreement(cast(Ops, GpuOps(device(name)))) == ""


class Broken(ProcessorDevice):
    """One kernel does nothing there."""

    def __init__(self, kernel: str) -> None:
        super().__init__()
        self._kernel = kernel

    def run(self, kernel: str, shape: tuple[int, ...], *given: Any) -> None:
        if kernel != self._kernel:
            super().run(kernel, shape, *given)


@pytest.mark.parametrize(("kernel", "result"), [
    ("network_input", "network input"), ("first_level", "matte"), ("say", "matte"), ("follow", "matte"),
    ("bound", "matte"), ("fit", "matte"), ("finish", "matte"), ("blend", "picture"), ("tone", "light"),
    ("enlarge", "blur")])
def test_a_broken_device_is_not_believed(kernel: str, result: str) -> None:
    device("kernels")
    assert f"its {result} differs from the CPU's" in disagreement(cast(Ops, GpuOps(Broken(kernel))))


def frames(count: int) -> list[Frame]:
    source = make_source("demo:", SourceOptions(size=SIZE, colour=Colour.BT709), FramePool())
    source.open()
    read = [source.read() for _ in range(count)]
    return [CpuOps().prepare(frame, SIZE, Colour.BT709, mirror=False) for frame in read if frame is not None]


def pictures(ops: Ops, backdrop: Backdrop, shown: list[Frame]) -> list[Pixels]:
    """What a live run makes of these frames, its network running beside the verbs."""
    pipeline = Pipeline(ops, make_segmenter("general", ops, "litert"), PipelineSettings(SIZE, Colour.BT709))
    return [pipeline.render(frame, backdrop).frame.pixels for frame in shown]


@pytest.mark.parametrize("background", ["blur:60", "colour:#204060"])
@pytest.mark.parametrize("name", ON_DEVICES)
def test_a_run_shows_what_the_cpu_would(name: str, background: str) -> None:
    shown = frames(20)
    backdrop = make_backdrop(background, BackdropOptions(SIZE, Colour.BT709))
    expected = pictures(CpuOps(), backdrop, shown)
    for one, other in zip(expected, pictures(cast(Ops, GpuOps(device(name))), backdrop, shown), strict=True):
        assert (np.abs(one.astype(int) - other) > TOLERANCE).mean() <= EXCEPT


def test_a_frame_goes_there_once_and_its_picture_comes_back_once() -> None:
    shown, there = frames(6), cast(ProcessorDevice, device("kernels"))
    backdrop = make_backdrop("colour:#204060", BackdropOptions(SIZE, Colour.BT709))
    ops = cast(Ops, GpuOps(there))
    pipeline = Pipeline(ops, make_segmenter("general", ops, "onnx"), PipelineSettings(SIZE, Colour.BT709))
    pipeline.render(shown[0], backdrop)
    there.large_uploads = there.large_downloads = 0
    for frame in shown[1:]:
        pipeline.render(frame, backdrop)
    assert there.large_uploads == len(shown) - 1, "the frame alone; the background is there already"
    assert there.large_downloads == len(shown) - 1


def test_what_a_kernel_would_misread_is_refused() -> None:
    there = device("kernels")
    grid = there.upload(np.zeros((4, 4), np.float32))
    with there.working():
        with pytest.raises(TypeError, match="3 arguments"):
            there.run("find_largest", (16,), grid, grid)
        with pytest.raises(TypeError, match="contiguous int32"):
            there.run("find_largest", (16,), grid, grid, 16)
        with pytest.raises(TypeError, match="contiguous"):
            there.run("soften", (4, 4), grid[:, ::2], grid, grid, 2, 4)
