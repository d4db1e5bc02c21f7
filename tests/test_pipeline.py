"""The pipeline as a whole: what must have happened before its first frame."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from numba.core.caching import FunctionCache

from tests.parts import SIZE, KnowingSegmenter, scene_frame
from vcam.backdrops import BackdropOptions, make_backdrop
from vcam.frame import Colour, Frame
from vcam.ops.cpu import CpuOps
from vcam.pipeline import Pipeline, PipelineSettings


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Kernels that are loaded from now on."""
    found: list[object] = []
    load: Any = FunctionCache.load_overload

    def noted(self: FunctionCache, *given: object) -> object:
        found.append(self)
        return load(self, *given)

    monkeypatch.setattr(FunctionCache, "load_overload", noted)
    yield found


def test_no_kernel_is_left_to_load_when_somebody_comes(loaded: list[object]) -> None:
    ops, starts = CpuOps(), [scene_frame(seq) for seq in range(8)]
    pipeline = Pipeline(ops, KnowingSegmenter(), PipelineSettings(SIZE, Colour.BT601))
    backdrop = make_backdrop("blur", BackdropOptions(SIZE, Colour.BT601))
    pipeline.warm_up(backdrop)
    loaded.clear()
    for seq, start in enumerate(starts):
        pipeline.render(Frame(start.pixels, start.format, seq, Fraction(seq, 30)), backdrop)
    assert loaded == []
