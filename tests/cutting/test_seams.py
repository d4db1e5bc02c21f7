"""A film is worked on in chunks; where they meet nothing is to be seen of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.cutting.films import FAST, Film, cut, decoded, needs_ffmpeg, picture
from vcam.cutting import stages

_FRAMES = 50  # three chunks, which meet before pictures 24 and 48


@needs_ffmpeg
def test_chunks_give_what_the_whole_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    noisy = [np.clip(picture(number // 3) + rng.normal(0, 6, (192, 256, 3)), 0, 255).astype(np.uint8)
             for number in range(_FRAMES)]
    source = Film().write(tmp_path / "talk.mp4", noisy)
    chunked = decoded(cut(source, tmp_path / "a.mkv", FAST).output)
    monkeypatch.setattr(stages, "_SHORTEST", 1000)
    whole = decoded(cut(source, tmp_path / "b.mkv", FAST).output)
    differences = [np.abs(one[..., 3].astype(int) - other[..., 3]).mean() for one, other in
                   zip(chunked, whole, strict=True)]
    assert len(differences) == _FRAMES
    assert max(differences) < 0.02, differences
