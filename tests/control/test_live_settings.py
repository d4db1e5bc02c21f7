"""Every setting belongs to a part, and survives the way through JSON."""

from __future__ import annotations

import json

import pytest

from vcam.config import Settings, changed, fields
from vcam.control.live_settings import PART_OF, changed_names, is_remembered, parts_of, plain_settings
from vcam.errors import UsageError

FULL = Settings.model_validate({
    "source": "camera:BRIO", "size": "1920x1080", "fps": 24, "mirror": True, "background": "beach",
    "backgrounds_folder": "/home/me/rooms", "away_picture": "/home/me/away.jpg", "sink": "preview:,out.mp4"})


def test_no_setting_is_forgotten() -> None:
    assert PART_OF.keys() == fields().keys(), "a new setting needs a row that says what a change of it rebuilds"


@pytest.mark.parametrize("settings", [Settings.model_validate({}), FULL])
def test_settings_come_back_from_json(settings: Settings) -> None:
    values = json.loads(json.dumps(plain_settings(settings)))
    assert changed(Settings.model_validate({"mirror": True}), values, "a test") == settings


def test_differences_are_found() -> None:
    plain = Settings.model_validate({})
    assert changed_names(plain, plain) == set()
    assert changed_names(plain, changed(plain, {"mirror": True, "fit": "contain"}, "a test")) == {"mirror", "fit"}


def test_a_setting_that_no_part_follows_is_refused() -> None:
    with pytest.raises(UsageError, match="cannot be changed while vcam runs"):
        parts_of({"mirror", "colour_of_the_sky"})


def test_a_recording_never_begins_by_itself() -> None:
    assert not is_remembered("sink")
    assert not is_remembered("require_background")
    assert is_remembered("background")
    assert not is_remembered("colour_of_the_sky")
