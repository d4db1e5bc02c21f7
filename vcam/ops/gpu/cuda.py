"""The GPU itself: the one module that imports CuPy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import cupy
import cupyx
import numpy as np
from numpy.typing import NDArray

from vcam.frame import Pixels
from vcam.ops import DeviceArray
from vcam.ops.gpu import sources

BLOCKS: dict[int, tuple[int, ...]] = {1: (256,), 2: (32, 8)}


class CudaDevice:
    """The first GPU. See ``vcam.ops.gpu.device.Device``.

    Raises:
        Exception: whatever CuPy raises where there is no GPU, no fitting driver, or no compiler.
    """

    xp: Any = cupy
    memory = "cuda"

    def __init__(self) -> None:
        properties = cupy.cuda.runtime.getDeviceProperties(0)
        self.name = f"{properties['name'].decode()} (CuPy {cupy.__version__})"
        self._kernels = _kernels()
        self._pool = cupy.cuda.MemoryPool()
        # A blocking stream: it waits for CuPy's default stream and that for it, should anyone compute there.
        self._stream = cupy.cuda.Stream()
        self.provider = ("CUDAExecutionProvider", {
            "device_id": "0",
            "user_compute_stream": str(self._stream.ptr),
            "cudnn_conv_algo_search": "HEURISTIC",  # trying all of them out takes seconds
            "use_tf32": "0",  # ten bits of mantissa would move edges
        })
        self._staging = [_Staging(self._stream) for _ in range(2)]
        self._arrived = _event()

    @contextmanager
    def working(self) -> Iterator[None]:
        with cupy.cuda.using_allocator(self._pool.malloc), self._stream:
            yield

    def run(self, kernel: str, shape: tuple[int, ...], *given: Any) -> None:
        block = BLOCKS[len(shape)]
        grid = tuple(-(-side // step) for side, step in zip(reversed(shape), block, strict=True))
        self._kernels[kernel](grid, block, sources.arguments(kernel, given))

    def upload(self, host: NDArray[Any]) -> DeviceArray:
        array = cupy.empty(host.shape, host.dtype)
        self._staging.reverse()
        self._staging[0].copy(np.ascontiguousarray(host), array)
        return array

    def download(self, array: DeviceArray) -> NDArray[Any]:
        # CuPy lends pinned memory from a pool, where it returns when the last view of it is gone.
        host: NDArray[Any] = cupyx.empty_pinned(array.shape, array.dtype)
        array.get(self._stream, out=host, blocking=False)
        self._arrived.record(self._stream)
        self._arrived.synchronize()
        return host

    def address(self, array: DeviceArray) -> int:
        return int(array.data.ptr)


class _Staging:
    """Pinned memory on the way to the GPU: the copy from there runs while the host goes on."""

    def __init__(self, stream: Any) -> None:
        self._memory: Pixels = np.empty(0, np.uint8)
        self._stream = stream
        self._copied = _event()

    def copy(self, host: NDArray[Any], array: DeviceArray) -> None:
        self._copied.synchronize()  # the last copy out of this memory
        if len(self._memory) < host.nbytes:
            self._memory = cupyx.empty_pinned(host.nbytes, np.uint8)
        self._memory[:host.nbytes] = host.reshape(-1).view(np.uint8)
        array.data.copy_from_host_async(self._memory.ctypes.data, host.nbytes, self._stream)
        self._copied.record(self._stream)


def _event() -> Any:
    """Something to wait for asleep: CUDA's own waits keep a core busy."""
    return cupy.cuda.Event(block=True, disable_timing=True)


@cache
def _kernels() -> dict[str, Any]:
    """Compiled once a process; CuPy keeps the result on disk."""
    module = cupy.RawModule(code=sources.text(), options=("--std=c++17",))
    return {name: module.get_function(name) for name in sources.signatures()}
