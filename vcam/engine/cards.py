"""Which card goes out, and with which words."""

from __future__ import annotations

from dataclasses import dataclass

from vcam.compose.card import card, picture_card
from vcam.engine.privacy import AwayCard, Privacy
from vcam.frame import Rendered
from vcam.pipeline import PipelineSettings


@dataclass(frozen=True, slots=True)
class Situation:
    """Why there may be no picture: nobody watches; the camera's or the picture's problem; nothing rendered yet."""

    idle: bool
    camera: str
    picture: str
    started: bool


class Cards:
    """Draws cards for one output format; the away card beforehand, so that it is there at once."""

    def __init__(self, settings: PipelineSettings, away: AwayCard) -> None:
        self._settings = settings
        self._away = self._drawn(away)

    def waiting(self, now: Situation) -> Rendered:
        """The card that says what is wrong now."""
        if now.idle:
            return self._card("Camera off", "it turns on when an app uses it")
        if now.camera:
            return self._card("No camera", now.camera)
        if now.picture:
            return self._card("Background not available", now.picture)
        if not now.started:
            return self._card("Starting", "the first start takes a little longer")
        return self._card("One moment", "the camera or this computer does not keep up")

    def chosen(self, privacy: Privacy, newest: Rendered | None) -> Rendered | None:
        """What goes out by the user's choice, whatever was rendered; None: what is rendered."""
        if privacy is Privacy.LIVE:
            return None
        if privacy is Privacy.PANIC:
            return self._card("Camera off", "")
        if privacy is Privacy.FROZEN and newest is not None:
            return newest
        return self._away

    def _drawn(self, away: AwayCard) -> Rendered:
        if away.picture is None:
            return self._card(away.title, "")
        return picture_card(away.picture, away.title, self._settings.size, self._settings.colour)

    def _card(self, title: str, detail: str) -> Rendered:
        return card(title, detail.partition(" – ")[0], self._settings.size, self._settings.colour)
