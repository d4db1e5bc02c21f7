"""Scenes and regions: cuts are found where they are, and a region stays for as long as it fits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tests.cutting.films import picture
from vcam.cutting.shots import Extent, Glance, Stretch, changes, signature, stretches
from vcam.frame import Size
from vcam.sources.demo_pictures import room

SIZE = Size(1280, 720)
HERE = (400, 100, 800, 720)


def look(extents: Sequence[Extent | None], cuts: tuple[int, ...] = (), usual: float = 1.0) -> list[Stretch]:
    glances = [Glance(number * 10, box, 60.0 if number in cuts else usual if number else 0)
               for number, box in enumerate(extents)]
    return stretches(glances, SIZE)


def test_change_is_large_at_a_cut_and_small_in_movement() -> None:
    scene = [picture(number) for number in range(4)]
    other = [np.ascontiguousarray(255 - room(Size(256, 192)))] * 3
    signatures = np.array([signature(each) for each in scene + other], np.uint8)
    found = changes(signatures, None)
    assert found[0] == 0
    assert found[4] > 24
    assert max(found[1:4]) < 8
    assert max(found[5:]) == 0
    assert np.allclose(changes(signatures[3:], signatures[2]), found[3:]), "the same from the middle on"


def test_a_region_holds_the_person_and_stays() -> None:
    found = look([HERE] * 50)
    assert len(found) == 1
    near, far = found[0].near, found[0].far
    assert near.left < HERE[0] and near.right > HERE[2] and near.top < HERE[1] and near.bottom == SIZE.height
    assert far.left <= near.left and far.right >= near.right
    assert far.width > near.width
    assert not any(side % 2 for side in (near.left, near.top, near.width, near.height))


def test_a_person_who_walks_is_followed() -> None:
    found = look([(10 * number, 100, 10 * number + 300, 720) for number in range(90)])
    assert len(found) > 2
    for stretch, after in zip(found, [*found[1:], None], strict=True):
        last = after.begin // 10 if after is not None else 90
        for number in range(stretch.begin // 10, last):
            assert stretch.near.left <= 10 * number and stretch.near.right >= min(10 * number + 300, 1278)
    assert [stretch.cut for stretch in found] == [True] + [False] * (len(found) - 1)


def test_a_cut_begins_a_scene() -> None:
    found = look([HERE] * 20 + [(0, 0, 300, 720)] * 20, cuts=(20,))
    assert [(each.begin, each.cut) for each in found] == [(0, True), (200, True)]


def test_a_picture_that_always_changes_has_no_cuts() -> None:
    assert len(look([HERE] * 40, cuts=(20,), usual=30.0)) == 1, "a shaken camera, a flickering light"


@pytest.mark.parametrize("count", [1, 2, 30])
def test_nobody_is_looked_for_everywhere(count: int) -> None:
    found = look([None] * count)
    assert [(each.near.width, each.near.height) for each in found] == [(1280, 720)]
