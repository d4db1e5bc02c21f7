"""What viewers see while the user is away, from the settings."""

from __future__ import annotations

from vcam.backdrops import Fit
from vcam.backdrops.pictures import fitted, load_bgr
from vcam.config import Settings
from vcam.engine.privacy import AwayCard
from vcam.errors import BackdropError, UsageError
from vcam.frame import Pixels, Size

_REMEDY = "choose another with --away-picture FILE, or none: vcam config unset away_picture"


def load_away_picture(settings: Settings) -> Pixels | None:
    """The user's picture for the away card: BGR (height, width, 3) of its own size.

    Raises:
        UsageError: there is no such file.
        BackdropError: it cannot be read.
    """
    if settings.away_picture is None:
        return None
    path = settings.away_picture.expanduser()
    if not path.is_file():
        found = "is a folder" if path.is_dir() else "does not exist"
        raise UsageError(f"away picture '{path}' {found}", _REMEDY)
    try:
        return load_bgr(path)
    except BackdropError as error:
        raise BackdropError(f"away {error.message}", _REMEDY) from error


def away_card(settings: Settings, picture: Pixels | None, size: Size) -> AwayCard:
    """The card for an output of ``size``; without a picture it always says something."""
    if picture is None:
        return AwayCard(settings.away_text) if settings.away_text else AwayCard()
    return AwayCard(settings.away_text, picture=fitted(picture, size, Fit(settings.fit)))
