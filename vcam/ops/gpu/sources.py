"""The kernels' text: the ``.cu`` files beside this module, below the constants they share with the CPU's kernels."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from vcam.ops import envelope, guided, plate, second, spill, tiles, tone

_FILES = ("shared", "frame", "evidence", "pieces", "plate", "temporal", "second", "matte", "blur", "tone",
          "composite")
_KERNEL = re.compile(r"^KERNEL (\w+)\(([^)]*)\)", re.MULTILINE)
_TYPES = {"byte": np.uint8, "float": np.float32, "int": np.int32}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a kernel: an array of a type, or a number of it."""

    name: str
    type: Any
    is_array: bool


@cache
def text() -> str:
    """All kernels as one CUDA C++ text."""
    folder = files(__package__)
    constants = [f"#define {name} {_literal(value)}\n" for name, value in _constants().items()]
    return "".join(constants) + "".join((folder / f"{name}.cu").read_text(encoding="utf-8") for name in _FILES)


@cache
def signatures() -> dict[str, tuple[Parameter, ...]]:
    """Every kernel's parameters."""
    return {name: tuple(_parameter(one) for one in parameters.split(","))
            for name, parameters in _KERNEL.findall(text())}


def arguments(kernel: str, given: tuple[Any, ...]) -> tuple[Any, ...]:
    """``given`` as the kernel takes it: a wrong type would be read as garbage, not refused, by the GPU.

    Raises:
        TypeError: an array of another type or not contiguous, or another number of arguments.
    """
    wanted = signatures()[kernel]
    if len(wanted) != len(given):
        raise TypeError(f"{kernel} takes {len(wanted)} arguments, not {len(given)}")
    return tuple(_argument(kernel, parameter, value) for parameter, value in zip(wanted, given, strict=True))


def _argument(kernel: str, parameter: Parameter, value: Any) -> Any:
    if not parameter.is_array:
        return parameter.type(value)
    if value.dtype != parameter.type or not value.flags.c_contiguous:
        raise TypeError(f"{kernel}: {parameter.name} must be contiguous {parameter.type.__name__}, not {value.dtype}")
    return value


def _parameter(declared: str) -> Parameter:
    kind, name = declared.replace("const ", "").split()
    return Parameter(name, _TYPES[kind.rstrip("*")], kind.endswith("*"))


def _literal(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{float(value)!r}f"


def _constants() -> dict[str, float]:
    least, most = plate._GAIN_LIMITS
    return {
        "RADIUS": guided.RADIUS, "SHARE": guided.SHARE, "LOW": tiles.LOW,
        "NOTHING": envelope._NOTHING, "EVERYTHING": envelope._EVERYTHING,
        "SPECK": envelope._SPECK, "PIECE": envelope._PIECE, "NEVER": envelope._NEVER,
        "SPILL_RADIUS": spill._WINDOW[0] // 2, "STRENGTH": spill._STRENGTH, "SURE": float(spill._SURE),
        "REACH": tone._REACH[0] // 2,
        "LOOK_WEIGHT": second._WEIGHT, "LOOK_NOISE": second._NOISE, "LOOK_GAIN": second._GAIN,
        "NOISE": plate._NOISE, "PERSON_SPREAD": plate._PERSON_SPREAD, "PERSON_RADIUS": plate._PERSON_WINDOW[0] // 2,
        "AGAINST": plate._AGAINST, "FOR": plate._FOR, "SURELY_BACKGROUND": plate._SURELY_BACKGROUND,
        "HEARD": plate._HEARD, "BELIEVED": plate._BELIEVED, "RATE": plate._RATE, "NEAR": plate._NEAR.shape[0] // 2,
        "ENOUGH": plate._ENOUGH, "MOVED": plate._MOVED, "GAIN_LEAST": least, "GAIN_MOST": most,
    }
