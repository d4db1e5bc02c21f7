"""Compiling without a folder to keep the result in."""

from __future__ import annotations

import pytest
from numba.core import caching

from vcam.ops.jit import kernel


def doubled(number: int) -> int:
    return 2 * number


def test_a_kernel_works_where_nothing_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [])
    assert kernel(doubled)(21) == 42
