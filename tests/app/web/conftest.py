"""One panel for all tests of a module that do not change what the others look at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.web.visiting import TOKEN, Visit, visit


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    with pytest.MonkeyPatch.context() as patch, visit(patch, tmp_path_factory.mktemp("panel")) as made:
        yield made


@pytest.fixture(scope="module")
def open_to_others(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """A panel that other machines can reach."""
    folder: Path = tmp_path_factory.mktemp("open")
    with pytest.MonkeyPatch.context() as patch, visit(patch, folder, "0.0.0.0", TOKEN) as made:
        yield made
