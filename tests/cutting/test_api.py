"""``vcam.cutout`` from a program: a script without any precautions, on two processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import vcam
from tests.app.test_cli import ROOT
from tests.cutting.films import FRAMES, left, talk
from vcam.cutting.wishes import Note, Progress
from vcam.errors import UsageError

pytestmark = pytest.mark.timeout(900)  # processes start slowly on a busy machine
_SCRIPT = """
import vcam
result = vcam.cutout("talk.mp4", "out.webm", quality="fast", processes=2)
print(result.output, result.pictures)
"""


def test_from_a_script_that_guards_nothing(tmp_path: Path) -> None:
    talk(tmp_path, frames=30)
    (tmp_path / "script.py").write_text(_SCRIPT)
    done = subprocess.run([sys.executable, "script.py"], capture_output=True, text=True, cwd=tmp_path, timeout=600,
                          check=False, env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stderr
    assert done.stdout == "out.webm 30\n", "the script runs once, not in every process"
    assert left(tmp_path) == {"talk.mp4", "script.py", "out.webm"}


def test_it_tells_how_far_it_is(tmp_path: Path) -> None:
    told: list[Progress | Note] = []
    result = vcam.cutout(talk(tmp_path), quality="fast", processes=1, preview=True, report=told.append)
    assert (result.output, result.preview) == (tmp_path / "talk.cutout.webm", tmp_path / "talk.cutout.preview.jpg")
    assert 0.1 < result.person < 0.6
    assert [event.done for event in told if isinstance(event, Progress) and event.stage == "render"] == [
        *range(FRAMES + 1)]


def test_options_that_do_not_fit(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no transparency"):
        vcam.cutout(talk(tmp_path), tmp_path / "out.mp4")
    with pytest.raises(ValueError, match="better"):
        vcam.cutout(tmp_path / "talk.mp4", quality="better")
    assert left(tmp_path) == {"talk.mp4"}
