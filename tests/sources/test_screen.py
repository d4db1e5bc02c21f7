"""Screens that cannot be grabbed; the working one is in test_contract."""

from __future__ import annotations

import sys

import pytest

from vcam.errors import SourceError, UsageError
from vcam.frame import FramePool
from vcam.sources import SourceOptions
from vcam.sources.screen import ScreenSource

pytestmark = [pytest.mark.skipif(sys.platform != "linux", reason="X11 and Wayland are asked for here"),
              pytest.mark.filterwarnings("ignore::DeprecationWarning:mss")]


def screen(argument: str = "1") -> ScreenSource:
    return ScreenSource(argument, SourceOptions(), FramePool())


def test_no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("XDG_SESSION_TYPE", raising=False)
    with pytest.raises(SourceError, match="cannot be grabbed") as caught:
        screen().open()
    assert "DISPLAY" in caught.value.hint
    assert "\n" not in str(caught.value)


def test_wayland(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_SESSION_TYPE", "wayland")
    with pytest.raises(SourceError, match="Wayland"):
        screen().open()


def test_not_a_number() -> None:
    with pytest.raises(UsageError, match="not the number of a monitor"):
        screen("left")
