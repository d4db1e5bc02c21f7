"""What the icon draws anew, with pystray's own classes."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import pytest

from tests.app.tray.states import state
from vcam.app.tray import library
from vcam.app.tray.icon import TrayIcon
from vcam.app.tray.look import Now, look, tooltip
from vcam.app.tray.menu import Around, Do, Tell, menu

pytestmark = pytest.mark.skipif(find_spec("pystray") is None, reason="the extra 'tray' is not installed")


class Drawn:
    """pystray with an icon that only counts how often it is drawn."""

    def __init__(self, pystray: Any) -> None:
        drawn: list[str] = []
        icons: list[Any] = []
        self.drawn, self.icons = drawn, icons

        class Icon(pystray.Icon):  # type: ignore[misc]
            def __init__(self, *given: Any) -> None:
                super().__init__(*given)
                icons.append(self)

            def _update_menu(self) -> None:
                drawn.append("menu")

        self.Icon, self.Menu, self.MenuItem = Icon, pystray.Menu, pystray.MenuItem


@pytest.fixture
def pystray(monkeypatch: pytest.MonkeyPatch) -> Drawn:
    monkeypatch.setenv("PYSTRAY_BACKEND", "dummy")
    return Drawn(library.load())


def show(icon: TrayIcon, now: Now) -> None:
    icon.show(look(now), tooltip(now), menu(now, Around(at_login=False)))


def test_only_what_has_changed_is_drawn(pystray: Drawn) -> None:
    icon = TrayIcon(pystray, lambda action: None)
    show(icon, Now(state()))
    assert pystray.drawn == ["menu"]
    later = state()
    later["run"]["fps"] = 12.0
    show(icon, Now(later))
    assert pystray.drawn == ["menu"]
    assert "12 fps" in pystray.icons[0].title
    show(icon, Now(state("away", privacy="away")))
    assert pystray.drawn == ["menu", "menu"]


def test_the_picture_follows_the_state(pystray: Drawn) -> None:
    icon = TrayIcon(pystray, lambda action: None)
    seen = {}
    for phase in ("live", "away", "card"):
        show(icon, Now(state(phase)))
        seen[phase] = pystray.icons[0].icon.tobytes()
    assert len(set(seen.values())) == 3


def test_a_click_is_told_with_its_action(pystray: Drawn) -> None:
    clicked: list[Tell | Do] = []
    icon = TrayIcon(pystray, clicked.append)
    show(icon, Now(state()))
    items = {str(item.text): item for item in pystray.icons[0].menu.items}
    items["Hide at once"](pystray.icons[0])
    items["Quit vcam"](pystray.icons[0])
    assert clicked == [Tell("panic"), Do.QUIT]
    assert items["Show me"].checked
    assert items["Show me"].radio
    assert items["Hide at once"].checked is False
    assert items["Quit vcam"].checked is None
    assert not items[next(iter(items))].enabled  # the headline
    assert [str(item.text) for item in items["Profile"].submenu.items] == ["Save what is chosen now as “Profile 1”"]
