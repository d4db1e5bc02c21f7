"""The verbs of every device."""

from __future__ import annotations

import pytest

from tests.ops.devices import NAMES, implementation
from vcam.ops import Ops


@pytest.fixture(scope="module", params=NAMES)
def ops(request: pytest.FixtureRequest) -> Ops:
    """Each implementation in turn, speaking numpy."""
    return implementation(request.param)
