"""What is built here is built from a copy of the tree, so that nothing of a checkout slips in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE_DATE_EPOCH = "1700000000"
# What is built from the sources: not what tools left beside them.
_LEFT = shutil.ignore_patterns("__pycache__", "*.pyc", ".git", ".venv*", ".*_cache", ".hypothesis")

Build = Callable[[Path, str], Path]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of whole packages take many minutes: they run when they are asked for."""
    if "release" in (config.option.markexpr or ""):
        return
    for item in items:
        if item.get_closest_marker("release"):
            item.add_marker(pytest.mark.skip(reason="takes many minutes: pytest -m release"))


def copy_sources(place: Path) -> Path:
    """The tree as a fresh clone has it."""
    shutil.copytree(ROOT, place, ignore=lambda folder, names: {
        *_LEFT(folder, names), *({"build", "dist"} if Path(folder) == ROOT else ())})
    return place


def built(sources: Path, folder: Path, kind: str) -> Path:
    """One ``sdist`` or ``wheel``, in a process of its own: the builder reads the environment."""
    pytest.importorskip("hatchling", reason="hatchling is not installed")
    done = subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)], cwd=sources,
                          env={**os.environ, "SOURCE_DATE_EPOCH": SOURCE_DATE_EPOCH}, capture_output=True, text=True,
                          timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("vcam-*.tar.gz" if kind == "sdist" else "vcam-*.whl"))


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_sources(tmp_path_factory.mktemp("clone") / "vcam")


@pytest.fixture(scope="session")
def sdist(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(sources, tmp_path_factory.mktemp("sdist"), "sdist")


@pytest.fixture(scope="session")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the sdist, as a release is: what the sdist forgets is missing here."""
    folder = tmp_path_factory.mktemp("unpacked")
    shutil.unpack_archive(sdist, folder)
    return built(next(folder.iterdir()), tmp_path_factory.mktemp("wheel"), "wheel")
