"""HLS in a folder."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.pictures import bars_rendered, farthest
from vcam.errors import SinkError, UsageError
from vcam.frame import Colour, Size
from vcam.sinks import OutputFormat, make_sink

SIZE = Size(320, 180)
OUTPUT = OutputFormat(SIZE, Fraction(30), Colour.BT601)


def fill(folder: Path, seconds: int) -> None:
    sink = make_sink(f"hls:{folder}")
    sink.open(OUTPUT)
    for seq in range(30 * seconds):
        sink.send(bars_rendered(SIZE, Colour.BT601, seq))
    sink.close()


def listed(folder: Path) -> list[str]:
    return [line for line in (folder / "vcam.m3u8").read_text().splitlines() if not line.startswith("#")]


def test_segments_play_and_begin_with_a_keyframe(tmp_path: Path) -> None:
    folder = tmp_path / "live"
    fill(folder, 7)
    assert len(listed(folder)) >= 3
    for name in listed(folder):
        with av.open(str(folder / name)) as container:
            first = next(container.decode(video=0))
            assert first.key_frame
            assert farthest(np.asarray(first.to_ndarray(format="bgr24"), np.uint8)) < 12


def test_old_segments_go(tmp_path: Path) -> None:
    fill(tmp_path, 40)
    assert len(listed(tmp_path)) == 6
    assert len(list(tmp_path.glob("*.ts"))) <= 6 + 3 + 1
    assert set(listed(tmp_path)) <= {part.name for part in tmp_path.glob("*.ts")}


def test_a_second_run_continues_the_list(tmp_path: Path) -> None:
    fill(tmp_path, 5)
    before = listed(tmp_path)
    fill(tmp_path, 5)
    assert listed(tmp_path)[:len(before)] == before
    assert len(listed(tmp_path)) > len(before)
    assert "#EXT-X-DISCONTINUITY" in (tmp_path / "vcam.m3u8").read_text()


def test_a_live_list_does_not_end(tmp_path: Path) -> None:
    fill(tmp_path, 3)
    assert "ENDLIST" not in (tmp_path / "vcam.m3u8").read_text()


@pytest.mark.parametrize(("folder", "words"), [
    ("", "names no folder"), ("no/such/place/live", "there is no folder"), ("file", "is no folder")])
def test_a_wrong_folder_is_told(folder: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=words):
        make_sink(f"hls:{tmp_path / folder}" if folder else "hls:")


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vcam.sinks.stream.hls._LEAST_FREE_BYTES", 1 << 62)
    with pytest.raises(SinkError, match="the disk is full – free some space"):
        make_sink(f"hls:{tmp_path}").open(OUTPUT)
