"""Flicker: what the movement explains does not count, what it does not explain counts in full."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tests.evaluation.sets import mattes, pictures, texture
from vcam.evaluation.flicker import FlowFinder, flicker
from vcam.evaluation.metrics import outline
from vcam.frame import FloatArray, Pixels, Size

LARGE = Size(240, 160)


def test_unexplained_change_by_hand() -> None:
    ground = texture(3, 160, 240)
    movement = FlowFinder().movement(ground, ground)
    before = np.zeros((160, 240), np.uint8)
    before[60:100, 100:140] = 204
    now = before.copy()
    now[60:100, 100:140] = 255
    length = int(outline(now).sum())
    assert length == 4 * 40 - 1
    wanted = 40 * 40 * 0.2 / (158 * 238 / (160 * 240)) / (8 * length) * 1000  # the border is not trusted
    assert flicker(before, now, movement) == pytest.approx(wanted, rel=1e-3)
    assert flicker(before, before, movement) == pytest.approx(0, abs=1e-3)


def mean_flicker(shown: list[Pixels], seen: list[Pixels]) -> float:
    finder = FlowFinder()
    moves = [finder.movement(before, now) for before, now in pairwise(shown)]
    return float(np.mean([flicker(*pair, move) for pair, move in zip(pairwise(seen), moves, strict=True)]))


def test_a_matte_that_moves_with_the_picture_does_not_flicker() -> None:
    truth = mattes(6, LARGE)
    shown = pictures(truth)
    still = [truth[0]] * 6
    trembling = [np.roll(matte, 2 * (number % 2), axis=0) for number, matte in enumerate(truth)]
    along = mean_flicker(shown, truth)
    assert mean_flicker(shown, trembling) > 2 * along
    assert mean_flicker(shown, still) > 1.4 * along, "standing still while the person moves is change, too"


def test_a_cut_is_not_trusted() -> None:
    finder = FlowFinder()
    same = finder.movement(texture(3, 160, 240), texture(3, 160, 240))
    cut = finder.movement(texture(3, 160, 240), texture(4, 160, 240))
    assert same.trusted.mean() > 0.97
    assert cut.trusted.mean() < 0.2


def test_what_changes_its_colour_is_not_trusted() -> None:
    before = texture(3, 160, 240) // 2
    now = before.copy()
    now[40:120, 60:180] += 60
    trusted = FlowFinder().movement(before, now).trusted
    assert trusted[50:110, 70:170].mean() < 0.05
    assert trusted[5:30, 5:235].mean() > 0.9


@pytest.mark.parametrize(("forth", "share"), [(-3.0, 1.0), (-2.0, 0.0), (3.0, 0.0)])
def test_movement_that_does_not_lead_back_is_not_trusted(forth: float, share: float) -> None:
    class Flow:
        def __init__(self) -> None:
            self.answers = [3.0, forth]

        def calc(self, first: Pixels, second: Pixels, start: None) -> FloatArray:
            flow = np.zeros((*first.shape, 2), np.float32)
            flow[..., 0] = self.answers.pop(0)
            return flow

    finder = FlowFinder()
    finder._flow = Flow()  # type: ignore[assignment]
    grey = np.full((40, 60, 3), 90, np.uint8)
    movement = finder.movement(grey, grey)
    assert movement.trusted[2:-2, 8:-8].mean() == share
    assert (movement.x[7] == np.arange(60) + 3).all()
