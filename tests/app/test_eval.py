"""``vcam eval`` as typed: the figures belong to the mattes that it keeps, and mistakes are one clear line."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.app.test_cli import vcam
from tests.evaluation.sets import entry, mattes, write_index, write_set
from vcam.evaluation.footage import pictures
from vcam.evaluation.index import read_index
from vcam.frame import Pixels


def kept(path: Path) -> list[Pixels]:
    capture = cv2.VideoCapture(str(path))
    frames = []
    while (grabbed := capture.read())[0]:
        frames.append(np.asarray(grabbed[1][..., 0]))
    return frames


def test_the_figures_are_those_of_the_mattes_it_keeps(tmp_path: Path) -> None:
    write_set(tmp_path)
    done = vcam("eval", "index.json", "--model", "landscape", "--json", "figures.json", "--html", "report.html",
                "--save", "kept", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "landscape on" in done.stdout
    for words in ("exact (mean of 1)", "none (mean of 2)", "moving", "CPU ms"):
        assert words in done.stdout
    report = json.loads((tmp_path / "figures.json").read_text())
    moving = next(clip for clip in report["clips"] if clip["name"] == "moving")
    seen = np.stack(kept(tmp_path / "kept" / "moving.mkv")).astype(float)
    truth = np.stack(mattes(6)).astype(float)
    assert moving["MAD"] == pytest.approx(np.abs(seen - truth).mean() / 255 * 1000, abs=0.001)
    assert moving["MSE"] == pytest.approx(((seen - truth) ** 2).mean() / 255**2 * 1000, abs=0.001)
    assert moving["cpu_ms"] > 0
    assert report["means"]["exact"]["MAD"] == moving["MAD"]
    assert report["model"] == "landscape"
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {
        "moving.mkv", "masked.mkv", "real.mkv", "bare.mkv", "photo.png", "contact-sheet.jpg"}
    page = (tmp_path / "report.html").read_text()
    assert page.count("data:image/jpeg;base64,") == 4 * 2 * 3 + 4 + 2
    assert f"{moving['MAD']:.2f}" in page


def test_it_measures_what_a_live_run_would_show(tmp_path: Path) -> None:
    from fractions import Fraction

    from vcam.frame import Colour, Frame, PixelFormat
    from vcam.ops import pick
    from vcam.pipeline import Pipeline, PipelineSettings
    from vcam.segmenters import make_segmenter

    index = read_index(write_set(tmp_path))
    assert vcam("eval", "index.json", "--save", "kept", folder=tmp_path).returncode == 0
    ops = pick("cpu")
    clip = index.clips[0]
    pipeline = Pipeline(ops, make_segmenter("general", ops), PipelineSettings(clip.size, Colour.BT601))
    for number, (picture, matte) in enumerate(zip(pictures(clip), kept(tmp_path / "kept" / "moving.mkv"), strict=True)):
        frame = Frame(picture, PixelFormat.BGR24, number, Fraction(number, 25))
        assert np.abs(pipeline.full_alpha(frame)[1].astype(int) - matte).max() <= 1


@pytest.mark.parametrize(("words", "code", "told"), [
    (["no.json"], 2, "index 'no.json' does not exist"),
    (["moving.mkv"], 1, "'moving.mkv' is not an index"),
    (["wrong.json"], 1, "unknown gt_kind 'certain'"),
    (["long.json"], 1, "moving.mkv has 6 frames, the index says 8"),
    (["small.json"], 1, "moving.mkv is 96x64, the index says 64x64"),
    (["index.json", "--mode", "cut-out"], 2, "mode 'cut-out' is unknown"),
    (["index.json", "--model", "generl"], 2, "did you mean 'general'"),
    (["index.json", "--device", "gpu"], 1, "gpu"),
    (["index.json", "--json", "no/such/figures.json"], 2, "its folder does not exist"),
    (["index.json", "--html", "."], 2, "it is a folder"),
    (["index.json", "--save", "moving.mkv"], 2, "folder 'moving.mkv' cannot be made"),
    (["index.json", "--save", "no/such/folder"], 2, "folder 'no/such/folder' cannot be made"),
    ([], 2, "INDEX.json")])
def test_mistakes(tmp_path: Path, words: list[str], code: int, told: str) -> None:
    index = write_set(tmp_path)
    for name, change in (("wrong", {"gt_kind": "certain"}), ("long", {"frames": 8}), ("small", {"size": [64, 64]})):
        write_index(tmp_path, entry("moving") | change).rename(tmp_path / f"{name}.json")
    write_set(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    done = vcam("eval", *words, "--html" if "--html" not in words else "--json", "result", folder=tmp_path)
    assert told in done.stderr, done.stderr
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert sorted(tmp_path.rglob("*")) == before
    assert index.exists()
