"""No test touches the user's own choices, nor a vcam that runs on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is, not whether it is right.
settings.register_profile("vcam", deadline=None)
settings.load_profile("vcam")


@pytest.fixture(autouse=True, scope="session")
def _kept_apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("user")
    before = dict(os.environ)
    os.environ |= {"VCAM_STATE_FOLDER": str(folder / "state"), "VCAM_SOCKET_FOLDER": str(folder / "run"),
                   "VCAM_CONFIG": str(folder / "config.toml")}
    yield
    os.environ.clear()
    os.environ.update(before)
