from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tests.app.tray.states import problem, state
from vcam.app.tray.look import Now
from vcam.app.tray.menu import Around, Do, Item, Plugged, Tell, menu
from vcam.control.commands import TABLE
from vcam.control.gallery import Known

BRIO, OTHER = Plugged("camera:Logitech BRIO", "Logitech BRIO", 0), Plugged("camera:Laptop", "Laptop", 2)


def labels(items: Sequence[Item]) -> list[str]:
    return [item.label for item in items if item.label]


def find(items: Sequence[Item], *path: str) -> Item:
    found = next((item for item in items if item.label == path[0]), None)
    assert found is not None, f"no {path[0]} in {labels(items)}"
    return find(found.children, *path[1:]) if path[1:] else found


def made(told: dict[str, Any] | None = None, **around: Any) -> tuple[Item, ...]:
    return menu(Now(told or state()), Around(**around))


def leaves(items: Sequence[Item]) -> Iterator[Item]:
    for item in items:
        yield item
        yield from leaves(item.children)


def test_every_click_is_a_command_that_the_table_takes() -> None:
    told = state(profiles=("work", "Profile 1"), recent=("beach", "colour:red", "slideshow:/tmp"))
    commands = [item.action for item in leaves(made(told, cameras=(BRIO, OTHER))) if isinstance(item.action, Tell)]
    assert len(commands) > 15
    for command in commands:
        TABLE.command(command.word, **dict(command.arguments))


def test_backgrounds_stand_by_category_and_the_chosen_one_is_marked() -> None:
    items = made(state(settings={"background": "city-lights-night"}))
    assert labels(find(items, "Background", "Your own").children) == ["Beach"]
    bundled = find(items, "Background", "Bundled").children
    assert [(item.label, item.checked) for item in bundled] == [("Brick loft evening", False),
                                                                ("City lights night", True)]
    assert bundled[0].action == Tell("bg", (("name", "brick-loft-evening"),))


def test_recent_ones_come_first_without_blur_and_without_the_room() -> None:
    told = state(recent=("blur:80", "beach", "none", "colour:#204060"))
    background = find(made(told), "Background").children
    assert background[0].label == "Recent"
    assert labels(background[0].children) == ["Beach", "Colour #204060"]


def test_a_chosen_one_that_nobody_lists_is_listed() -> None:
    items = made(state(settings={"background": "colour:#204060"}))
    assert find(items, "Background", "Recent", "Colour #204060").checked


def test_the_room_cannot_be_chosen_where_that_is_forbidden() -> None:
    assert find(made(), "Background", "The room itself").action == Tell("bg", (("name", "none"),))
    forbidden = find(made(state(settings={"require_background": True})), "Background").children
    assert "The room itself" not in labels(forbidden)


def test_a_long_list_ends_on_the_screen() -> None:
    many = tuple(Known(f"picture-{number:03}", "yours", "picture") for number in range(100))
    own = find(made(state(backgrounds=many)), "Background", "Your own").children
    assert len(own) == 41
    assert own[-1] == Item("… and 60 more")


@pytest.mark.parametrize(("background", "marked"), [
    ("blur", ["Usual"]), ("blur:70", ["Strong (70)"]), ("blur:33", ["33"]), ("beach", [])])
def test_the_blur_in_use_is_marked(background: str, marked: list[str]) -> None:
    blurs = find(made(state(settings={"background": background})), "Blur").children
    assert [item.label for item in blurs if item.checked] == marked


@pytest.mark.parametrize(("source", "marked"), [
    ("camera:0", "Logitech BRIO"), ("0", "Logitech BRIO"), ("camera:2", "Laptop"), ("camera:brio", "Logitech BRIO"),
    ("camera:Laptop", "Laptop"), ("demo:", "Demo")])
def test_the_camera_in_use_is_marked(source: str, marked: str) -> None:
    cameras = find(made(state(source=source), cameras=(BRIO, OTHER)), "Camera").children
    assert [item.label for item in cameras if item.checked] == [marked]


def test_cameras_come_and_go() -> None:
    assert labels(find(made(cameras=(BRIO,)), "Camera").children) == ["Logitech BRIO", "Mirror"]
    assert "Laptop" in labels(find(made(cameras=(BRIO, OTHER)), "Camera").children)
    assert "No camera is plugged in" in labels(find(made(), "Camera").children)


@pytest.mark.parametrize(("privacy", "marked"), [
    ("live", "Show me"), ("away", "Pause – show the away card"), ("frozen", "Freeze the picture"),
    ("panic", "Hide at once")])
def test_hiding_is_on_top_and_its_lines_never_move(privacy: str, marked: str) -> None:
    items = made(state("live" if privacy == "live" else privacy, privacy=privacy))
    four = items[2:6]
    assert labels(four) == ["Show me", "Pause – show the away card", "Freeze the picture", "Hide at once"]
    assert [item.label for item in four if item.checked] == [marked]


def test_profiles_are_offered_and_a_free_name_for_the_next() -> None:
    profiles = find(made(state(profiles=("work", "Profile 1"), profile="work")), "Profile").children
    assert find(profiles, "work").checked
    assert profiles[-1].action == Tell("profile save", (("name", "Profile 2"),))


def test_the_panel_is_opened_where_there_is_one() -> None:
    assert find(made(page="panel"), "Open panel").action is Do.OPEN_PAGE
    assert find(made(page=""), "Show preview").action is Do.OPEN_PAGE


def test_start_at_login_is_only_offered_where_it_can_be_told() -> None:
    assert find(made(at_login=True), "Start at login").checked
    assert "Start at login" not in labels(made(at_login=None))


def test_trouble_is_told_under_the_headline() -> None:
    assert made(state("card", "camera is gone"))[1] == Item("⚠ camera is gone")
    assert made(state(problems=(problem("'x' cannot be read"),)))[1] == Item("⚠ 'x' cannot be read")


def test_numbers_do_not_change_the_menu() -> None:
    later = state()
    later["run"] |= {"fps": 3.0, "cpu": 80.0, "rendered": 9999}
    assert made(later) == made()


def test_without_a_vcam_it_can_be_started() -> None:
    items = menu(Now(trouble="camera 0 is busy"), Around())
    assert labels(items)[:3] == ["vcam has stopped", "⚠ camera 0 is busy", "Start vcam"]
    assert find(items, "Quit vcam").action is Do.QUIT
    assert "Start vcam" not in labels(menu(Now(starting=True), Around()))
