from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from vcam.app.tray.icons import draw
from vcam.app.tray.look import Look

PANELS = {"light": 250, "dark": 32}


def on(look: Look, size: int, panel: int) -> np.ndarray:
    """float (size, size, 3): the icon as it looks on a panel of that grey."""
    rgba = np.asarray(draw(look, size), float)
    alpha = rgba[..., 3:] / 255
    return np.asarray(rgba[..., :3] * alpha + panel * (1 - alpha))


def grey(picture: np.ndarray) -> np.ndarray:
    return np.asarray(picture @ [0.299, 0.587, 0.114])


@pytest.mark.parametrize("size", [16, 22, 32, 48, 64])
@pytest.mark.parametrize("panel", PANELS)
def test_no_two_look_alike_even_without_colour(size: int, panel: str) -> None:
    for one, other in combinations(Look, 2):
        difference = np.abs(grey(on(one, size, PANELS[panel])) - grey(on(other, size, PANELS[panel])))
        assert (difference > 40).mean() > 0.12, (one, other)


@pytest.mark.parametrize("size", [16, 32, 64])
@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("look", Look)
def test_each_stands_out_from_the_panel(look: Look, size: int, panel: str) -> None:
    """Contrast of its frame with the panel, as WCAG counts it for graphics: 3 to 1, less for what is asleep."""
    frame = on(look, size, PANELS[panel])[size // 2, max(1, size // 16)]
    lights = sorted(_luminance(colour) for colour in (frame, np.full(3, PANELS[panel])))
    assert (lights[1] + 0.05) / (lights[0] + 0.05) > 2.4


@pytest.mark.parametrize("look", Look)
def test_corners_are_transparent_and_the_size_is_as_asked(look: Look) -> None:
    picture = draw(look, 48)
    assert picture.size == (48, 48)
    assert picture.getpixel((0, 0)) == (0, 0, 0, 0)


def _luminance(rgb: np.ndarray) -> float:
    linear = np.where(rgb / 255 <= 0.04045, rgb / 255 / 12.92, ((rgb / 255 + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])
