"""The one module that draws with pystray."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from vcam.app.tray import icons
from vcam.app.tray.look import Look
from vcam.app.tray.menu import SEPARATOR, Do, Item, Tell

Click = Callable[[Tell | Do], None]


class TrayIcon:
    """The icon and its menu. ``run`` may need the main thread (macOS); ``show`` and ``stop`` may come from any.

    Args:
        pystray: the module, from ``library.load``.
        click: told what was clicked; must not wait.
    """

    def __init__(self, pystray: Any, click: Click) -> None:
        self._pystray, self._click = pystray, click
        self._shown: tuple[Look, str, Sequence[Item]] = (Look.IDLE, "vcam", ())
        self._icon = pystray.Icon("vcam", icons.draw(Look.IDLE), "vcam")

    def run(self) -> None:
        """Show the icon until ``stop``."""
        self._icon.run()

    def stop(self) -> None:
        """End ``run``."""
        _in_its_thread(self._icon.stop)

    def show(self, look: Look, tooltip: str, items: Sequence[Item]) -> None:
        """Draw what has changed, and only that: drawing a menu anew closes it under the user's hand."""
        before, self._shown = self._shown, (look, tooltip, items)
        if look != before[0]:
            _in_its_thread(lambda: setattr(self._icon, "icon", icons.draw(look)))
        if tooltip != before[1]:
            _in_its_thread(lambda: setattr(self._icon, "title", tooltip))
        if items != before[2]:
            _in_its_thread(lambda: setattr(self._icon, "menu", self._menu(items)))

    def _menu(self, items: Sequence[Item]) -> Any:
        return self._pystray.Menu(*(self._item(item) for item in items))

    def _item(self, item: Item) -> Any:
        if item == SEPARATOR:
            return self._pystray.Menu.SEPARATOR
        clicked = self._menu(item.children) if item.children else self._clicked(item.action)
        state = bool(item.checked)
        return self._pystray.MenuItem(_literal(item.label), clicked, radio=item.radio,
                                      checked=None if item.checked is None else lambda shown: state,
                                      enabled=bool(item.action or item.children))

    def _clicked(self, action: Tell | Do | None) -> Callable[[Any, Any], None] | None:
        if action is None:
            return None

        def clicked(icon: Any, item: Any) -> None:
            del icon, item
            self._click(action)
        return clicked


def _literal(label: str) -> str:
    """Windows underlines what follows an ampersand."""
    return label.replace("&", "&&") if sys.platform == "win32" else label


def _in_its_thread(call: Callable[[], None]) -> None:
    """macOS draws in the main thread only; the other systems' ways bring calls to their threads by themselves.

    Never run on a Mac so far.
    """
    if sys.platform == "darwin":
        from PyObjCTools import AppHelper

        AppHelper.callAfter(call)
    else:
        call()
