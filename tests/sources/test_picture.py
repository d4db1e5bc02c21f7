"""Photographs of every kind."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vcam.errors import SourceError
from vcam.frame import Frame, FramePool, Size
from vcam.ops.colour import i420_to_bgr
from vcam.sources import SourceOptions
from vcam.sources.picture import PictureSource


def first(path: Path, size: Size | None = None) -> Frame:
    source = PictureSource(str(path), SourceOptions(size=size), FramePool())
    source.open()
    return source.read()


def rgb_at(frame: Frame, x: int, y: int) -> list[int]:
    return [int(value) for value in i420_to_bgr(frame.pixels, frame.colour)[y, x, ::-1]]


def saved(path: Path, array: object, mode: str = "", **how: object) -> Path:
    image = array if isinstance(array, Image.Image) else Image.fromarray(np.asarray(array))
    (image.convert(mode) if mode else image).save(path, **how)  # type: ignore[arg-type]
    return path


def near(found: list[int], wanted: tuple[int, int, int], by: int = 3) -> bool:
    return max(abs(a - b) for a, b in zip(found, wanted, strict=True)) <= by


def test_colour(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", Image.new("RGB", (64, 48), (200, 100, 50)))
    assert near(rgb_at(first(path), 30, 20), (200, 100, 50))


def test_orientation_of_the_camera(tmp_path: Path) -> None:
    image = Image.new("RGB", (64, 32), (20, 20, 20))
    image.paste((240, 240, 240), (0, 0, 16, 16))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise to see it upright
    frame = first(saved(tmp_path / "a.png", image, exif=exif.tobytes()))
    assert frame.size == Size(32, 64)
    assert near(rgb_at(frame, 24, 8), (240, 240, 240))
    assert near(rgb_at(frame, 8, 8), (20, 20, 20))


def test_sixteen_bits(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", np.full((32, 32), 0x8080, np.uint16))
    grey = np.full((32, 32), 0x8080, np.uint16)
    grey[0, 0] = 0xFFFF
    assert near(rgb_at(first(saved(path, grey)), 20, 20), (128, 128, 128))


def test_palette_and_transparency(tmp_path: Path) -> None:
    clear = np.zeros((32, 64, 4), np.uint8)
    clear[:, 32:] = (200, 100, 50, 255)
    frame = first(saved(tmp_path / "a.png", clear))
    assert near(rgb_at(frame, 8, 8), (128, 128, 128))
    assert near(rgb_at(frame, 50, 8), (200, 100, 50))
    frame = first(saved(tmp_path / "a.gif", Image.new("RGB", (64, 48), (200, 100, 50)), "P"))
    assert near(rgb_at(frame, 8, 8), (200, 100, 50), 40)


@pytest.mark.parametrize("mode", ["L", "1", "CMYK", "LA", "P", "F", "I;16"])
def test_modes(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "a.tif"
    Image.new(mode, (33, 47)).save(path)
    assert first(path).size == Size(32, 46)


def test_large_pictures_are_shown_smaller(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.jpg", Image.new("RGB", (3000, 1501), (200, 100, 50)))
    assert first(path).size == Size(1920, 960)
    assert first(path, Size(2560, 1440)).size == Size(2560, 1440)


def bomb() -> bytes:
    """A PNG that says it has 60,000 × 60,000 pixels."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    side = (60_000).to_bytes(4, "big")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", side + side + b"\x08\x00\x00\x00\x00") + chunk(b"IEND", b"")


@pytest.mark.parametrize(("content", "message"), [
    (None, "does not exist"), (b"", "cannot be read"), (b"not a picture", "cannot be read"), (bomb(), "large")])
def test_errors(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "a.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError, match=message) as caught:
        first(path)
    assert caught.value.hint
    assert "\n" not in str(caught.value)


def test_cut_off_file(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.jpg", np.random.default_rng(0).integers(0, 255, (200, 200, 3), np.uint8))
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(SourceError, match="cannot be read"):
        first(path)


def test_tiny(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="only 4x4"):
        first(saved(tmp_path / "a.png", Image.new("RGB", (4, 4))))
