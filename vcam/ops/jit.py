"""The one decorator of all compiled CPU kernels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba as nb

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(function: Function) -> Function:
    """Compile with numba: cached on disk if possible, without the GIL, floats may be reordered (no kernel gets a NaN).

    LLVM vectorises a loop only if it can prove that indices do not wrap (so they are unsigned), that division does
    not raise (so the error model is numpy's) and that few arrays can overlap (so scratch is one flat array with
    constant offsets)."""
    options: dict[str, Any] = {"nogil": True, "fastmath": True, "error_model": "numpy"}
    try:
        return cast(Function, nb.njit(cache=True, **options)(function))
    except RuntimeError:  # neither the program's folder nor the user's can be written to: compiled at every start
        return cast(Function, nb.njit(**options)(function))
