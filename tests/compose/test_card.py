"""The placeholder card: readable at every size, and never anything but itself."""

from __future__ import annotations

import numpy as np
import pytest

from tests.pictures import bars, farthest
from vcam.compose.card import card, picture_card
from vcam.frame import Colour, Pixels, Size
from vcam.ops.colour import i420_to_bgr

SMALL = Size(640, 360)


@pytest.mark.parametrize("size", [Size(1920, 1080), Size(640, 480), Size(360, 640), Size(64, 36), Size(16, 16)],
                         ids=str)
@pytest.mark.parametrize("colour", list(Colour))
def test_it_is_dark_with_light_words(size: Size, colour: Colour) -> None:
    shown = i420_to_bgr(card("No camera", "camera 0 is gone; plug it in again", size, colour).frame.pixels, colour)
    assert shown.shape == (size.height, size.width, 3)
    assert np.median(shown) < 80
    if size.width >= 360:
        assert (shown.min(axis=2) > 150).mean() > 0.0005, "words"


def test_long_words_stay_inside() -> None:
    picture = card("A" * 80, "b" * 400, Size(640, 360), Colour.BT601)
    shown = i420_to_bgr(picture.frame.pixels, Colour.BT601)
    assert shown[:, :8].max() < 90
    assert shown[:, -8:].max() < 90
    assert picture.kind == "card"


def test_the_same_words_are_drawn_once() -> None:
    first = card("Starting", "", Size(320, 180), Colour.BT601)
    assert card("Starting", "", Size(320, 180), Colour.BT601).frame.pixels is first.frame.pixels


def captioned(bgr: Pixels, text: str) -> Pixels:
    size = Size(bgr.shape[1], bgr.shape[0])
    return i420_to_bgr(picture_card(bgr, text, size, Colour.BT709).frame.pixels, Colour.BT709)


def luminance(bgr: Pixels) -> np.ndarray:
    """Relative luminance (0–1), of sRGB."""
    value = bgr[..., ::-1] / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ [0.2126, 0.7152, 0.0722])


def grounds() -> list[Pixels]:
    noise = np.random.default_rng(1).integers(0, 256, (45, 80, 3), np.uint8)
    even = [np.full((360, 640, 3), grey, np.uint8) for grey in (0, 128, 240, 255)]
    return [*even, np.kron(noise, np.ones((8, 8, 1), np.uint8)), bars(SMALL)]


@pytest.mark.parametrize("ground", range(6))
def test_words_over_any_picture_can_be_read(ground: int) -> None:
    picture = grounds()[ground]
    empty, words = captioned(picture, " "), captioned(picture, "Back at two")
    inked = np.abs(words.astype(int) - empty).max(axis=2) > 100
    rows, columns = np.nonzero(inked)
    assert inked.sum() > 500, "words"
    around = luminance(empty)[rows.min():rows.max() + 1, columns.min():columns.max() + 1]
    assert (np.median(luminance(words)[inked]) + 0.05) / (around.max() + 0.05) > 7
    assert (words[:180] == captioned(picture, "")[:180]).all(), "the upper half is as it was"


def test_a_picture_without_words_is_nothing_but_the_picture() -> None:
    assert farthest(captioned(bars(SMALL), "")) <= 2
    assert picture_card(bars(SMALL), "", SMALL, Colour.BT601).kind == "card"


@pytest.mark.parametrize("size", [Size(64, 36), Size(16, 16), Size(360, 640)], ids=str)
def test_captions_of_any_size_and_length(size: Size) -> None:
    shown = captioned(np.full((size.height, size.width, 3), 90, np.uint8), "First line\nsecond line " * 20)
    assert shown.shape == (size.height, size.width, 3)
    assert np.abs(shown[:, :1].astype(int) - shown[:, -1:]).max() <= 3, "words stay inside"
