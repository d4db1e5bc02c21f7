"""Frames of clips: those that are there, and every way in which files do not fit their index or each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.evaluation.sets import SIZE, clip, mattes, pictures, write_video
from vcam.errors import EvaluationError
from vcam.evaluation import footage
from vcam.evaluation.index import Clip
from vcam.frame import Size


@pytest.fixture
def files(tmp_path: Path) -> Path:
    truth = mattes(6)
    write_video(tmp_path / "moving.mkv", pictures(truth))
    write_video(tmp_path / "moving_pha.mkv", truth)
    write_video(tmp_path / "short.mkv", truth[:5])
    write_video(tmp_path / "long.mkv", [*truth, truth[0]])
    write_video(tmp_path / "small.mkv", [matte[:32] for matte in truth])
    (tmp_path / "noise.mkv").write_bytes(b"neither a video nor a picture")
    (tmp_path / "empty.mkv").touch()
    return tmp_path


def test_frames_and_truth_come_out_as_they_went_in(files: Path) -> None:
    truth = mattes(6)
    shots = list(footage.shots(clip(files)))
    assert len(shots) == 6
    for shot, matte, shown in zip(shots, truth, pictures(truth), strict=True):
        assert np.array_equal(shot.picture, shown)
        assert shot.wanted is not None
        assert np.array_equal(shot.wanted, matte)


def test_a_still_and_nothing_to_compare_with(tmp_path: Path) -> None:
    shown = pictures(mattes(1))[0]
    cv2.imwrite(str(tmp_path / "photo.png"), shown)
    still = clip(tmp_path, "photo", file=tmp_path / "photo.png", truth=None, is_still=True, frames=1)
    footage.check(still)
    shot, = footage.shots(still)
    assert (shot.picture == shown).all()
    assert shot.wanted is None


def changed(files: Path, values: dict[str, Any]) -> Clip:
    """The clip, with other values; texts are names of files."""
    found: dict[str, Any] = {key: files / value if isinstance(value, str) else value for key, value in values.items()}
    return clip(files, **found)


@pytest.mark.parametrize(("values", "told"), [
    ({"frames": 7}, "moving.mkv has 6 frames, the index says 7"),
    ({"frames": 5}, "moving.mkv has 6 frames, the index says 5"),
    ({"truth": "short.mkv"}, "short.mkv has 5 frames, its clip 6"),
    ({"truth": "long.mkv"}, "long.mkv has more than 6 frames, its clip 6"),
    ({"truth": "small.mkv"}, "small.mkv is 96x32, the index says 96x64"),
    ({"size": Size(96, 60)}, "moving.mkv is 96x64, the index says 96x60"),
    ({"file": "noise.mkv"}, "noise.mkv cannot be read"),
    ({"file": "empty.mkv"}, "empty.mkv cannot be read"),
    ({"truth": "noise.mkv"}, "noise.mkv cannot be read"),
    ({"file": "noise.mkv", "truth": None, "is_still": True}, "it is not a picture"),
    ({"file": "empty.mkv", "truth": None, "is_still": True}, "it is not a picture")])
def test_what_does_not_fit_is_said_in_one_line(files: Path, values: dict[str, Any], told: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        list(footage.shots(changed(files, values)))
    assert told in caught.value.message
    assert "clip 'moving'" in caught.value.message
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("values", [{"size": Size(96, 60)}, {"truth": "small.mkv"}, {"truth": "noise.mkv"}])
def test_most_is_found_without_decoding_it_all(files: Path, values: dict[str, Any]) -> None:
    footage.check(clip(files))
    with pytest.raises(EvaluationError):
        footage.check(changed(files, values))


def test_sound_is_no_picture(tmp_path: Path) -> None:
    import av

    container: Any = av.open(str(tmp_path / "moving.mkv"), "w")
    stream: Any = container.add_stream("pcm_s16le", rate=8000)
    sound = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
    sound.sample_rate = 8000
    container.mux(stream.encode(sound))
    container.close()
    with pytest.raises(EvaluationError, match="no video stream"):
        footage.check(clip(tmp_path, truth=None, size=SIZE))
