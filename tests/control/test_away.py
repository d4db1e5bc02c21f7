"""The away card from the settings: the user's words, picture, or both."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.parts import SIZE
from tests.pictures import bars, farthest
from vcam.config import Settings
from vcam.control import wiring
from vcam.control.away import away_card, load_away_picture
from vcam.engine.cards import Cards
from vcam.engine.privacy import Privacy
from vcam.errors import BackdropError, UsageError
from vcam.frame import Colour, Pixels, Size
from vcam.ops.colour import i420_to_bgr
from vcam.pipeline import PipelineSettings


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    Image.fromarray(bars(Size(640, 480))[..., ::-1]).save(tmp_path / "away.png")
    return tmp_path / "away.png"


def settings(**values: object) -> Settings:
    return Settings.model_validate({"source": "test:", "sink": "null:", "background": "green"} | values)


def shown(chosen: Settings) -> Pixels:
    """BGR of what the away card of these settings looks like."""
    cards = Cards(PipelineSettings(SIZE, Colour.BT601), away_card(chosen, load_away_picture(chosen), SIZE))
    card = cards.chosen(Privacy.AWAY, None)
    assert card is not None
    assert card.kind == "card"
    return i420_to_bgr(card.frame.pixels, Colour.BT601)


def test_a_picture_fills_the_frame_and_words_come_on_request(picture: Path) -> None:
    plain, both = shown(settings(away_picture=picture)), shown(settings(away_picture=picture, away_text="Lunch"))
    assert farthest(plain) <= 2
    assert (both[:100] == plain[:100]).all()
    assert both[-4:].mean() < plain[-4:].mean() / 2, "the ground of the words is dark"
    assert (both[-60:].min(axis=2) > 200).any(), "words"


def test_without_a_picture_there_are_always_words(picture: Path) -> None:
    assert (shown(settings()) == shown(settings(away_text="Be right back"))).all()
    assert not (shown(settings()) == shown(settings(away_text="Lunch"))).all()


def test_the_picture_fits_as_the_user_wants(picture: Path) -> None:
    Image.fromarray(bars(Size(640, 120))[..., ::-1]).save(picture)
    contained, covered = (shown(settings(away_picture=picture, fit=fit)) for fit in ("contain", "cover"))
    assert contained[:60].max() <= 3
    assert covered[:60].max() > 100


@pytest.mark.parametrize(("content", "error", "told"), [
    (None, UsageError, "does not exist"), (b"", BackdropError, "it is empty"),
    (b"words, not a picture", BackdropError, "it is not a picture"),
    (b"\xff\xd8\xff\xe0 torn", BackdropError, "cannot be read")])
def test_a_bad_picture_is_found_before_the_camera_opens(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, error: type[Exception],
        told: str) -> None:
    opened: list[str] = []
    monkeypatch.setattr(wiring, "make_source", lambda *args: opened.append("source"))
    if content is not None:
        (tmp_path / "away.jpg").write_bytes(content)
    with pytest.raises(error, match="away picture") as caught:
        wiring.assemble(settings(away_picture=tmp_path / "away.jpg"))
    assert told in str(caught.value)
    assert "--away-picture" in str(caught.value)
    assert opened == []


def test_a_folder_is_no_picture(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        load_away_picture(settings(away_picture=tmp_path))


def test_pause_shows_it(picture: Path) -> None:
    assembly = wiring.assemble(settings(away_picture=picture, size="320x240"))
    assembly.run.set_privacy(Privacy.AWAY)
    card = assembly.run._forced()
    assembly.run.finish()
    assert card is not None
    assert farthest(i420_to_bgr(card.frame.pixels, card.frame.colour)) <= 2
