"""Privacy states: what the user chose goes out, at once, whatever was rendered or is on its way."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.test_demand import CountingSource, made, wait_until
from tests.parts import SIZE, MemorySink, room_share
from tests.pictures import bars, farthest
from vcam.backdrops import BackdropOptions, make_backdrop
from vcam.engine.cards import Cards, Situation
from vcam.engine.privacy import AwayCard, Privacy
from vcam.engine.status import Phase
from vcam.frame import Colour
from vcam.pipeline import PipelineSettings
from vcam.sinks import Delivery

SETTINGS = PipelineSettings(SIZE, Colour.BT601)


@pytest.mark.parametrize("delivery", list(Delivery))
@pytest.mark.parametrize("privacy", [Privacy.AWAY, Privacy.PANIC])
def test_a_card_at_once_camera_off_and_back(delivery: Delivery, privacy: Privacy) -> None:
    source, sink = CountingSource(), MemorySink(delivery)
    run = made(source, sink)
    run.start()
    sink.wait_for(lambda s: s.kinds.count("composite") > 3)
    run.set_privacy(privacy)
    last_composite = len(sink.kinds) + 1  # one may be on its way into the sink this very moment
    sink.wait_for(lambda s: len(s.kinds) > last_composite + 3)
    assert set(sink.kinds[last_composite:]) == {"card"}
    assert run.status().phase == Phase(privacy.value)
    wait_until(lambda: not source.is_open)
    run.set_privacy(Privacy.LIVE)
    sink.wait_for(lambda s: s.kinds[-1] == "composite")
    run.finish()
    assert max(room_share(picture) for picture in sink.pictures) == 0


def test_the_users_own_picture_fills_the_frame_at_once() -> None:
    source, sink = CountingSource(), MemorySink()
    run = made(source, sink, away=AwayCard("", bars(SIZE)))
    run.start()
    sink.wait_for(lambda s: s.kinds.count("composite") > 3)
    run.set_privacy(Privacy.AWAY)
    last_composite = len(sink.kinds) + 1
    sink.wait_for(lambda s: len(s.kinds) > last_composite + 3)
    run.finish()
    assert max(farthest(picture) for picture in sink.pictures[last_composite:]) <= 2
    assert set(sink.kinds[last_composite:]) == {"card"}


def test_frozen_repeats_the_last_composite_and_turns_the_camera_off() -> None:
    source, sink = CountingSource(), MemorySink()
    run = made(source, sink)
    run.start()
    sink.wait_for(lambda s: s.kinds.count("composite") > 3)
    run.set_privacy(Privacy.FROZEN)
    wait_until(lambda: not source.is_open)
    seen = len(sink.kinds)
    sink.wait_for(lambda s: len(s.kinds) > seen + 4)
    assert set(sink.kinds[seen + 1:]) == {"composite"}
    assert all((picture == sink.pictures[-1]).all() for picture in sink.pictures[seen + 1:])
    run.finish()


def test_frozen_before_anything_was_rendered_is_a_card() -> None:
    cards = Cards(SETTINGS, AwayCard("Lunch"))
    frozen = cards.chosen(Privacy.FROZEN, None)
    assert frozen is not None
    assert frozen.kind == "card"
    assert cards.chosen(Privacy.LIVE, frozen) is None


def test_freezing_does_not_bring_back_the_room_that_was_shown_on_purpose() -> None:
    source, sink = CountingSource(), MemorySink()
    run = made(source, sink)
    run.show(make_backdrop("none", BackdropOptions(SIZE, Colour.BT601)))
    run.start()
    sink.wait_for(lambda s: s.kinds.count("raw") > 2)
    run.set_privacy(Privacy.PANIC)
    wait_until(lambda: not source.is_open)
    run.show(make_backdrop("green", BackdropOptions(SIZE, Colour.BT601)))
    run.set_privacy(Privacy.FROZEN)
    seen = len(sink.kinds) + 1
    sink.wait_for(lambda s: len(s.kinds) > seen + 3)
    run.finish()
    assert set(sink.kinds[seen:]) == {"card"}


@pytest.mark.parametrize("now", [
    Situation(True, "", "", True), Situation(False, "camera 0 is gone", "", True),
    Situation(False, "", "the network failed", True), Situation(False, "", "", False), Situation(False, "", "", True)])
def test_every_situation_has_its_own_card(now: Situation) -> None:
    cards = Cards(SETTINGS, AwayCard("Lunch"))
    others = [Situation(True, "", "", True), Situation(False, "x", "", True), Situation(False, "", "x", True),
              Situation(False, "", "", False), Situation(False, "", "", True)]
    shown = cards.waiting(now).frame.pixels
    same = [bool((cards.waiting(other).frame.pixels == shown).all()) for other in others]
    assert sum(same) <= 1
    assert np.median(shown) < 130
