"""Pictures: formats, transparency, trimming, profiles, and what nobody should learn from them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from tests.cutting.films import FAST, SIZE, cut, decoded, needs_ffmpeg, outline, over, overlap, picture
from vcam.frame import Pixels

_GPS, _MAKE, _ORIENTATION = 0x8825, 0x010F, 0x0112


def photo(folder: Path, name: str = "photo.jpg", pixels: Pixels | None = None, **options: Any) -> Path:
    bgr = picture(0) if pixels is None else pixels
    Image.fromarray(np.ascontiguousarray(bgr[..., ::-1])).save(folder / name, **({"quality": 95} | options))
    return folder / name


def test_without_any_option_it_is_a_transparent_png(tmp_path: Path) -> None:
    result = cut(photo(tmp_path))
    assert result.output == tmp_path / "photo.cutout.png"
    with Image.open(result.output) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGBA", (256, 192))
        rgba = np.asarray(image)
    assert overlap(rgba[..., 3], outline(0)) > 0.97
    sure = (rgba[..., 3] == 255) & (outline(0) == 255)
    assert np.abs(rgba[..., 2::-1][sure] - picture(0)[sure].astype(int)).mean() < 4


@needs_ffmpeg
@pytest.mark.parametrize(("ending", "error"), [(".png", 0.0), (".webp", 5.0), (".avif", 6.0)])
def test_formats_with_transparency_read_by_another_program(tmp_path: Path, ending: str, error: float) -> None:
    source = photo(tmp_path)
    wanted = decoded(cut(source).output)[0]
    output = cut(source, tmp_path / f"out{ending}").output
    if ending == ".avif":  # Debian's ffmpeg does not read its alpha
        with Image.open(output) as image:
            seen: Pixels = np.asarray(image.convert("RGBA"))[..., [2, 1, 0, 3]]
    else:
        seen = decoded(output)[0]
    assert np.abs(seen[..., 3].astype(int) - wanted[..., 3]).mean() <= error / 3
    assert np.abs(over(seen, (255, 0, 255)) - over(wanted, (255, 0, 255))).mean() <= error


def test_jpeg_needs_a_background(tmp_path: Path) -> None:
    source = photo(tmp_path)
    output = cut(source, None, replace(FAST, background="colour:#00c828")).output
    assert output.name == "photo.cutout.jpg"
    with Image.open(output) as image:
        assert image.format == "JPEG"
        assert np.abs(np.asarray(image)[:20, :20].astype(int) - (0, 200, 40)).max() <= 4


def test_the_matte_alone(tmp_path: Path) -> None:
    output = cut(photo(tmp_path), None, replace(FAST, format="alpha")).output
    assert output.name == "photo.alpha.png"
    with Image.open(output) as image:
        assert image.mode == "L"
        assert overlap(np.asarray(image), outline(0)) > 0.97


def test_trimmed_to_the_person(tmp_path: Path) -> None:
    output = cut(photo(tmp_path), None, replace(FAST, trim=True)).output
    with Image.open(output) as image:
        alpha = np.asarray(image)[..., 3]
    rows, columns = np.flatnonzero((outline(0) > 0).any(1)), np.flatnonzero((outline(0) > 0).any(0))
    assert abs(alpha.shape[0] - len(rows)) < 16
    assert abs(alpha.shape[1] - len(columns)) < 24
    whole = cut(photo(tmp_path), tmp_path / "whole.png").output
    with Image.open(whole) as image:
        assert (np.asarray(image)[..., 3] > 127).sum() == (alpha > 127).sum()


def test_place_and_camera_are_dropped_unless_asked_for(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[_MAKE] = "Telephone"
    exif.get_ifd(_GPS)[1] = "N"
    exif.get_ifd(_GPS)[2] = (48.0, 8.0, 6.0)
    source = photo(tmp_path, exif=exif.tobytes())
    with Image.open(source) as image:
        assert image.getexif().get_ifd(_GPS)
    for ending in (".png", ".webp", ".avif"):
        with Image.open(cut(source, tmp_path / f"out{ending}").output) as image:
            assert not image.getexif()
            assert b"Telephone" not in (tmp_path / f"out{ending}").read_bytes()
        kept = cut(source, tmp_path / f"kept{ending}", replace(FAST, keep_metadata=True)).output
        with Image.open(kept) as image:
            assert image.getexif()[_MAKE] == "Telephone"
            assert image.getexif().get_ifd(_GPS)[1] == "N"


def test_telephones_held_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[_ORIENTATION] = 6  # turn clockwise to see it upright
    source = photo(tmp_path, pixels=np.ascontiguousarray(np.rot90(picture(0))), exif=exif.tobytes())
    output = cut(source, None, replace(FAST, keep_metadata=True)).output
    with Image.open(output) as image:
        assert image.size == (SIZE.width, SIZE.height)
        assert image.getexif().get(_ORIENTATION, 1) == 1
        assert overlap(np.asarray(image)[..., 3], outline(0)) > 0.97


def test_other_profiles_become_srgb(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    plain = cut(photo(tmp_path)).output
    tagged = cut(photo(tmp_path, "lab.tif", quality=95, icc_profile=profile)).output  # of another mode: left alone
    with Image.open(plain) as one, Image.open(tagged) as other:
        assert np.abs(np.asarray(one).astype(int) - np.asarray(other)).mean() < 3


def test_what_was_transparent_stays_so(tmp_path: Path) -> None:
    alpha = np.full((192, 256), 255, np.uint8)
    alpha[:, :128] = 0
    rgba = np.dstack([picture(0)[..., ::-1], alpha])
    Image.fromarray(rgba).save(tmp_path / "photo.png")
    with Image.open(cut(tmp_path / "photo.png").output) as image:
        seen = np.asarray(image)[..., 3]
    assert seen[:, :128].max() == 0
    assert overlap(seen[:, 128:], outline(0)[:, 128:]) > 0.95


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "1"])
def test_modes(tmp_path: Path, mode: str) -> None:
    image = Image.fromarray(np.ascontiguousarray(picture(0)[..., ::-1])).convert(mode)
    image.save(tmp_path / "photo.tif")
    with Image.open(cut(tmp_path / "photo.tif", None, replace(FAST, keep_empty=True)).output) as done:
        assert (done.mode, done.size) == ("RGBA", (256, 192))
        if mode != "1":
            assert overlap(np.asarray(done)[..., 3], outline(0)) > 0.85
