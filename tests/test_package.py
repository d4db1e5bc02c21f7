"""The package: what a wheel carries, and that nothing in it connects to anywhere by itself."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_a_wheel_carries_networks_backgrounds_and_licence(tmp_path: Path) -> None:
    hatchling = pytest.importorskip("hatchling.builders.wheel", reason="hatchling is not installed")
    builder = hatchling.WheelBuilder(str(ROOT))
    built = Path(next(iter(builder.build(directory=str(tmp_path), versions=["standard"]))))
    names = zipfile.ZipFile(built).namelist()
    for wanted in ("vcam/assets/models/selfie_segmentation.onnx", "vcam/assets/models/selfie_segmentation.tflite",
                   "vcam/assets/models/manifest.toml", "vcam/assets/models/NOTICE", "vcam/assets/demo_person.webp",
                   "vcam/sinks/preview.html", "vcam/py.typed"):
        assert wanted in names, wanted
    assert sum(name.startswith("vcam/_backgrounds/") and name.endswith(".jpg") for name in names) >= 8
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert built.stat().st_size < 8_000_000


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("runtime", ["onnx", "litert", "mediapipe"])
def test_a_run_opens_no_connection(tmp_path: Path, runtime: str) -> None:
    pytest.importorskip({"onnx": "onnxruntime", "litert": "ai_edge_litert", "mediapipe": "mediapipe"}[runtime])
    log = tmp_path / "calls"
    done = subprocess.run(["strace", "-f", "-e", "trace=connect,sendto", "-o", str(log), sys.executable, "-m", "vcam",
                           "run", "--source", "demo:", "--size", "320x180", "--runtime", runtime, "--sink", "null:",
                           "--frames", "30"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "AF_INET" not in log.read_text()
