"""Measuring clips: which figures a clip gets, from which frames, and that a mode is nothing but a function."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from statistics import fmean

import cv2
import numpy as np
import pytest

from tests.evaluation.sets import clip, mattes, pictures, write_set, write_video
from tests.parts import KnowingSegmenter
from vcam.errors import EvaluationError, SegmenterError, UsageError
from vcam.evaluation import run
from vcam.evaluation.footage import shots
from vcam.evaluation.index import Clip, TruthKind, read_index
from vcam.evaluation.metrics import boundary, connectivity, dtssd, gradient, iou, mad, mse, reduced
from vcam.evaluation.run import Answer, PipelineMaker, evaluate, find_mode, live
from vcam.evaluation.scoring import COLUMNS, Row, means
from vcam.frame import Colour, Frame, PixelFormat, Pixels, Size
from vcam.ops.cpu import CpuOps
from vcam.pipeline import Pipeline, PipelineSettings

OPS = CpuOps()


def make(settings: PipelineSettings) -> Pipeline:
    return Pipeline(OPS, KnowingSegmenter(), settings)


def perfect(clip: Clip, make: PipelineMaker) -> Iterator[Answer]:
    """A mode that knows the answers."""
    del make
    for number, shot in enumerate(shots(clip)):
        yield Answer(np.zeros(shot.picture.shape[:2], np.uint8) if shot.wanted is None else shot.wanted, number * 2.0)


def shifted(clip: Clip, make: PipelineMaker) -> Iterator[Answer]:
    """A mode that is a little wrong, more so in the fourth frame."""
    for number, answer in enumerate(perfect(clip, make)):
        yield replace(answer, matte=np.roll(answer.matte, 9 if number == 3 else 2, axis=1))


@pytest.fixture
def clips(tmp_path: Path) -> dict[str, Clip]:
    return {clip.name: clip for clip in read_index(write_set(tmp_path)).clips}


@pytest.mark.parametrize(("name", "columns"), [
    ("moving", set(COLUMNS)), ("masked", {"IoU", "BF", "FLK"}), ("real", {"IoU", "BF", "FLK"}), ("bare", {"FLK"}),
    ("photo", {"MAD", "MSE", "Grad", "Conn", "IoU", "BF"})])
def test_a_clip_gets_the_figures_that_its_truth_allows(clips: dict[str, Clip], name: str, columns: set[str]) -> None:
    row = evaluate(clips[name], perfect, make).row
    assert set(row.figures) == columns
    for column in columns & {"MAD", "MSE", "Grad", "Conn", "dtSSD", "FLKx"}:
        assert row.figures[column] == pytest.approx(0, abs=1e-9)
    for column in columns & {"IoU", "BF"}:
        assert row.figures[column] == 100
    assert row.cpu_ms == (5.0 if clips[name].frames == 6 else 0.0)


def test_figures_are_means_over_the_frames(clips: dict[str, Clip]) -> None:
    row = evaluate(clips["moving"], shifted, make).row
    truth = mattes(6)
    seen = [answer.matte for answer in shifted(clips["moving"], make)]
    pairs = list(zip(seen, truth, strict=True))
    assert row.figures["MAD"] == pytest.approx(fmean(mad(*pair) for pair in pairs))
    assert row.figures["MSE"] == pytest.approx(fmean(mse(*pair) for pair in pairs))
    assert row.figures["IoU"] == pytest.approx(fmean(iou(*pair) for pair in pairs))
    assert row.figures["BF"] == pytest.approx(fmean(boundary(*pair) for pair in pairs))
    assert row.figures["Grad"] == pytest.approx(fmean(gradient(*map(reduced, pair)) for pair in pairs))
    assert row.figures["Conn"] == pytest.approx(connectivity(reduced(seen[0]), reduced(truth[0]))), "every tenth"
    assert row.figures["dtSSD"] == pytest.approx(
        fmean(dtssd(seen[i], seen[i - 1], truth[i], truth[i - 1]) for i in range(1, 6)))
    assert 0 < row.figures["FLKx"] < row.figures["FLK"]
    assert row.errors == pytest.approx([mad(*pair) for pair in pairs])


def test_the_worst_moment_comes_first_and_all_parts_are_shown(clips: dict[str, Clip]) -> None:
    moments = evaluate(clips["moving"], shifted, make).moments
    assert len(moments) == 4
    assert moments[0].number == 3
    assert [moment.error for moment in moments] == sorted((moment.error for moment in moments), reverse=True)
    assert sorted(moment.number * 4 // 6 for moment in moments) == [0, 1, 2, 3]
    assert evaluate(clips["bare"], perfect, make).moments[0].error_map is None


def test_error_maps_are_red_where_background_shows_and_blue_where_the_person_is_missing(
        clips: dict[str, Clip]) -> None:
    data = evaluate(clips["moving"], shifted, make).moments[0].error_map
    assert data is not None
    drawn = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert drawn is not None
    truth = mattes(6)[3]
    matte = np.roll(truth, 9, axis=1)
    blue, green, red = (drawn[..., channel].astype(int) for channel in range(3))
    shown, missing, right = (matte > 200) & (truth < 50), (matte < 50) & (truth > 200), matte == truth
    assert (red - blue)[shown].mean() > 80
    assert (blue - red)[missing].mean() > 80
    assert np.abs(red - blue)[right].mean() < 15
    assert np.abs(green - blue)[right].mean() < 15


def test_live_is_the_pipeline_at_the_clips_own_pace(clips: dict[str, Clip]) -> None:
    seen: list[Fraction] = []

    class Watched(Pipeline):
        def full_alpha(self, frame: Frame) -> tuple[Frame, Pixels]:
            seen.append(frame.pts)
            return super().full_alpha(frame)

    answers = list(live(clips["moving"], lambda settings: Watched(OPS, KnowingSegmenter(), settings)))
    assert len(seen) > 6, "kernels were loaded before the first frame"
    assert seen[-6:] == [Fraction(number, 25) for number in range(6)]
    pipeline = make(PipelineSettings(clips["moving"].size, Colour.BT601))
    for number, (answer, picture) in enumerate(zip(answers, pictures(mattes(6)), strict=True)):
        frame = Frame(picture, PixelFormat.BGR24, number, Fraction(number, 25))
        assert (answer.matte == pipeline.full_alpha(frame)[1]).all()
        assert answer.cpu_ms > 0


def test_odd_sizes(tmp_path: Path) -> None:
    size = Size(97, 65)
    truth = mattes(3, size)
    write_video(tmp_path / "moving.mkv", pictures(truth))
    write_video(tmp_path / "moving_pha.mkv", truth)
    result = evaluate(clip(tmp_path, size=size, frames=3), live, make)
    assert 0 < result.row.figures["IoU"] < 100
    assert all(answer.matte.shape == (65, 97) for answer in live(clip(tmp_path, size=size, frames=3), make))


def test_progress_is_told_of_every_frame(clips: dict[str, Clip]) -> None:
    told: list[int] = []
    evaluate(clips["moving"], perfect, make, progress=lambda: told.append(1))
    assert len(told) == 6


def test_mattes_are_kept_without_loss(clips: dict[str, Clip], tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    for name in ("moving", "photo"):
        evaluate(clips[name], shifted, make, folder)
    photo = cv2.imread(str(folder / "photo.png"), cv2.IMREAD_UNCHANGED)
    assert photo is not None
    assert np.array_equal(photo, np.roll(mattes(1)[0], 2, 1))
    capture = cv2.VideoCapture(str(folder / "moving.mkv"))
    for answer in shifted(clips["moving"], make):
        read, picture = capture.read()
        assert read
        assert (picture[..., 0] == answer.matte).all()
    assert not capture.read()[0]
    assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(25)


def test_nothing_half_done_is_left_where_something_fails(clips: dict[str, Clip], tmp_path: Path) -> None:
    def failing(clip: Clip, make: PipelineMaker) -> Iterator[Answer]:
        for number, answer in enumerate(perfect(clip, make)):
            if number == 4:
                raise SegmenterError("the network failed", "try another model")
            yield answer

    folder = tmp_path / "kept"
    folder.mkdir()
    with pytest.raises(SegmenterError):
        evaluate(clips["moving"], failing, make, folder)
    assert list(folder.iterdir()) == []
    with pytest.raises(EvaluationError, match="cannot be written"):
        evaluate(clips["moving"], perfect, make, tmp_path / "missing")
    with pytest.raises(EvaluationError, match="cannot be written"):
        evaluate(clips["photo"], perfect, make, tmp_path / "missing")


def test_modes_are_found_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_mode("live") is live
    assert set(run.MODES) == {"live", "cutout", "cutout-fast"}
    with pytest.raises(UsageError, match=r"'perfect' is unknown"):
        find_mode("perfect")
    monkeypatch.setitem(run.MODES, "perfect", perfect)
    assert find_mode("perfect") is perfect


def test_means_are_of_the_clips_that_have_the_figure(tmp_path: Path) -> None:
    rows = [Row(clip(tmp_path, "a"), {"MAD": 10.0, "dtSSD": 2.0}, 4.0), Row(clip(tmp_path, "b"), {"MAD": 20.0}, 6.0),
            Row(clip(tmp_path, "c", truth_kind=TruthKind.NONE, truth=None), {}, 1.0)]
    exact, none = means(rows)
    assert (exact.truth_kind, exact.clips, exact.figures) == (TruthKind.EXACT, 2, {"MAD": 15.0, "dtSSD": 2.0})
    assert exact.cpu_ms == 5
    assert (none.truth_kind, none.figures, none.cpu_ms) == (TruthKind.NONE, {}, 1)
