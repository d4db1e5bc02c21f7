"""The tray on a real desktop: what is clicked there changes the pixels that leave the sink."""

from __future__ import annotations

import json
import select
import subprocess
from pathlib import Path

import numpy as np
from PIL import Image

from tests.tray.conftest import Program
from tests.tray.desktop import PYTHON, WIDTH, Desktop, wait_for
from tests.tray.outlet import corner_is
from vcam.app.tray import icons
from vcam.app.tray.look import Look

NAVY, RED, GREEN = (128, 0, 0), (0, 0, 200), (64, 177, 0)  # BGR
PANEL_HEIGHT = 32


def test_a_click_in_the_menu_changes_what_viewers_see(desktop: Desktop, program: Program) -> None:
    program.outlet.wait_for(corner_is(*NAVY), "the background given as a flag")
    assert desktop.ask("click", "Background", "Your own", "Red wall")
    program.outlet.wait_for(corner_is(*RED), "the user's own picture")
    wait_for(lambda: "Red wall" in _checked(desktop), "a mark at what was chosen")
    assert desktop.ask("click", "Background", "Green screen")
    program.outlet.wait_for(corner_is(*GREEN), "green")
    wait_for(lambda: "Red wall" in _labels(desktop, "Background", "Recent"), "what was chosen before, among the recent")


def test_hiding_shows_a_card_and_another_icon(desktop: Desktop, program: Program) -> None:
    live = program.outlet.wait_for(corner_is(*NAVY), "the background")
    wait_for(lambda: _looks_like(desktop, Look.LIVE), "the icon of a live one")
    assert desktop.ask("click", "Hide at once")
    program.outlet.wait_for(lambda picture: not corner_is(*NAVY)(picture), "a card")
    wait_for(lambda: _looks_like(desktop, Look.PAUSED), "the icon of one who hides")
    assert "camera off" in desktop.ask("icon")["Title"]
    assert desktop.ask("click", "Show me")
    again = program.outlet.wait_for(corner_is(*NAVY), "the picture again")
    assert np.abs(live[4:40, 4:40].astype(int) - again[4:40, 4:40]).max() < 20
    wait_for(lambda: _looks_like(desktop, Look.LIVE), "the icon of a live one")


def test_the_pointer_opens_the_menu_and_the_keyboard_chooses(desktop: Desktop, program: Program) -> None:
    program.outlet.wait_for(corner_is(*NAVY), "the background")
    x, y = wait_for(lambda: _place(desktop, Look.LIVE), "an icon that stays where it is")
    before = np.asarray(desktop.picture(), int)
    desktop.point("mousemove", str(x), str(y), "click", "1")
    wait_for(lambda: _share_of_white(desktop) > 0.02, "an open menu")
    assert np.abs(np.asarray(desktop.picture(), int) - before)[PANEL_HEIGHT:].max() > 100
    desktop.point("key", "--delay", "100", "Down", "Down", "Return")  # past the headline and "Show me": the card
    program.outlet.wait_for(lambda picture: not corner_is(*NAVY)(picture), "the away card")
    wait_for(lambda: "Away" in desktop.ask("icon")["Title"], "the icon says so")


def test_the_first_time_the_page_is_opened_and_tooltips_say_the_cost(desktop: Desktop, program: Program) -> None:
    address = wait_for(program.browsed, "a page in the browser")
    assert address.startswith("http://127.0.0.1:")
    wait_for(lambda: " fps · " in desktop.ask("icon")["Title"] and " % CPU" in desktop.ask("icon")["Title"], "figures")
    desktop.ask("click", "Open panel" if "Open panel" in _labels(desktop) else "Show preview")
    wait_for(lambda: program.browsed().count("http://127.0.0.1:") == 2, "the page again, because it was asked for")


def test_the_doctor_reports_on_a_page(desktop: Desktop, program: Program) -> None:
    assert desktop.ask("click", "Check this computer")
    wait_for(lambda: "doctor.txt" in program.browsed(), "a report in the browser", 150)
    assert "PipeWire" in (program.state / "doctor.txt").read_text(encoding="utf-8")


def test_a_click_that_fails_is_told_and_changes_nothing(desktop: Desktop, program: Program) -> None:
    service = subprocess.Popen([str(PYTHON), str(Path(__file__).with_name("notification_server.py"))],
                               env=desktop.environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert _next_line(service) == "ready\n"
        assert desktop.ask("click", "Background", "Your own", "Broken")
        told = json.loads(_next_line(service))
        assert told["application"] == "vcam"
        assert "broken" in told["title"]
        program.outlet.wait_for(corner_is(*NAVY), "the old background")
        wait_for(lambda: any("⚠" in label for label in _labels(desktop)), "a line in the menu that says what is wrong")
    finally:
        service.terminate()
        service.communicate(timeout=10)


def test_start_at_login_writes_and_removes_the_entry(desktop: Desktop, program: Program) -> None:
    entry = Path(desktop.variables["XDG_CONFIG_HOME"]) / "autostart/vcam.desktop"
    assert desktop.ask("click", "Start at login")
    wait_for(entry.exists, "an entry")
    assert '"tray"' in entry.read_text()
    wait_for(lambda: "Start at login" in _checked(desktop), "its mark")
    assert desktop.ask("click", "Start at login")
    wait_for(lambda: not entry.exists(), "no entry any more")
    assert program.process.poll() is None


def test_the_tray_never_loads_what_its_licence_forbids(desktop: Desktop, program: Program) -> None:
    """pyvirtualcam (GPL-2.0 only) and pystray (LGPL-3.0) are never in one process."""
    assert desktop.ask("menu")
    mapped = Path(f"/proc/{program.process.pid}/maps").read_text()
    assert "_gi." in mapped
    assert "pyvirtualcam" not in mapped
    children = Path(f"/proc/{program.process.pid}/task/{program.process.pid}/children").read_text().split()
    assert children
    assert all("_gi." not in Path(f"/proc/{child}/maps").read_text() for child in children)


def _next_line(service: subprocess.Popen[str]) -> str:
    assert service.stdout is not None
    assert select.select([service.stdout], [], [], 30)[0], "nothing was told"
    return service.stdout.readline()


def _labels(desktop: Desktop, *above: str) -> list[str]:
    return [line["path"][-1] for line in desktop.ask("menu") if line["path"][:-1] == list(above)]


def _checked(desktop: Desktop) -> list[str]:
    return [line["path"][-1] for line in desktop.ask("menu") if line["checked"] == 1]


def _share_of_white(desktop: Desktop) -> float:
    return float((np.asarray(desktop.picture())[PANEL_HEIGHT:] > 230).all(axis=2).mean())


def _looks_like(desktop: Desktop, look: Look) -> bool:
    """Whether an icon of the panel has the colour of that look, and none has that of another."""
    seen = _panel(desktop)
    near = {other: int(_near(seen, icons.draw(other)).sum()) for other in Look}
    return near[look] > 100 and all(count < 20 for other, count in near.items() if other is not look)


def _place(desktop: Desktop, look: Look) -> tuple[int, int] | None:
    """The middle of the icon of that look, once the panel has stopped moving it."""
    first, second = (np.argwhere(_near(_panel(desktop), icons.draw(look))) for _ in range(2))
    if len(second) < 100 or not np.array_equal(first, second):
        return None
    y, x = (int(middle) for middle in np.median(second, axis=0))
    return x, y


def _panel(desktop: Desktop) -> np.ndarray:
    return np.asarray(desktop.picture().crop((0, 0, WIDTH, PANEL_HEIGHT)), int)


def _near(seen: np.ndarray, icon: Image.Image) -> np.ndarray:
    """Which pixels have the colour of that icon's tile."""
    tile = icon.getpixel((icon.width // 2, 4))
    assert isinstance(tile, tuple)
    near: np.ndarray = np.abs(seen - tile[:3]).max(axis=2) < 12
    return near
