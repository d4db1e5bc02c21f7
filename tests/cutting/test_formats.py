"""Every format, read back by programs that did not write it: transparency is straight, colours and times are right."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from tests.cutting.films import (
    FAST,
    FRAMES,
    SIZE,
    Film,
    cut,
    decoded,
    needs_ffmpeg,
    outline,
    over,
    overlap,
    picture,
    probed,
    sound_of,
    talk,
)
from vcam.frame import Pixels

pytestmark = needs_ffmpeg
MAGENTA = (255, 0, 255)
TIMES = (0.0, 0.04, 0.12, 0.16, 0.32, 0.36)  # of a film whose pictures do not come evenly
VP9 = ("-c:v", "libvpx-vp9")  # ffmpeg's own decoder drops alpha


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return talk(tmp_path_factory.mktemp("film"), film=Film(times=TIMES, tone="aac"))


@pytest.fixture(scope="module")
def exact(film: Path) -> list[Pixels]:
    """The cut-out without loss, BGRA: what all other formats are compared with."""
    return decoded(cut(film, film.with_name("exact.mkv")).output)


def read(path: Path) -> list[Pixels]:
    """BGRA of every picture, by ffmpeg; animated WebP, which it cannot read, by Pillow."""
    if path.is_dir():
        return [decoded(each)[0] for each in sorted(path.iterdir())]
    if path.suffix == ".webp":
        with Image.open(path) as image:
            return [np.asarray(each.convert("RGBA"))[..., [2, 1, 0, 3]] for each in ImageSequence.Iterator(image)]
    return decoded(path, SIZE, "bgra", *(VP9 if path.suffix == ".webm" else ()))


def test_the_lossless_cut_out_is_the_person_without_the_room(exact: list[Pixels], film: Path) -> None:
    assert len(exact) == FRAMES
    for number, each in enumerate(exact):
        alpha, truth = each[..., 3], outline(number)
        assert overlap(alpha, truth) > 0.97
        sure = (alpha == 255) & (truth == 255)
        seen = decoded(film, SIZE, "bgr24")[number].astype(int)
        assert np.abs(each[..., :3][sure] - seen[sure]).mean() < 2, "colours of the film itself"
        outside = each[alpha == 0]
        assert np.abs(outside[:, :3] - picture(number)[alpha == 0].astype(int)).mean() > 60, "no room under alpha"


@pytest.mark.parametrize(("name", "ending", "alpha_error", "colour_error"), [
    ("webm", ".webm", 3, 7), ("mov", ".mov", 0.6, 3), ("ffv1", ".mkv", 0, 0), ("png", "", 0, 0),
    ("apng", ".apng", 0, 0), ("webp", ".webp", 0, 7)])
def test_transparency_is_straight_and_complete(film: Path, exact: list[Pixels], name: str, ending: str,
                                               alpha_error: float, colour_error: float) -> None:
    output = cut(film, film.with_name(f"out{ending}"), replace(FAST, format=name)).output
    seen = read(output)
    assert len(seen) == FRAMES
    for one, wanted in zip(seen, exact, strict=True):
        assert np.abs(one[..., 3].astype(int) - wanted[..., 3]).mean() <= alpha_error
        sure = wanted[..., 3] == 255
        assert np.abs(one[..., :3].astype(int) - wanted[..., :3])[sure].mean() <= colour_error
        assert np.abs(over(one, MAGENTA) - over(wanted, MAGENTA)).mean() <= colour_error / 2 + alpha_error
        # At the outline straight colours are the person's, multiplied ones are dark.
        half = (wanted[..., 3] > 60) & (wanted[..., 3] < 190)
        straight, multiplied = wanted[half][:, :3].astype(float), over(wanted, (0, 0, 0))[half]
        found = one[half][:, :3].astype(float)
        assert np.abs(found - straight).mean() * 2 < np.abs(found - multiplied).mean()


def test_alpha_alone(film: Path, exact: list[Pixels]) -> None:
    output = cut(film, None, replace(FAST, format="alpha")).output
    assert output.name == "talk.alpha.mkv"
    for one, wanted in zip(decoded(output, SIZE, "gray"), exact, strict=True):
        assert np.array_equal(one[..., 0], wanted[..., 3])


def test_gif_has_the_persons_colours_and_hard_edges(film: Path, exact: list[Pixels]) -> None:
    output = cut(film, film.with_name("out.gif")).output
    with Image.open(output) as image:
        lasts = [each.info["duration"] for each in ImageSequence.Iterator(image)]
        assert image.info["loop"] == 0
    assert lasts[:5] == [40, 80, 40, 160, 40]
    for one, wanted in zip(read(output), exact, strict=True):
        assert set(np.unique(one[..., 3])) == {0, 255}
        assert np.array_equal(one[..., 3] == 255, wanted[..., 3] >= 128)
        sure = wanted[..., 3] == 255
        assert np.abs(one[..., :3].astype(int) - wanted[..., :3])[sure].mean() < 10


def test_the_bundle_composes_to_the_same(film: Path, exact: list[Pixels], tmp_path: Path) -> None:
    output = cut(film, tmp_path / "out.zip").output
    with zipfile.ZipFile(output) as archive:
        assert sorted(archive.namelist()) == ["alpha.mp4", "colour.mp4"]
        archive.extractall(tmp_path)
    colours, mattes = decoded(tmp_path / "colour.mp4", SIZE, "bgr24"), decoded(tmp_path / "alpha.mp4", SIZE, "gray")
    for colour, matte, wanted in zip(colours, mattes, exact, strict=True):
        assert np.abs(matte[..., 0].astype(int) - wanted[..., 3]).mean() < 1.5
        composed = over(np.dstack([colour, matte]), MAGENTA)
        assert np.abs(composed - over(wanted, MAGENTA)).mean() < 4
    assert [each["codec_type"] for each in probed(tmp_path / "colour.mp4")["streams"]] == ["video", "audio"]


@pytest.mark.parametrize(("name", "ending"), [("mp4", ".mp4"), ("webm", ".webm"), ("mov", ".mov")])
def test_over_a_colour(film: Path, exact: list[Pixels], name: str, ending: str) -> None:
    output = cut(film, film.with_name(f"over{ending}"), replace(FAST, format=name, background="colour:#00c828")).output
    for one, wanted in zip(decoded(output), exact, strict=True):
        assert (one[..., 3] == 255).all()
        shown = over(wanted, (0x28, 0xC8, 0))
        assert np.abs(one[..., :3] - shown).mean() < 4
        assert np.abs(np.median(one[:20, :20, :3], axis=(0, 1)) - shown[0, 0]).max() <= 3


def test_over_the_blurred_room(film: Path) -> None:
    output = cut(film, film.with_name("blurred.mp4"), replace(FAST, background="blur:100")).output
    for number, one in enumerate(decoded(output, SIZE, "bgr24")):
        room, person = outline(number) == 0, outline(number) == 255
        here, seen = one.astype(float), picture(number).astype(float)
        assert np.abs(np.diff(here, axis=1))[room[:, 1:]].mean() < np.abs(np.diff(seen, axis=1))[room[:, 1:]].mean() / 2
        assert np.abs(here - seen)[room].mean() < 40, "it is still that room"
        assert np.abs(here - seen)[person].mean() < 10


def test_over_a_picture_and_a_video_that_is_shorter(film: Path, exact: list[Pixels], tmp_path: Path) -> None:
    colours = [(40, 160, 220), (200, 90, 30), (60, 200, 60)]
    behind = [np.full((SIZE.height, SIZE.width, 3), colour, np.uint8) for colour in colours]
    Image.fromarray(np.ascontiguousarray(behind[0][..., ::-1])).save(tmp_path / "behind.png")
    Film(rate=25).write(tmp_path / "behind.mp4", behind)
    over_picture = cut(film, tmp_path / "a.mp4", replace(FAST, background=str(tmp_path / "behind.png"))).output
    over_video = cut(film, tmp_path / "b.mp4", replace(FAST, background=str(tmp_path / "behind.mp4"))).output
    shown = [int(seconds * 25 + 0.01) % 3 for seconds in TIMES]
    assert len(set(shown)) == 3
    for one, two, number, wanted in zip(decoded(over_picture), decoded(over_video), shown, exact, strict=True):
        assert np.abs(one[..., :3] - over(wanted, colours[0])).mean() < 4
        assert np.abs(two[..., :3] - over(wanted, colours[number])).mean() < 4


@pytest.mark.parametrize(("name", "codec"), [("webm", "opus"), ("mov", "aac"), ("ffv1", "aac"), ("mp4", "aac")])
def test_times_and_sound_stay_together(film: Path, tmp_path: Path, name: str, codec: str) -> None:
    wishes = replace(FAST, format=name, background="green" if name == "mp4" else "")
    result = cut(film, tmp_path / f"out.{'mkv' if name == 'ffv1' else name}", wishes)
    found = probed(result.output)
    first = found["times"][0]  # sound that is copied may begin a little before the pictures
    assert np.allclose(np.array(found["times"]) - first, TIMES, atol=0.0011)
    assert [each["codec_name"] for each in found["streams"]][1:] == [codec]
    assert bool(result.notes) is (name == "webm"), "said when sound is encoded anew"
    before, after = (np.flatnonzero(np.abs(sound_of(path)) > 0.1) for path in (film, result.output))
    assert abs(int(before[0]) - int(after[0]) + round(first * 48000)) < 48 * 8, "milliseconds"
    assert abs(len(before) - len(after)) < 48 * 30


def test_files_say_what_they_are(film: Path, tmp_path: Path) -> None:
    for name, tags in (("webm", {"pix_fmt": "yuv420p", "codec_name": "vp9", "color_space": "bt709"}),
                       ("mov", {"pix_fmt": "yuva444p12le", "codec_tag_string": "ap4h", "color_space": "bt709"})):
        video = probed(cut(film, tmp_path / f"out.{name}").output)["streams"][0]
        assert {key: video[key] for key in tags} == tags
    tags = {key.lower(): value for key, value in
            probed(tmp_path / "out.webm")["streams"][0]["tags"].items()}
    assert tags["alpha_mode"] == "1"
