"""The placeholder card: readable at every size, and never anything but itself."""

from __future__ import annotations

import numpy as np
import pytest

from vcam.compose.card import card
from vcam.frame import Colour, Size
from vcam.ops.colour import i420_to_bgr


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
