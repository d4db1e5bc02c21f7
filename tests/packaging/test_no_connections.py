"""vcam speaks to nobody: no connection, no name looked up, no identity left on the disk."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from tests.packaging.conftest import ROOT
from tests.packaging.watching import Watched, watch

pytestmark = [pytest.mark.timeout(600),
              pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")]

# ONNX Runtime's reporting speaks up ten seconds after it was loaded, where it is not turned off.
SECONDS = {"onnx": "15", "litert": "15", "mediapipe": "5"}
RUN = ("-m", "vcam", "run", "--source", "demo:", "--size", "320x180", "--sink", "null:")


def nobody_was_called(seen: Watched) -> None:
    assert seen.returncode == 0, seen.stderr
    assert seen.contacts == []
    assert [name for name in seen.left if "vcam" not in name and "numba" not in name] == []


@pytest.mark.parametrize("runtime", ["onnx", "litert", "mediapipe"])
def test_a_run_calls_nobody(tmp_path: Path, runtime: str) -> None:
    pytest.importorskip({"onnx": "onnxruntime", "litert": "ai_edge_litert", "mediapipe": "mediapipe"}[runtime])
    nobody_was_called(watch(*RUN, "--runtime", runtime, "--seconds", SECONDS[runtime], folder=tmp_path))


@pytest.fixture(scope="module")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    person = Image.open(ROOT / "vcam/assets/demo_person.webp").convert("RGBA")
    room = Image.new("RGBA", person.size, "#607080")
    room.alpha_composite(person)
    path = tmp_path_factory.mktemp("portrait") / "me.jpg"
    room.convert("RGB").save(path)
    return path


def test_a_cut_out_calls_nobody(tmp_path: Path, portrait: Path) -> None:
    nobody_was_called(watch("-m", "vcam", "cutout", str(portrait), "-o", str(tmp_path / "me.png"), folder=tmp_path))


def can_unshare() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_unshare(), reason="network namespaces are not allowed here")
@pytest.mark.parametrize("what", ["run", "cutout"])
def test_nothing_is_missed_without_any_network(tmp_path: Path, portrait: Path, what: str) -> None:
    """In a namespace without any interface, not even this machine's own address."""
    cutting = ("-m", "vcam", "cutout", str(portrait), "-o", str(tmp_path / "me.png"))
    words = (*RUN, "--panel", "off", "--frames", "30") if what == "run" else cutting
    nobody_was_called(watch(*words, folder=tmp_path, before=("unshare", "-rn")))


@pytest.mark.parametrize("doing", [
    "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('127.0.0.1', 9))",
    "import socket; socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b'hello', ('::1', 9))",
    "import socket\ntry: socket.getaddrinfo('name.invalid', 80)\nexcept OSError: pass",
])
def test_whoever_calls_is_seen(tmp_path: Path, doing: str) -> None:
    assert watch("-c", doing, folder=tmp_path).contacts


def test_whoever_leaves_an_identity_is_seen(tmp_path: Path) -> None:
    seen = watch("-c", "import pathlib; (pathlib.Path.home() / '.identity').write_text('7')", folder=tmp_path)
    assert seen.left == [".identity"]
