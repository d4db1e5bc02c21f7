"""The program as typed: every way of getting it wrong gives one clear line and the right exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import av
import pytest

ROOT = Path(__file__).parents[2]


def vcam(*words: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program with an empty configuration."""
    kept = ("VCAM_STATE_FOLDER", "VCAM_SOCKET_FOLDER")
    inherited = {k: v for k, v in os.environ.items() if k in kept or not k.startswith(("VCAM_", "DISPLAY", "WAYLAND"))}
    inherited |= {"VCAM_CONFIG": str(folder / "config.toml"), "VCAM_MODELS": str(folder / "models"),
                  "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    return subprocess.run([sys.executable, "-m", "vcam", *words], capture_output=True, text=True, timeout=120,
                          env=inherited | environment, cwd=folder, check=False)


def broken(folder: Path, name: str, content: bytes = b"this is neither a picture nor a video") -> str:
    (folder / name).write_bytes(content)
    return name


@pytest.mark.parametrize(("words", "code", "told"), [
    (["run", "--source", "missing.mp4"], 2, "missing.mp4"),
    (["run", "--source", "broken.jpg"], 1, "broken.jpg"),
    (["run", "--source", "broken.mp4"], 1, "broken.mp4"),
    (["run", "--source", "empty.mp4"], 1, "empty.mp4"),
    (["run", "--source", "carmera:0"], 2, "did you mean 'camera:'"),
    (["run", "--source", "camera:97"], 1, "camera 97"),
    (["run", "--source", "screen:1"], 1, "screen"),
    (["run", "--background", "broken.jpg"], 1, "broken.jpg"),
    (["run", "--background", "beech.jpg"], 2, "beech.jpg"),
    (["run", "--background", "blur:900"], 2, "blur strength"),
    (["run", "--away-picture", "broken.jpg"], 1, "away picture 'broken.jpg' cannot be read: it is not a picture"),
    (["run", "--away-picture", "no.jpg"], 2, "away picture 'no.jpg' does not exist"),
    (["run", "--sink", "nul:"], 2, "did you mean 'null:'"),
    (["run", "--sink", "film.xyz"], 2, ".xyz"),
    (["run", "--sink", "no/such/folder/film.mp4"], 2, "no/such/folder"),
    (["run", "--sink", "/proc/film.mp4"], 1, "/proc"),
    (["run", "--sink", "preview:0.0.0.0:80"], 2, "other machines"),
    (["run", "--size", "0x0"], 2, "out of range"),
    (["run", "--size", "641x480"], 2, "640x480"),
    (["run", "--size", "90000x9000"], 2, "out of range"),
    (["run", "--fps", "0"], 2, "'fps'"),
    (["run", "--fps", "fast"], 2, "'fps'"),
    (["run", "--device", "gpu"], 1, "gpu"),
    (["run", "--model", "generl"], 2, "did you mean 'general'"),
    (["run", "--model", "multiclass"], 1, "vcam models fetch multiclass"),
    (["run", "--frames", "-3"], 2, "--frames"),
    (["run", "--nonsense"], 2, "--nonsense"),
    (["models", "fetch", "general"], 2, "comes with vcam"),
    (["models", "fetch", "multiclass", "--from-file", "broken.jpg"], 1, "not the published"),
    (["config", "set", "backgruond", "blur"], 2, "did you mean 'background'"),
    (["bench", "--json", "no/such/folder/rows.json"], 2, "no/such/folder"),
])
def test_wrong_input_is_one_clear_line(tmp_path: Path, words: list[str], code: int, told: str) -> None:
    broken(tmp_path, "broken.jpg")
    broken(tmp_path, "broken.mp4")
    broken(tmp_path, "empty.mp4", b"")
    given = words if "--source" in words or words[0] != "run" else [*words, "--source", "demo:"]
    before = sorted(tmp_path.rglob("*"))
    done = vcam(*given, *(["--sink", "null:"] if words[0] == "run" and "--sink" not in words else []), folder=tmp_path)
    assert told in done.stderr, done.stderr
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    left = [path for path in sorted(tmp_path.rglob("*")) if path not in before and path.name != "models"]
    assert left == []


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    assert "Traceback" in vcam("--debug", "run", "--background", "nothing-here", folder=tmp_path).stderr


def test_a_typing_error_in_the_configuration_names_the_key(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('backgorund = "blur"\n')
    done = vcam("run", folder=tmp_path)
    assert done.returncode == 2
    assert "did you mean 'background'" in done.stderr


def test_without_camera_and_virtual_device_the_demo_is_shown_and_what_is_missing_said(tmp_path: Path) -> None:
    if any(Path("/dev").glob("video*")):
        pytest.skip("this machine has a video device")
    done = vcam("run", "--seconds", "2", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "no camera found" in done.stderr
    assert "no virtual camera" in done.stderr
    assert "http://127.0.0.1:" in done.stderr


def test_several_outputs_at_once(tmp_path: Path) -> None:
    done = vcam("run", "--source", "test:", "--background", "green", "--size", "640x360", "--frames", "20", "--sink",
                "film.mkv", "--sink", "null:", "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["run"]["rendered"] == 20
    assert [sink["sent"] for sink in last["run"]["sinks"]] == [20, 20]
    with av.open(str(tmp_path / "film.mkv")) as film:
        frames = list(film.decode(video=0))
    assert len(frames) >= 20  # a computer that stops for over a second adds cards
    assert (frames[0].width, frames[0].height) == (640, 360)


def test_raw_video_on_standard_output_is_nothing_but_video(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "vcam", "run", "--source", "demo:", "--size", "320x180", "--frames", "5",
               "--sink", "-"]
    done = subprocess.run(command, capture_output=True, timeout=120, cwd=ROOT, check=True,
                          env=os.environ | {"VCAM_CONFIG": str(tmp_path / "none.toml")})
    header, _, rest = done.stdout.partition(b"\n")
    assert header.startswith(b"YUV4MPEG2 W320 H180")
    assert len(rest) == 5 * (len(b"FRAME\n") + 320 * 180 * 3 // 2)


def test_environment_and_configuration_reach_the_run(tmp_path: Path) -> None:
    assert vcam("config", "set", "source", "test:", folder=tmp_path).returncode == 0
    done = vcam("run", "--frames", "2", "--json", folder=tmp_path, VCAM_SINK="null:", VCAM_SIZE="320x240")
    state = json.loads(done.stdout.splitlines()[-1])
    assert state["run"]["size"] == "320x240"
    assert state["run"]["sinks"][0]["name"] == "null"
    shown = vcam("config", folder=tmp_path, VCAM_SIZE="320x240").stdout
    assert "environment" in next(line for line in shown.splitlines() if line.strip().startswith("size"))


def test_lists(tmp_path: Path) -> None:
    found = json.loads(vcam("devices", "--json", folder=tmp_path).stdout)
    assert {part["entry"]["scheme"] for part in found["sources"]} >= {"camera", "file", "demo", "test", "screen"}
    assert found["cpu"]
    names = [item["name"] for item in json.loads(vcam("backgrounds", "--json", folder=tmp_path).stdout)]
    assert len(names) >= 8
    models = {row["name"]: row for row in json.loads(vcam("models", "list", "--json", folder=tmp_path).stdout)}
    assert models["general"]["present"]
    assert not models["multiclass"]["present"]
    for words in (["devices"], ["backgrounds"], ["models"], ["config"]):
        assert vcam(*words, folder=tmp_path).returncode == 0


def test_help_reads_like_documentation(tmp_path: Path) -> None:
    told = vcam("run", "--help", folder=tmp_path).stdout
    for word in ("--source", "--background", "--sink", "--size", "--fps", "--model", "--device", "--mirror", "--frames",
                 "--seconds", "colour:#204060", "VCAM_NAME"):
        assert word in told


def test_bench_writes_its_rows(tmp_path: Path) -> None:
    done = vcam("bench", "--size", "320x240", "--background", "blur", "--source", "test:", "--frames", "3", "--json",
                "rows.json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "rows.json").read_text())
    assert {row["stage"] for row in rows} == {"prepare", "guide", "segment", "refine", "background", "composite",
                                              "total"}
    assert set(rows[0]) == {"size", "background", "stage", "cpu_ms", "wall_ms", "memcpy_cpu_ms"}
    total = next(row for row in rows if row["stage"] == "total")
    assert total["cpu_ms"] > 0 < total["memcpy_cpu_ms"]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [2, 15])
def test_signals_stop_it_cleanly(tmp_path: Path, number: int) -> None:
    command = [sys.executable, "-m", "vcam", "run", "--source", "demo:", "--size", "320x180", "--sink", "film.mp4",
               "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
                          env=os.environ | {"PYTHONPATH": str(ROOT), "VCAM_CONFIG": str(tmp_path / "c.toml")}) as run:
        assert run.stdout is not None
        for line in run.stdout:
            if json.loads(line)["run"]["rendered"] > 10:
                break
        run.send_signal(number)
        run.communicate(timeout=30)
    assert run.returncode == 0
    with av.open(str(tmp_path / "film.mp4")) as film:
        assert sum(1 for _ in film.decode(video=0)) > 10
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]

