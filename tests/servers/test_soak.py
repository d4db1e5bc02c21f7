"""A run in short, or for as long as VCAM_TEST_SOAK_MINUTES says: streams, records, and is looked at all the while."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import av
import pytest

from tests.servers import nginx
from tests.servers.product import PROJECT

MINUTES = float(os.environ.get("VCAM_TEST_SOAK_MINUTES", "0.5"))
LONG_MINUTES = 20  # from then on a slope says something


@pytest.mark.timeout(MINUTES * 60 + 240)
@pytest.mark.skipif(bool(nginx.missing()), reason=nginx.missing())
def test_it_goes_on_as_it_began(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "tests.servers.soak", str(MINUTES), str(tmp_path / "soak.csv"),
                           str(tmp_path)], capture_output=True, text=True, cwd=PROJECT, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert (found["exit_code"], found["reopened"], found["problems"]) == (0, 0, []), found
    assert len(found["fds"]) == 1, "descriptors come and go"
    with av.open(str(tmp_path / "soak.mkv")) as recording:
        assert float((recording.duration or 0) / av.time_base) > found["minutes"] * 60
    if MINUTES >= LONG_MINUTES:
        assert found["memory_mb_in_10_min"] < 1, found
        assert abs(found["av_drift_ms_in_10_min"]) < 5, found
        assert abs(found["delay_drift_ms_in_10_min"]) < 20, found
