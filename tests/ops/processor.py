"""A stand-in for a GPU: the kernels' own text compiled as C++, run thread by thread on numpy arrays.

It is stricter than a GPU: arrays of the host are refused, threads can be run backwards (what depends on their order
is a race), and threads beyond the edge of the work are run too, as a GPU does.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcam.ops.gpu import sources

# More values than any grid or network's answer has.
_LARGE = 200_000

COMPILER = shutil.which("g++") or shutil.which("clang++")

_PREAMBLE = """
#include <math.h>
#define __global__
#define __device__
struct Place { unsigned x, y, z; };
static Place blockIdx, blockDim, threadIdx;
static int atomicAdd(int* to, int value) { int before = *to; *to += value; return before; }
static int atomicMin(int* to, int value) { int before = *to; if (value < before) *to = value; return before; }
static int atomicMax(int* to, int value) { int before = *to; if (value > before) *to = value; return before; }
"""

_RUN = """
extern "C" void run_{name}(unsigned across, unsigned down, unsigned backwards, void** given)
{{
    blockDim = {{{block}, 1}};
    unsigned columns = (across + blockDim.x - 1) / blockDim.x * blockDim.x;
    unsigned rows = (down + blockDim.y - 1) / blockDim.y * blockDim.y;
    for (unsigned done = 0; done < columns * rows; done++) {{
        unsigned thread = backwards ? columns * rows - 1 - done : done, x = thread % columns, y = thread / columns;
        blockIdx = {{x / blockDim.x, y / blockDim.y, 0}};
        threadIdx = {{x % blockDim.x, y % blockDim.y, 0}};
        {name}({given});
    }}
}}
"""


class Remote(np.ndarray[Any, np.dtype[Any]]):
    """An array of the stand-in's memory; as CuPy's, it is never mixed with an array of the host."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if any(isinstance(given, np.ndarray) and not isinstance(given, Remote) for given in inputs):
            raise TypeError("an array of the host among the device's")
        plain = [np.asarray(given) if isinstance(given, Remote) else given for given in inputs]
        if "out" in kwargs:
            kwargs["out"] = tuple(np.asarray(given) for given in kwargs["out"])
        result = getattr(ufunc, method)(*plain, **kwargs)
        return result.view(Remote) if isinstance(result, np.ndarray) else result

    def get(self) -> NDArray[Any]:
        """A copy on the host, as of a CuPy array."""
        return np.array(self, subok=False)


class _ArrayModule:
    """numpy, making ``Remote`` arrays: what the verbs take for CuPy."""

    ndarray = Remote

    def empty(self, shape: tuple[int, ...] | int, dtype: type[np.generic]) -> Remote:
        """Memory with something in it that nobody may count on."""
        array = np.empty(shape, dtype)
        array.reshape(-1).view(np.uint8)[:] = 0xA5
        return array.view(Remote)

    def __getattr__(self, name: str) -> Callable[..., Remote]:
        function = getattr(np, name)
        return lambda *args, **kwargs: function(*args, **kwargs).view(Remote)


class ProcessorDevice:
    """See ``vcam.ops.gpu.device.Device``.

    ``ran`` names every kernel that was run, ``large_uploads`` and ``large_downloads`` count copies of whole frames.
    """

    name, memory = "kernels on the processor", "cpu"
    provider: tuple[str, dict[str, str]] = ("CPUExecutionProvider", {})
    xp: Any = _ArrayModule()

    def __init__(self, backwards: bool = False, library: ctypes.CDLL | None = None) -> None:
        self.ran: set[str] = set()
        self.large_uploads = self.large_downloads = 0
        self._backwards = backwards
        self._library = library or compiled()
        self._busy = False

    @contextmanager
    def working(self) -> Iterator[None]:
        before, self._busy = self._busy, True
        try:
            yield
        finally:
            self._busy = before

    def run(self, kernel: str, shape: tuple[int, ...], *given: Any) -> None:
        assert self._busy, "outside of working() this would run on another stream"
        checked = sources.arguments(kernel, given)
        for value in checked:
            assert not isinstance(value, np.ndarray) or isinstance(value, Remote), f"{kernel}: an array of the host"
        pointers = [_pointer(value) for value in checked]
        down, across = (1, *shape)[-2:]
        getattr(self._library, f"run_{kernel}")(across, down, int(self._backwards),
                                                (ctypes.c_void_p * len(pointers))(*map(ctypes.addressof, pointers)))
        self.ran.add(kernel)

    def upload(self, host: NDArray[Any]) -> Remote:
        assert not isinstance(host, Remote), "uploaded twice"
        self.large_uploads += host.size > _LARGE
        return np.array(host, order="C").view(Remote)

    def download(self, array: Remote) -> NDArray[Any]:
        self.large_downloads += array.size > _LARGE
        return array.get()

    def address(self, array: Remote) -> int:
        return array.ctypes.data


def _pointer(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return ctypes.c_void_p(value.ctypes.data)
    return (ctypes.c_float if isinstance(value, np.float32) else ctypes.c_int)(value.item())


def plain() -> str:
    """The kernels as C++, each with a function that runs all its threads."""
    runs = []
    for name, parameters in sources.signatures().items():
        types = [f"{_C_TYPES[one.type]}{'*' if one.is_array else ''}" for one in parameters]
        block = "32, 8" if "ROW" in _body(name) else "256, 1"
        given = ", ".join(f"*({kind}*)given[{number}]" for number, kind in enumerate(types))
        runs.append(_RUN.format(name=name, block=block, given=given))
    return _PREAMBLE + sources.text() + "".join(runs)


_C_TYPES: dict[Any, str] = {np.uint8: "byte", np.float32: "float", np.int32: "int"}


def _body(name: str) -> str:
    return sources.text().partition(f"KERNEL {name}(")[2].partition("KERNEL")[0]


@cache
def compiled(*flags: str) -> ctypes.CDLL:
    """The library; compiled once."""
    assert COMPILER
    with TemporaryDirectory() as folder:
        source, library = Path(folder, "kernels.cpp"), Path(folder, "kernels.so")
        source.write_text(plain())
        subprocess.run([COMPILER, "-O2", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function",
                        *flags, "-o", library, source], check=True, capture_output=True, text=True)
        return ctypes.CDLL(str(library))
