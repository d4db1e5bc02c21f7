"""Words in any script: never a box where a letter should be."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from vcam.compose import lettering


def inked(text: str, width: int = 400) -> np.ndarray:
    """bool (60, 400): where the words are."""
    image = Image.new("RGB", (400, 60))
    lettering.line(ImageDraw.Draw(image), text, (200, 30), 24, (255, 255, 255), width)
    return np.asarray(image)[..., 0] > 128


@pytest.mark.parametrize("text", ["Be right back", "Zurück um zwei – größer", "Скоро вернусь", "すぐ戻ります", "🙂 ok"])
def test_no_letter_is_written_that_the_font_does_not_have(text: str) -> None:
    name, written = lettering._lettering(text)
    assert lettering._missing(name, written) == set()
    assert set(written) & set(text) or not written


def test_without_system_fonts_letters_lose_their_accents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lettering, "_SYSTEM", ("no such font.ttf",))
    lettering._lettering.cache_clear()
    assert lettering._lettering("Zurück – é 日") == ("", "Zuruck - e ")
    assert inked("Zurück").any()
    assert (inked("Zurück") == inked("Zuruck")).all()
    lettering._lettering.cache_clear()


def test_lines_are_joined_and_fit() -> None:
    assert (inked("one\ntwo") == inked("one two")).all()
    columns = np.nonzero(inked("wide " * 40, 200))[1]
    assert 80 < columns.min() < columns.max() < 320
