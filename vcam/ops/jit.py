"""The one decorator of all compiled CPU kernels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba as nb

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(function: Function) -> Function:
    """Compile with numba: cached on disk, without the GIL, floats may be reordered (no kernel is fed a NaN).

    LLVM vectorises a loop only if it can prove that indices do not wrap (so they are unsigned), that division does
    not raise (so the error model is numpy's) and that few arrays can overlap (so scratch is one flat array with
    constant offsets)."""
    return cast(Function, nb.njit(cache=True, nogil=True, fastmath=True, error_model="numpy")(function))
