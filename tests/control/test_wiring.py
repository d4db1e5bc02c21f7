"""Choosing parts: sizes, colours and defaults."""

from __future__ import annotations

from pathlib import Path

import pytest

from vcam.config import Settings
from vcam.control import wiring
from vcam.control.bench import bench
from vcam.control.wiring import assemble
from vcam.engine.live import run_to_end
from vcam.errors import BackdropError, UsageError
from vcam.frame import Colour, Size
from vcam.ops import pick
from vcam.pipeline import STAGES
from vcam.segmenters import make_segmenter


def settings(**values: object) -> Settings:
    return Settings.model_validate({"source": "test:", "sink": "null:", "background": "green"} | values)


@pytest.mark.parametrize(("size", "sinks", "colour"), [
    ("1280x720", "null:", Colour.BT709), ("640x480", "null:", Colour.BT601),
    ("1280x720", "preview:,null:", Colour.BT601)])
def test_the_matrix_is_what_viewers_will_assume(size: str, sinks: str, colour: Colour) -> None:
    assembly = assemble(settings(size=size, sink=sinks), frames=2)
    assert assembly.run.parts.pipeline.settings.colour is colour
    assembly.run.finish()


def test_size_is_the_sources_unless_said() -> None:
    for wanted, expected in ((None, Size(1280, 720)), ("320x240", Size(320, 240))):
        assembly = assemble(settings(size=wanted))
        assert assembly.run.parts.pipeline.settings.size == expected
        assembly.run.finish()


def test_a_bad_background_is_found_before_the_camera_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(wiring, "make_source", lambda *args: opened.append("source"))
    (tmp_path / "torn.jpg").write_bytes(b"torn")
    with pytest.raises(BackdropError):
        assemble(settings(background=str(tmp_path / "torn.jpg")))
    with pytest.raises(UsageError):
        assemble(settings(background="colour:nothing"))
    assert opened == []


def test_defaults_say_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    notes: list[str] = []
    monkeypatch.setattr("vcam.sources.camera.list_cameras", list)
    monkeypatch.setattr("vcam.sinks.virtualcam.available", lambda: (False, "no device; sudo modprobe v4l2loopback"))
    monkeypatch.setattr("vcam.sinks.pipewire.available", lambda: (False, "no session"))
    assert wiring.default_source(notes) == "demo:"
    assert wiring.default_sinks(notes, panel=True) == ["preview:"], "something is to be fed"
    assert len(notes) == 2
    assert "modprobe" in notes[1]
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("vcam.sinks.pipewire.available", lambda: (True, "PipeWire 1.4"))
    assert wiring.default_sinks(notes, panel=True) == ["pipewire:"]
    assert wiring.default_sinks(notes, panel=False) == ["pipewire:", "preview:"]
    monkeypatch.setattr("vcam.sinks.virtualcam.available", lambda: (True, "/dev/video10"))
    for platform, spec in (("linux", "v4l2:"), ("win32", "virtualcam:"), ("darwin", "virtualcam:")):
        monkeypatch.setattr("sys.platform", platform)
        assert wiring.default_sinks(notes, panel=True) == [spec]
        assert wiring.default_sinks(notes, panel=False) == [spec, "preview:"]


def test_state_says_how_it_was_put_together() -> None:
    assembly = assemble(settings(size="320x240", model="landscape", runtime="litert"), frames=3)
    final = run_to_end(assembly.run, lambda status: None, 0.1)
    state = assembly.state(final)
    assert (state.model, state.runtime, state.device) == ("landscape", "LiteRT", "CPU")
    assert '"rendered":3' in state.to_json()


def test_bench_measures_every_stage_of_every_case() -> None:
    ops = pick("cpu")
    rows = bench("test:", [Size(320, 240), Size(640, 360)], ["green", "blur"],
                 lambda: (ops, make_segmenter("landscape", ops)), frames=2)
    assert len(rows) == 4 * (len(STAGES) + 1)
    for case in range(4):
        part = rows[case * 7:case * 7 + 7]
        assert part[-1].stage == "total"
        assert sum(row.cpu_ms for row in part[:-1]) <= part[-1].cpu_ms * 1.25
