from __future__ import annotations

import pytest

from tests.app.tray.states import problem, state
from vcam.app.tray.look import Look, Now, background_label, complaint, headline, look, tooltip


@pytest.mark.parametrize(("now", "expected"), [
    (Now(state("live")), Look.LIVE), (Now(state("starting")), Look.IDLE), (Now(state("idle")), Look.IDLE),
    (Now(state("card", "camera is gone")), Look.PROBLEM), (Now(state("away")), Look.PAUSED),
    (Now(state("frozen")), Look.PAUSED), (Now(state("panic")), Look.PAUSED),
    (Now(state("live", sink_problem="disk full")), Look.PROBLEM),
    (Now(state("away", sink_problem="disk full")), Look.PAUSED),
    (Now(starting=True), Look.IDLE), (Now(), Look.IDLE), (Now(trouble="no camera"), Look.PROBLEM)])
def test_every_state_has_its_picture(now: Now, expected: Look) -> None:
    assert look(now) is expected


def test_the_tooltip_says_rate_and_cost() -> None:
    assert tooltip(Now(state())) == "vcam – Live: Logitech BRIO → Blur 60 · 30 fps · 9 % CPU"
    assert "fps" not in tooltip(Now(state("away")))


def test_the_tooltip_is_never_longer_than_windows_takes() -> None:
    long = state("live", sink_problem="x" * 300, settings={"background": "y" * 300})
    long["run"]["source"] = "z" * 300
    assert 100 < len(tooltip(Now(long))) <= 127
    assert len(tooltip(Now(trouble="z" * 300))) <= 127


def test_the_headline_holds_no_number_that_changes_all_the_time() -> None:
    first, second = state(), state()
    second["run"] |= {"fps": 3.0, "cpu": 80.0, "rendered": 9999}
    second["busy"] = "bg beach"
    assert headline(Now(first)) == headline(Now(second))
    assert tooltip(Now(second)) == "vcam – Loading: bg beach … · 3 fps · 80 % CPU"


def test_what_is_wrong_is_said_from_the_worst_on() -> None:
    assert complaint(Now(state("card", "camera is gone", "disk full"))) == "camera is gone"
    assert complaint(Now(state(sink_problem="disk full"))) == "disk full"
    assert complaint(Now(state(problems=(problem("'x' cannot be read"),)))) == "'x' cannot be read"
    assert complaint(Now(state())) == ""


@pytest.mark.parametrize(("spec", "label"), [
    ("blur", "Blur"), ("blur:60", "Blur 60"), ("colour:#204060", "Colour #204060"), ("green", "Green screen"),
    ("none", "The room itself"), ("brick-loft-evening", "Brick loft evening"), ("/home/me/my_beach.jpg", "My beach"),
    ("slideshow:/home/me/Pictures", "Slideshow of Pictures"), ("-", "-")])
def test_backgrounds_are_named_as_people_read_them(spec: str, label: str) -> None:
    assert background_label(spec) == label
