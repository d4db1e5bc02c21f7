"""What the panel shows: what leaves, and the room only beside a composite of the same frame."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal, NamedTuple

import cv2
import numpy as np
import pytest

from tests.app.web.visiting import Visit
from tests.control.desk import background_of
from tests.engine.test_demand import wait_until
from vcam.app.web.looks import Looks
from vcam.frame import Pixels

CONSENT = {"X-Vcam-Show-Room": "yes"}


class Shown(NamedTuple):
    shows: str
    kind: str
    bgr: Pixels


@pytest.fixture(autouse=True)
def live(at: Visit) -> Iterator[None]:
    at.tell("bg", name="colour:navy")
    yield
    at.tell("resume")
    at.tell("bg", name="colour:navy")
    wait_until(lambda: at.panel.looks.watchers == 0)


def parts(answer: Any) -> Iterator[Shown]:
    """The parts of a stream."""
    while True:
        head: dict[str, str] = {}
        while (line := answer.readline().strip()) or not head:
            name, _, value = line.decode().partition(":")
            head |= {name.lower(): value.strip()} if value else {}
        data = answer.read(int(head["content-length"]))
        assert len(data) == int(head["content-length"])
        picture = np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)
        yield Shown(head["x-shows"], head["x-picture"], picture)


def watch(at: Visit, path: str, **headers: str) -> tuple[Any, Iterator[Shown]]:
    connection, answer = at.open(path, **headers)
    assert answer.status == 200
    return connection, parts(answer)


def until(shown: Iterator[Shown], shows: str, kind: str = "composite") -> Shown:
    return next(part for _, part in zip(range(200), shown, strict=False) if (part.shows, part.kind) == (shows, kind))


def test_the_picture_is_what_leaves(at: Visit) -> None:
    connection, shown = watch(at, "/view/picture?width=1280")
    until(shown, "picture")
    at.desk.later()
    picture = until(shown, "picture").bgr
    connection.close()
    assert picture.shape == (240, 320, 3)
    assert background_of(picture) == "navy"


def test_a_smaller_picture_is_smaller(at: Visit) -> None:
    at.tell("bg", name="colour:red")
    connection, shown = watch(at, "/view/picture?width=1")
    assert next(shown).bgr.shape[1] == 320
    connection.close()


@pytest.mark.parametrize("width", ["0", "-1", "9999999999", "wide", "", "1e3", "٣٠٠"])
def test_a_width_is_a_number_of_pixels(at: Visit, width: str) -> None:
    from urllib.parse import quote

    assert at.ask(f"/view/picture?width={quote(width)}").status == 422


def test_before_and_after_are_the_same_frame(at: Visit) -> None:
    connection, shown = watch(at, "/view/split?width=320", **CONSENT)
    both = until(shown, "split").bgr
    connection.close()
    assert both.shape == (480, 320, 3)
    before, after = both[:240], both[240:]
    assert background_of(before) != "navy"
    assert background_of(after) == "navy"


def test_the_matte_is_grey_and_knows_the_person(at: Visit) -> None:
    connection, shown = watch(at, "/view/matte?width=320")
    matte = until(shown, "matte").bgr
    connection.close()
    assert np.ptp(matte.astype(int), axis=2).max() <= 2
    assert matte[200, 160].mean() > 200
    assert matte[20, 20].mean() < 50


@pytest.mark.parametrize("word", ["pause", "freeze", "panic"])
@pytest.mark.parametrize("view", ["split", "matte"])
def test_privacy_hides_the_room_here_too(at: Visit, word: str, view: str) -> None:
    connection, shown = watch(at, f"/view/{view}?width=320", **CONSENT)
    until(shown, view)
    at.tell(word)
    seen = [next(shown) for _ in range(12)]
    connection.close()
    assert seen[-1].shows == seen[-2].shows == "picture"


def test_who_chose_no_background_sees_no_difference(at: Visit) -> None:
    at.tell("bg", name="none")
    connection, shown = watch(at, "/view/split?width=320", **CONSENT)
    assert until(shown, "picture", "raw").bgr.shape == (240, 320, 3)
    connection.close()


def test_nothing_is_observed_unless_somebody_looks(at: Visit) -> None:
    pipeline = at.desk.assembly.run.parts.pipeline
    connection, shown = watch(at, "/view/matte?width=320")
    until(shown, "matte")
    assert pipeline.observe is not None
    connection.close()
    wait_until(lambda: pipeline.observe is None)


def test_a_preview_is_half_of_the_pictures_and_every_change_of_kind(at: Visit) -> None:
    looks, template = Looks(at.desk.assembly.run), at.panel.looks._newest
    assert template is not None

    async def shown(kinds: Sequence[Literal["composite", "card"]]) -> list[int]:
        """Which of pictures of these kinds, 30 a second, are encoded."""
        encoded = []
        with looks.looking("picture", 320):
            for turn, kind in enumerate(kinds):
                before = looks.encoded
                frame = replace(template.frame, captured_ns=10**15 + turn * 33_333_333)
                looks.send(replace(template, frame=frame, kind=kind))
                encoded += [turn] * (looks.encoded - before)
        return encoded

    composite: Literal["composite"] = "composite"
    card: Literal["card"] = "card"
    assert asyncio.run(shown([composite] * 30)) == list(range(0, 30, 2))
    looks = Looks(at.desk.assembly.run)
    assert asyncio.run(shown([*[composite] * 3, *[card] * 3])) == [0, 2, 3, 4]
