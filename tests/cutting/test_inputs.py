"""Films and pictures of every kind come out upright, whole, in their own colours and at their own times."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.cutting.films import (
    FAST,
    FRAMES,
    SIZE,
    Film,
    cut,
    decoded,
    needs_ffmpeg,
    outline,
    overlap,
    picture,
    probed,
    scaled,
    talk,
    turn,
)
from vcam.cutting.wishes import Note, Progress
from vcam.frame import Pixels, Size

pytestmark = needs_ffmpeg


def check(source: Path, size: Size = SIZE, colour_error: float = 4) -> list[Pixels]:
    """Cut a film out, and compare with what is known of it; its pictures, BGRA."""
    seen = decoded(cut(source, source.with_name("out.mkv")).output, size)
    assert len(seen) == FRAMES
    for number, each in enumerate(seen):
        truth = scaled(outline(number), size)
        assert overlap(each[..., 3], truth) > 0.93
        sure = (truth == 255) & (each[..., 3] == 255)
        wanted = scaled(picture(number), size)[sure].astype(int)
        assert np.abs(each[..., :3][sure] - wanted).mean() < colour_error
    return seen


@pytest.mark.parametrize(("turns", "matrix"), [
    (1, (0, 1, -1, 0)), (2, (-1, 0, 0, -1)), (3, (0, -1, 1, 0))], ids=["90", "180", "270"])
def test_telephones_that_were_held_upright(tmp_path: Path, turns: int, matrix: tuple[int, int, int, int]) -> None:
    lying = [np.ascontiguousarray(np.rot90(picture(number), turns)) for number in range(FRAMES)]
    source = Film().write(tmp_path / "talk.mp4", lying)
    turn(source, matrix)
    check(source)


@pytest.mark.parametrize(("name", "film"), [
    ("talk.mov", Film("prores_ks", "yuv422p10le", options={})),
    ("talk.mkv", Film("ffv1", "yuv444p10le", options={})),
    ("talk.mp4", Film("libx264", "yuv420p10le")),
    ("talk.avi", Film("mjpeg", "yuvj420p", options={"qmin": "1", "qmax": "2"})),
    ("talk.ts", Film("libx264", "yuv444p")),
    ("talk.gif", Film("gif", "rgb8", options={}))], ids=lambda value: str(value) if isinstance(value, str) else "")
def test_codecs_depths_and_containers(tmp_path: Path, name: str, film: Film) -> None:
    check(talk(tmp_path, name, film), colour_error=30 if name.endswith("gif") else 5)


def test_odd_sizes(tmp_path: Path) -> None:
    size = Size(255, 191)
    odd = [np.ascontiguousarray(picture(number)[:191, :255]) for number in range(FRAMES)]
    source = Film("ffv1", "bgr0", options={}).write(tmp_path / "talk.mkv", odd)
    for ending, layout in ((".mkv", "bgra"), (".webm", "bgra"), (".mov", "bgra")):
        output = cut(source, tmp_path / f"out{ending}").output
        flags = ("-c:v", "libvpx-vp9") if ending == ".webm" else ()
        for number, each in enumerate(decoded(output, size, layout, *flags)):
            assert overlap(each[..., 3], outline(number)[:191, :255]) > 0.95
    # H.264 has no odd sizes: the last row and column are left out.
    assert len(decoded(cut(source, tmp_path / "o.mp4", replace(FAST, background="green")).output, Size(254, 190))) == 6


@pytest.mark.parametrize("aspect", [Fraction(4, 3), Fraction(3, 4)])
def test_pixels_become_square(tmp_path: Path, aspect: Fraction) -> None:
    size = Size(192, 192) if aspect > 1 else Size(256, 144)
    squeezed = [scaled(picture(number), size) for number in range(FRAMES)]
    check(Film(aspect=aspect).write(tmp_path / "talk.mp4", squeezed), colour_error=7)


def test_interlaced_films_are_woven(tmp_path: Path) -> None:
    woven = []
    for number in range(FRAMES):
        lines = picture(number).copy()
        lines[1::2] = picture(number + 1)[1::2]  # the second field is half a picture later
        woven.append(lines)
    plain = Film("ffv1", "yuv422p", options={}).write(tmp_path / "plain.mkv", woven)
    source = tmp_path / "talk.ts"
    subprocess.run(["ffmpeg", "-v", "error", "-i", plain, "-vf", "setfield=tff", "-c:v", "mpeg2video", "-q:v", "2",
                    "-flags", "+ilme+ildct", "-pix_fmt", "yuv420p", source], check=True, timeout=60)
    told: list[Progress | Note] = []
    seen = decoded(cut(source, tmp_path / "out.mkv", told=told).output)
    assert any(isinstance(event, Note) and "interlaced" in event.text for event in told)
    for number, each in enumerate(seen[1:-1], 1):
        both = (each[..., 3] == 255) & (outline(number) == 255)
        combs = np.abs(np.diff(each[..., 1].astype(int), axis=0)[1:] - np.diff(each[..., 1].astype(int), axis=0)[:-1])
        before = np.abs(np.diff(woven[number][..., 1].astype(int), 2, axis=0))
        assert combs[both[1:-1]].mean() < before[both[1:-1]].mean() * 0.8


def test_high_dynamic_range_is_mapped(tmp_path: Path) -> None:
    told: list[Progress | Note] = []
    source = talk(tmp_path, film=Film("libx265", "yuv420p10le", options={"x265-params": "log-level=none"}, hdr=True))
    seen = decoded(cut(source, tmp_path / "out.mkv", told=told).output)
    assert any(isinstance(event, Note) and "high dynamic range" in event.text for event in told)
    assert overlap(seen[0][..., 3], outline(0)) > 0.9
    grey = seen[0][..., :3][outline(0) == 255].mean()
    assert 40 < grey < 220


def test_what_was_transparent_stays_so(tmp_path: Path) -> None:
    shown = [np.dstack([picture(number), np.full(SIZE.height * SIZE.width, 255, np.uint8).reshape(192, 256)])
             for number in range(FRAMES)]
    for each in shown:
        each[:, :128, 3] = 0
        each[:, 128:140, 3] = 120
    for name, film in (("a.mov", Film("prores_ks", "yuva444p10le", options={"profile": "4444"})),
                       ("a.webm", Film("libvpx-vp9", "yuva420p", options={"auto-alt-ref": "0", "crf": "10"}))):
        source = film.write(tmp_path / name, shown)
        for each in decoded(cut(source, tmp_path / "out.mkv", replace(FAST, overwrite=True)).output):
            assert each[:, :126, 3].max() <= 2, name
            sure = cv2.erode(outline(0) & outline(FRAMES), np.ones((9, 9))) == 255
            assert np.abs(each[:, 130:138, 3][sure[:, 130:138]].astype(int) - 120).mean() < 8, name
            assert each[:, 145:, 3][sure[:, 145:]].mean() > 250, name


def test_animated_pictures_are_films(tmp_path: Path) -> None:
    frames = [Image.fromarray(np.ascontiguousarray(picture(number)[..., ::-1])) for number in range(FRAMES)]
    for name in ("moving.webp", "moving.png"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], duration=80, loop=0, lossless=True)
        output = cut(tmp_path / name, tmp_path / "out.mkv", replace(FAST, overwrite=True)).output
        assert np.allclose(np.diff(probed(output)["times"]), 0.08, atol=0.002), name
        assert len(decoded(output)) == FRAMES
        assert all(overlap(each[..., 3], outline(number)) > 0.95 for number, each in enumerate(decoded(output)))
    assert {path.name for path in tmp_path.iterdir()} == {"moving.webp", "moving.png", "out.mkv"}


def test_a_film_of_one_picture(tmp_path: Path) -> None:
    result = cut(talk(tmp_path, frames=1))
    assert result.pictures == 1
    assert len(decoded(result.output, SIZE, "bgra", "-c:v", "libvpx-vp9")) == 1


def test_whatever_the_name_says(tmp_path: Path) -> None:
    photo = tmp_path / "holiday.mp4"
    Image.fromarray(np.ascontiguousarray(picture(0)[..., ::-1])).save(photo, "JPEG", quality=95)
    assert cut(photo).output.name == "holiday.cutout.png"
    film = talk(tmp_path).rename(tmp_path / "talk.jpg")
    assert cut(film).output.name == "talk.cutout.webm"


def test_where_and_when_it_was_filmed_is_dropped_unless_asked_for(tmp_path: Path) -> None:
    source = talk(tmp_path, film=Film(metadata={"location": "+48.1-011.5/", "title": "Hello"}))
    assert "location" in probed(source)["format"]["tags"]
    for ending in (".webm", ".mov", ".mkv"):
        output = cut(source, tmp_path / f"out{ending}").output
        tags = str({**probed(output)["format"].get("tags", {})}).lower()
        assert "48.1" not in tags
        assert "hello" not in tags
    kept = cut(source, tmp_path / "kept.mov", replace(FAST, keep_metadata=True)).output
    assert probed(kept)["format"]["tags"]["title"] == "Hello"
