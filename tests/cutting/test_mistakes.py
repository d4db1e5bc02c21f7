"""What cannot be cut out is one clear line, and nothing is left of the attempt."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cutting.films import FAST, FRAMES, SIZE, Film, cut, decoded, left, needs_ffmpeg, picture, talk
from vcam.cutting.wishes import Note, Progress, Wishes
from vcam.cutting.work import Unwritable
from vcam.errors import CutoutError, UsageError, VcamError
from vcam.frame import Size
from vcam.sources.demo_pictures import room


def refused(source: Path, output: Path | None = None, wishes: Wishes = FAST,
            kind: type[VcamError] = CutoutError) -> str:
    """Words of the error; nothing is there that was not before."""
    before = left(source.parent)
    with pytest.raises(kind) as caught:
        cut(source, output, wishes)
    error = caught.value
    assert left(source.parent) == before
    assert error.hint
    assert "\n" not in f"{error.message}{error.hint}"
    return error.message


@pytest.mark.parametrize(("name", "data", "told"), [
    ("talk.mp4", b"", "is empty"), ("photo.jpg", b"", "is empty"), ("talk.mp4", b"no film" * 99, "cannot be read"),
    ("photo.jpg", b"no picture" * 99, "cannot be read"), ("notes", b"just text\n" * 50, "cannot be read")])
def test_files_that_are_neither(tmp_path: Path, name: str, data: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(data)
    assert told in refused(tmp_path / name)


def test_no_file(tmp_path: Path) -> None:
    assert "does not exist" in refused(tmp_path / "talk.mp4")
    (tmp_path / "folder").mkdir()
    assert "is no file" in refused(tmp_path / "folder")


def test_sound_alone(tmp_path: Path) -> None:
    source = talk(tmp_path, "talk.mkv", Film(tone="flac"))
    import av
    with av.open(str(source)) as given, av.open(str(tmp_path / "sound.mka"), "w", format="matroska") as container:
        stream = container.add_stream_from_template(given.streams.audio[0])
        for packet in given.demux(given.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = stream
                container.mux(packet)
    assert "has no picture" in refused(tmp_path / "sound.mka")


@pytest.mark.parametrize("share", [0.02, 0.3])
def test_a_film_that_breaks_off_before_its_index(tmp_path: Path, share: float) -> None:
    source = talk(tmp_path)
    data = source.read_bytes()
    source.write_bytes(data[:int(len(data) * share)])
    assert "cannot be read" in refused(source)


@needs_ffmpeg
def test_a_film_that_breaks_off_is_saved_as_far_as_it_goes(tmp_path: Path) -> None:
    source = talk(tmp_path, "talk.mkv", Film(options={"crf": "10", "g": "1"}))
    data = source.read_bytes()
    source.write_bytes(data[:len(data) * 6 // 10])
    result = cut(source, tmp_path / "out.mkv")
    assert 1 < result.pictures < FRAMES
    assert len(decoded(result.output)) == result.pictures


@needs_ffmpeg
def test_pictures_that_are_damaged_are_left_out_and_counted(tmp_path: Path) -> None:
    source = talk(tmp_path, "talk.mkv", Film("ffv1", "bgr0", options={"slicecrc": "1", "level": "3", "g": "1"}))
    data = bytearray(source.read_bytes())
    middle = len(data) // 2
    data[middle:middle + 400] = bytes(400)
    source.write_bytes(data)
    told: list[Progress | Note] = []
    result = cut(source, tmp_path / "out.mkv", told=told)
    assert result.pictures in (FRAMES - 1, FRAMES)
    assert len(decoded(result.output)) == result.pictures


def test_a_picture_that_breaks_off(tmp_path: Path) -> None:
    Image.fromarray(np.ascontiguousarray(picture(0)[..., ::-1])).save(tmp_path / "photo.jpg")
    data = (tmp_path / "photo.jpg").read_bytes()
    (tmp_path / "photo.jpg").write_bytes(data[:len(data) // 3])
    assert "truncated" in refused(tmp_path / "photo.jpg")


def test_too_small_and_too_large(tmp_path: Path) -> None:
    for name, size in (("small.png", (8, 200)), ("large.png", (40_000, 20))):
        Image.new("RGB", size).save(tmp_path / name)
        assert "x" in refused(tmp_path / name)
    tiny = [np.zeros((8, 64, 3), np.uint8)] * 3
    assert "each side must be" in refused(Film("ffv1", "bgr0", options={}).write(tmp_path / "tiny.mkv", tiny))


@pytest.mark.parametrize("is_film", [True, False])
def test_nobody(tmp_path: Path, is_film: bool) -> None:
    empty = np.ascontiguousarray(room(SIZE))
    source = tmp_path / ("room.mp4" if is_film else "room.png")
    if is_film:
        Film().write(source, [empty] * FRAMES)
    else:
        Image.fromarray(np.ascontiguousarray(empty[..., ::-1])).save(source)
    assert "nobody was found" in refused(source)
    result = cut(source, None, replace(FAST, keep_empty=True))
    assert result.output.exists()
    assert result.person < 0.01


def test_an_output_that_exists_is_kept(tmp_path: Path) -> None:
    source = talk(tmp_path)
    (tmp_path / "talk.cutout.webm").write_bytes(b"mine")
    assert "exists" in refused(source, kind=UsageError)
    assert (tmp_path / "talk.cutout.webm").read_bytes() == b"mine"
    cut(source, None, replace(FAST, overwrite=True))
    assert (tmp_path / "talk.cutout.webm").stat().st_size > 1000
    assert left(tmp_path) == {"talk.mp4", "talk.cutout.webm"}


def test_a_folder_with_other_things_is_never_replaced(tmp_path: Path) -> None:
    source = talk(tmp_path)
    target = tmp_path / "talk.cutout"
    target.mkdir()
    (target / "letter.txt").write_text("dear")
    assert "holds other things" in refused(source, None, replace(FAST, format="png", overwrite=True), UsageError)
    (target / "letter.txt").unlink()
    (target / "000001.png").write_bytes(b"old")
    cut(source, None, replace(FAST, format="png", overwrite=True))
    assert left(target) == {f"{number:06}.png" for number in range(1, FRAMES + 1)}


@pytest.mark.parametrize(("output", "wishes", "told"), [
    ("talk.mp4", Wishes(background="green", overwrite=True), "is the input itself"),
    ("no/such/out.webm", Wishes(), "folder does not exist"),
    ("out.mp4", Wishes(), "has no transparency"), ("out.xyz", Wishes(), "unknown ending"),
    (None, Wishes(format="jpeg"), "is not for a film"), (None, Wishes(format="vhs"), "unknown format"),
    (None, Wishes(format="alpha", background="green"), "has no background"),
    (None, Wishes(background="colour:#12"), "is not a colour"), (None, Wishes(background="screen:1"), "not for a cut"),
    (None, Wishes(background="no-such.jpg"), "no-such.jpg"), (None, Wishes(model="generl"), "generl")])
def test_wishes_that_do_not_fit(tmp_path: Path, output: str | None, wishes: Wishes, told: str) -> None:
    source = talk(tmp_path)
    target = None if output is None else tmp_path / output
    assert told in refused(source, target, replace(wishes, quality=FAST.quality), VcamError)


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[Path]:
    """A place with room for next to nothing."""
    place = tmp_path / "narrow"
    place.mkdir()
    if shutil.which("mount") is None or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", place], capture_output=True, check=False).returncode:
        pytest.skip("file systems cannot be mounted here")
    yield place
    subprocess.run(["umount", place], check=True)


@pytest.mark.parametrize("name", ["webm", "mov", "ffv1", "png", "gif", "apng"])
def test_no_room(tmp_path: Path, narrow: Path, name: str) -> None:
    size = Size(512, 384)
    source = Film().write(tmp_path / "talk.mp4", [picture(number, size) for number in range(FRAMES)])
    filler = narrow / "filler"
    filler.write_bytes(bytes(160 << 10))
    wishes = replace(FAST, format=name)
    with pytest.raises(Unwritable, match="No space left"):
        cut(source, narrow, wishes)
    assert {each for each in left(narrow) if not each.startswith(".")} == {"filler"}, "nothing half done looks done"
    assert any(each.endswith(".work") for each in left(narrow)), "what is done stays"
    subprocess.run(["mount", "-o", "remount,size=64m", narrow], check=True)
    assert cut(source, narrow, wishes).output.exists()
    assert len(left(narrow)) == 2, "the work folder is gone"


def test_no_room_for_a_picture(tmp_path: Path, narrow: Path) -> None:
    Image.fromarray(np.ascontiguousarray(picture(0, Size(1024, 768))[..., ::-1])).save(tmp_path / "photo.png")
    with pytest.raises(CutoutError, match="No space left"):
        cut(tmp_path / "photo.png", narrow)
    assert left(narrow) == set()
