"""Servers that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.servers.stage import STAGES, Stage, staged


@pytest.fixture
def stage_of(tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    """Sets the stage of a protocol up, or skips with what is missing for it."""
    with ExitStack() as stack:
        def made(protocol: str, running: bool = True) -> Stage:
            reason = STAGES[protocol][1]()
            if reason:
                pytest.skip(reason)
            return stack.enter_context(staged(protocol, tmp_path, running))
        yield made
