"""The session that the tests of this folder share, and a camera in it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.pipewire.session import Session, missing


@pytest.fixture(scope="session")
def session() -> Iterator[Session]:
    """A running session; this process is inside it as well."""
    if missing():
        pytest.skip(missing())
    with tempfile.TemporaryDirectory(prefix="vcam-pw-", ignore_cleanup_errors=True) as folder, \
            pytest.MonkeyPatch.context() as patch:
        session = Session(Path(folder))
        with closing(session):
            session.start()
            for name in ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"):
                patch.setenv(name, session.variables[name])
            patch.delenv("PIPEWIRE_REMOTE", raising=False)
            yield session
