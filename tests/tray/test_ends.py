"""How a tray ends, and desktops that have no place for one."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tray.conftest import Program
from tests.tray.desktop import Desktop, wait_for
from tests.tray.outlet import corner_is

NAVY = (128, 0, 0)  # BGR


@pytest.fixture
def bare_desktop(folder: Path) -> Iterator[Desktop]:
    """Without a panel."""
    made = Desktop(folder / "desktop", panel=False)
    made.start()
    yield made
    made.close()


def test_quit_ends_the_icon_and_the_vcam_it_started(desktop: Desktop, own_program: Program) -> None:
    assert desktop.ask("click", "Quit vcam")
    assert own_program.process.wait(30) == 0
    wait_for(lambda: not (desktop.ask("menu") or []), "no icon any more")
    assert own_program.said().count("pictures,") >= 1  # the last word of a vcam that ended well


def test_ctrl_c_ends_both(desktop: Desktop, own_program: Program) -> None:
    own_program.process.send_signal(signal.SIGINT)
    assert own_program.process.wait(30) == 130
    own_program.outlet.join()  # its writer is gone
    wait_for(lambda: not (desktop.ask("menu") or []), "no icon any more")


def test_a_desktop_without_a_place_is_told_once_and_vcam_goes_on(bare_desktop: Desktop, folder: Path) -> None:
    program = Program(bare_desktop, folder)
    try:
        program.outlet.wait_for(corner_is(*NAVY), "the picture", 90)
        assert program.said().count("shows no tray icons") == 1
        program.tell("bg", "green")
        program.outlet.wait_for(corner_is(64, 177, 0), "green")
    finally:
        program.close()


def test_a_way_without_a_menu_is_no_tray_and_vcam_goes_on(desktop: Desktop, folder: Path) -> None:
    """X11 alone, which is all that pystray has in a virtual environment without PyGObject."""
    program = Program(desktop, folder, PYSTRAY_BACKEND="xorg")
    try:
        program.outlet.wait_for(corner_is(*NAVY), "the picture", 90)
        assert program.said().count("no tray: this way of showing an icon has no menu") == 1
        assert desktop.ask("menu") is None
    finally:
        program.close()
