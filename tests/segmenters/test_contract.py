"""One contract for every runtime: the same network gives the same answer."""

from __future__ import annotations

from fractions import Fraction
from importlib.util import find_spec

import numpy as np
import pytest

from vcam.errors import ModelError, UsageError
from vcam.frame import Colour, Frame, FramePool, Region, Size
from vcam.ops.cpu import CpuOps
from vcam.segmenters import RUNTIMES, Segmenter, make_segmenter
from vcam.segmenters.decode import input_scaling, probability
from vcam.sources import SourceOptions, make_source

OPS = CpuOps()
SHAPES = {"general": (256, 256), "landscape": (144, 256), "average": (256, 256)}


def runtimes() -> list[object]:
    return [pytest.param(name, marks=pytest.mark.skipif(not find_spec(package), reason=f"{package} is not installed"))
            for name, package in RUNTIMES.items()]


@pytest.fixture(scope="module")
def portrait() -> Frame:
    source = make_source("demo:", SourceOptions(size=Size(640, 360), colour=Colour.BT601), FramePool())
    source.open()
    frame = source.read()
    assert frame is not None
    return OPS.prepare(frame, Size(640, 360), Colour.BT601, mirror=False)


def made(name: str, runtime: str) -> Segmenter:
    try:
        return make_segmenter(name, OPS, runtime)
    except ModelError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("runtime", runtimes())
@pytest.mark.parametrize("name", list(SHAPES))
def test_it_finds_the_person(portrait: Frame, name: str, runtime: str) -> None:
    segmenter = made(name, runtime)
    answer = segmenter.segment(portrait, Region.whole(portrait.size))
    assert answer.shape == SHAPES[name]
    assert answer.dtype == np.float32
    assert answer.min() >= 0 and answer.max() <= 1
    height, width = answer.shape
    assert answer[height * 3 // 4:, width * 2 // 5:width * 3 // 5].mean() > 0.9, "the chest"
    assert answer[:height // 8, :width // 8].mean() < 0.1, "a corner of the room"
    segmenter.close()
    segmenter.close()


@pytest.mark.parametrize("runtime", runtimes())
@pytest.mark.parametrize("name", ["general", "landscape"])
def test_runtimes_agree(portrait: Frame, name: str, runtime: str) -> None:
    reference = make_segmenter(name, OPS, "litert").segment(portrait, Region.whole(portrait.size))
    difference = np.abs(made(name, runtime).segment(portrait, Region.whole(portrait.size)) - reference)
    if runtime == "mediapipe":  # it takes 8-bit input, and what rounding does there shows at the outline
        assert difference.mean() < 2e-3
    else:
        assert difference.max() < 1e-4


def test_average_is_the_mean(portrait: Frame) -> None:
    one = make_segmenter("general", OPS).segment(portrait, Region.whole(portrait.size))
    both = make_segmenter("average", OPS).segment(portrait, Region.whole(portrait.size))
    assert float(np.abs(both - one).max()) <= 0.5 + 1e-6
    assert float(np.abs(both - one).mean()) > 1e-4


def test_unknown_names_are_usage_errors() -> None:
    with pytest.raises(UsageError, match="did you mean 'general'"):
        make_segmenter("generel", OPS)
    with pytest.raises(UsageError, match="unknown runtime"):
        make_segmenter("general", OPS, "tensorflow")


def test_a_model_that_was_not_fetched_says_how(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VCAM_MODELS", str(tmp_path))
    with pytest.raises(ModelError) as caught:
        make_segmenter("multiclass", OPS)
    assert "vcam models fetch multiclass" in caught.value.hint


def test_several_classes_become_one_probability() -> None:
    logits = np.zeros((1, 3, 6), np.float32)
    logits[0, 0] = [9, 0, 0, 0, 0, 0]
    logits[0, 1] = [0, 0, 0, 9, 0, 0]
    logits[0, 2] = [0, -30, -30, 0, -30, -30]
    assert probability(logits)[0] == pytest.approx([0, 1, 0.5], abs=1e-3)
    assert input_scaling(6) == (1 / 127.5, -1.0)
    assert input_scaling(1) == (1 / 255, 0.0)


def test_pts_plays_no_part(portrait: Frame) -> None:
    later = Frame(portrait.pixels, portrait.format, 99, Fraction(50), 7, portrait.colour)
    segmenter = make_segmenter("general", OPS)
    whole = Region.whole(portrait.size)
    assert (segmenter.segment(portrait, whole) == segmenter.segment(later, whole)).all()
