"""One contract for every device's verbs, against plain numpy."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.ops.reference import colour_guided_filter, full_alpha, spill
from tests.parts import ROOM, SIZE, is_person, room_share, scene_bgr, scene_frame
from vcam.errors import SegmenterError
from vcam.frame import (
    BACKGROUND,
    MIXED,
    PERSON,
    Colour,
    FloatArray,
    Frame,
    Matte,
    PixelFormat,
    Pixels,
    Region,
    Size,
    i420_planes,
    i420_shape,
)
from vcam.ops import EdgeSettings, Guide, Ops, TemporalSettings, Tone, grid_factor, guided, tiles
from vcam.ops.colour import i420_to_bgr

EDGES = EdgeSettings()
SIZES = [Size(320, 240), Size(640, 360), Size(854, 480), Size(362, 270), Size(1366, 768)]


def textured(size: Size, seed: int = 1, seq: int = 0) -> Frame:
    rng = np.random.default_rng(seed)
    small = rng.integers(40, 220, (size.height // 8 + 1, size.width // 8 + 1), np.uint8)
    pixels = np.resize(np.kron(small, np.ones((12, 8), np.uint8)), i420_shape(size)).astype(np.uint8)
    return Frame(pixels, PixelFormat.I420, seq, scene_frame().pts)


def blob(guide: Guide) -> FloatArray:
    height, width = guide.planes.shape[1:]
    y, x = np.mgrid[:height, :width]
    distance = np.hypot((x - width / 2) / width * 3, (y - height) / height * 1.3)
    return np.clip((0.8 - distance) * 6 + 0.5, 0, 1).astype(np.float32)


def made_matte(ops: Ops, frame: Frame, alpha: Callable[[Guide], FloatArray] = blob) -> tuple[Guide, Matte]:
    guide = ops.guide(frame)
    return guide, ops.matte(alpha(guide), guide, frame.seq, EDGES)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_guide_is_the_mean_colour_of_each_block(ops: Ops, size: Size) -> None:
    frame = textured(size)
    guide = ops.guide(frame)
    factor = grid_factor(size)
    assert guide.planes.shape == (3, -(-size.height // factor), -(-size.width // factor))
    block = frame.planes()[0][:factor, :factor].mean()
    assert abs(float(guide.planes[0, 0, 0]) - block) <= 2


def used(matte: Matte) -> NDArray[np.bool_]:
    """The grid's samples between which alpha is computed."""
    mixed = matte.cells == MIXED
    return mixed[1:, 1:] | mixed[1:, :-1] | mixed[:-1, 1:] | mixed[:-1, :-1]


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_coefficients_are_those_of_the_colour_guided_filter(ops: Ops, size: Size) -> None:
    frame = textured(size)
    guide = ops.guide(frame)
    matte = ops.matte(blob(guide), guide, 0, EDGES)
    ridge = guided.regularisation(Colour.BT601, EDGES.fit).astype(np.float64)
    expected = colour_guided_filter(guide.planes, matte.alpha / 255, ridge, guided.RADIUS)
    colours = np.concatenate([guide.planes.astype(np.float64), np.ones((1, *guide.planes.shape[1:]))])
    fitted = (matte.coefficients[:4, 1:-1, 1:-1] * colours).sum(0)
    mixed = guided.SHARE * (expected * colours).sum(0) + (1 - guided.SHARE) * matte.alpha / 255
    assert np.abs(fitted - mixed)[used(matte)].max() < 5e-3


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_full_alpha_is_the_model_at_every_pixel(ops: Ops, size: Size) -> None:
    frame = textured(size)
    _, matte = made_matte(ops, frame)
    alpha = ops.full_alpha(frame, matte)
    expected = full_alpha(frame, matte, tiles.LOW)
    assert (matte.cells == MIXED).mean() < 0.7, "cells must save work"
    assert np.abs(alpha - expected).max() <= 1


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_composite_blends_every_plane_with_that_alpha(ops: Ops, size: Size) -> None:
    frame, other = textured(size), textured(size, seed=2)
    _, matte = made_matte(ops, frame)
    out = ops.composite(frame, matte, other.pixels)
    alpha = ops.full_alpha(frame, matte) / 255
    halved = alpha.reshape(size.height // 2, 2, size.width // 2, 2).mean((1, 3))
    spilt = spill(matte)
    for plane, person, back, share, added in zip(i420_planes(out), frame.planes(), other.planes(),
                                                 (alpha, halved, halved), spilt, strict=True):
        expected = back + (person.astype(float) - back) * share + added * share * (1 - share)
        assert np.abs(plane - np.clip(expected, 0, 255)).max() <= 2


def test_the_room_does_not_glow_through_hair(ops: Ops) -> None:
    """Hair of half coverage before a bright wall, put before a dark one: it must be darker than the mixture."""
    frame = scene_frame()
    luma, edge = frame.planes()[0], int(np.argwhere(is_person())[:, 1].min())
    luma[:, :edge], luma[:, edge:] = 220, 40
    luma[:, edge - 3:edge + 3] = 130
    guide = ops.guide(frame)
    matte = ops.matte(blurred_truth(guide), guide, 0, EDGES)
    black = np.full(i420_shape(SIZE), 16, np.uint8)
    row = SIZE.height * 3 // 4
    hair = slice(edge - 3, edge + 3)
    alpha = ops.full_alpha(frame, matte)[row, hair] / 255
    shown = i420_planes(ops.composite(frame, matte, black))[0][row, hair]
    assert alpha.max() > 0.2
    plain, true = 16 + (130 - 16) * alpha, 16 + (40 - 16) * alpha
    assert np.abs(shown - true).mean() < np.abs(plain - true).mean() * 0.75


def test_sure_cells_are_copied_exactly(ops: Ops) -> None:
    frame, other = textured(SIZE), textured(SIZE, seed=2)
    guide = ops.guide(frame)
    shape = guide.planes.shape[1:]
    for value, cell, expected in ((0.0, BACKGROUND, other.pixels), (1.0, PERSON, frame.pixels)):
        matte = ops.matte(np.full(shape, value, np.float32), guide, 0, EDGES)
        assert (matte.cells == cell).all()
        assert (ops.composite(frame, matte, other.pixels) == expected).all()


def test_alpha_finds_an_edge_that_the_grid_cannot_see(ops: Ops) -> None:
    frame = scene_frame()
    guide = ops.guide(frame)
    matte = ops.matte(blurred_truth(guide), guide, 0, EDGES)
    wrong = np.abs(ops.full_alpha(frame, matte) - is_person() * 255.0) > 64
    coarse = np.kron(blurred_truth(guide), np.ones((guide.factor, guide.factor)))[:SIZE.height, :SIZE.width]
    assert wrong.sum() < (np.abs(coarse - is_person()) > 0.25).sum() / 3


def test_colour_alone_never_carries_alpha_far_from_evidence(ops: Ops) -> None:
    """A bar of the person's colour runs on from the person into the room: only one grid step of it may be taken."""
    frame = scene_frame()
    y, x = (int(v) for v in np.argwhere(is_person()).min(0))
    frame.planes()[0][y:, :x] = frame.planes()[0][-1, SIZE.width // 2]
    guide = ops.guide(frame)
    alpha = ops.full_alpha(frame, ops.matte(blurred_truth(guide), guide, 0, EDGES))
    assert alpha[:, :x - 5 * guide.factor].max() == 0


def test_faint_evidence_far_from_the_person_counts_for_nothing(ops: Ops) -> None:
    guide = ops.guide(scene_frame())
    alpha = blurred_truth(guide)
    alpha[:6, :10] = 0.19
    matte = ops.matte(alpha, guide, 0, EDGES)
    assert (matte.cells[:5, :9] == BACKGROUND).all()


@pytest.mark.parametrize(("side", "shown"), [(4, False), (8, False), (18, True)])
def test_small_pieces_apart_from_the_person_go_and_second_persons_stay(ops: Ops, side: int, shown: bool) -> None:
    guide = ops.guide(scene_frame())
    alpha = blurred_truth(guide)
    alpha[1:1 + side // 2, 2:2 + side] = 1
    matte = ops.matte(alpha, guide, 0, EDGES)
    assert bool(matte.alpha[1:1 + side // 2, 2:2 + side].mean() > 128) is shown
    assert (matte.alpha[40:, 30:50] > 250).all()


def blurred_truth(guide: Guide) -> FloatArray:
    height, width = guide.planes.shape[1:]
    truth = is_person()[guide.factor // 2::guide.factor, guide.factor // 2::guide.factor][:height, :width]
    padded = np.pad(truth.astype(np.float32), 2, mode="edge")
    return np.mean([padded[y:y + height, x:x + width] for y in range(5) for x in range(5)], axis=0, dtype=np.float32)


def test_mean_colours_are_the_persons_and_the_backgrounds(ops: Ops) -> None:
    frame, background = scene_frame(), np.full(i420_shape(SIZE), 90, np.uint8)
    i420_planes(background)[1][:], i420_planes(background)[2][:SIZE.height // 4] = 70, 110
    guide, matte = made_matte(ops, frame, blurred_truth)
    person, back = ops.mean_colours(guide, matte, background)
    middle = guide.planes[:, 40, 40].astype(float)
    assert person == pytest.approx(middle, abs=4)
    assert back == pytest.approx([90, 70, 100], abs=2)
    nobody = ops.matte(np.zeros(guide.planes.shape[1:], np.float32), guide, 0, EDGES)
    for found in ops.mean_colours(guide, nobody, background):
        assert found == pytest.approx(back)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_tone_brightens_and_tints_every_pixel(ops: Ops, size: Size) -> None:
    frame = textured(size)
    _, matte = made_matte(ops, frame)
    lit = ops.toned(frame, matte, textured(size, 2).pixels, Tone(1.2, 7.0, -4.0, 0.0))
    assert (lit.seq, lit.pts, lit.size, lit.colour) == (frame.seq, frame.pts, size, frame.colour)
    y, u, v = (plane.astype(float) for plane in frame.planes())
    for plane, expected in zip(lit.planes(), ((y - 16) * 1.2 + 16, u + 7, v - 4), strict=True):
        assert np.abs(plane - np.clip(expected, 0, 255)).max() <= 0.51


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_light_wraps_around_the_person_alone(ops: Ops, size: Size) -> None:
    frame, black = textured(size), np.zeros(i420_shape(size), np.uint8)
    guide, matte = made_matte(ops, frame)
    lit = ops.toned(frame, matte, black, Tone(1.0, 0.0, 0.0, 1.0))
    grid, factor = matte.alpha, guide.factor
    around = cv2.blur(grid.astype(np.float32) / 255, (7, 7), borderType=cv2.BORDER_REPLICATE)
    weight = (1 - around) * (grid / 255)
    share = cv2.resize(weight, (grid.shape[1] * factor, grid.shape[0] * factor))[:size.height, :size.width]
    darker = frame.planes()[0] * (1 - share)
    assert share.max() > 0.25
    assert np.abs(lit.planes()[0] - darker).max() <= 3.5, "samples of a hundredth's weight may be left as they are"


def test_blur_leaves_no_halo_of_the_person(ops: Ops) -> None:
    frame = scene_frame()
    guide = ops.guide(frame)
    matte = ops.matte(blurred_truth(guide), guide, 0, EDGES)
    for sigma in (1.0, 3.0, 8.0, 20.0, 60.0):
        background = i420_to_bgr(ops.blurred_background(guide, matte, sigma), Colour.BT601)
        far = ~is_person() & (np.arange(SIZE.width) % SIZE.width < SIZE.width // 4 - 10)
        assert np.abs(background[far].astype(int) - ROOM).max() <= 12, sigma


def test_blur_blurs_by_the_sigma_it_was_asked_for(ops: Ops) -> None:
    frame = textured(Size(640, 360))
    frame.planes()[0][:, :] = 40
    frame.planes()[0][:, 320:] = 200
    guide = ops.guide(frame)
    matte = ops.matte(np.zeros(guide.planes.shape[1:], np.float32), guide, 0, EDGES)
    for sigma in (3.0, 10.0, 25.0):
        row = i420_planes(ops.blurred_background(guide, matte, sigma))[0][180].astype(float)
        slope = np.gradient(row)
        spread = np.sqrt((slope * (np.arange(640) - 319.5) ** 2).sum() / slope.sum())
        assert spread == pytest.approx(sigma, rel=0.2, abs=1)


def test_network_input_is_rgb_in_both_layouts(ops: Ops) -> None:
    frame = scene_frame()
    planar = ops.network_input(frame, Region.whole(frame.size), Size(64, 48), 1 / 255, 0, planar=True)
    interleaved = ops.network_input(frame, Region.whole(frame.size), Size(64, 48), 1 / 127.5, -1, planar=False)
    assert planar.shape == (1, 3, 48, 64)
    assert interleaved.shape == (1, 48, 64, 3)
    assert planar[0, :, 2, 2] * 255 == pytest.approx(ROOM[::-1], abs=3)
    assert (interleaved[0, 2, 2] + 1) * 127.5 == pytest.approx(ROOM[::-1], abs=3)


@pytest.mark.parametrize("kind", list(PixelFormat))
@pytest.mark.parametrize("mirror", [False, True])
def test_prepare_makes_every_format_the_same_picture(ops: Ops, kind: PixelFormat, mirror: bool) -> None:
    picture = scene_bgr()
    picture[:40, :40] = 250
    ready = ops.prepare(packed(picture, kind), Size(160, 120), Colour.BT709, mirror)
    assert (ready.size, ready.colour, ready.format) == (Size(160, 120), Colour.BT709, PixelFormat.I420)
    shown = i420_to_bgr(ready.pixels, Colour.BT709)
    corner = shown[4:16, 144:156] if mirror else shown[4:16, 4:16]
    assert corner.mean() == pytest.approx(250, abs=4)
    assert shown[80, 80] == pytest.approx(picture[160, 160], abs=5)


def packed(picture: Pixels, kind: PixelFormat) -> Frame:
    start = scene_frame()
    if kind is PixelFormat.BGR24:
        return Frame(picture, kind, 0, start.pts)
    i420 = np.empty_like(start.pixels)
    from vcam.ops.colour import bgr_to_i420

    bgr_to_i420(picture, Colour.BT601, i420)
    y, u, v = i420_planes(i420)
    if kind is PixelFormat.NV12:
        i420 = np.vstack([y, np.dstack([u, v]).reshape(-1, y.shape[1])])
    elif kind is PixelFormat.YUYV:
        i420 = np.empty((y.shape[0], y.shape[1] * 2), np.uint8)
        i420[:, 0::2], i420[:, 1::4], i420[:, 3::4] = y, np.repeat(u, 2, 0), np.repeat(v, 2, 0)
    return Frame(i420, kind, 0, start.pts)


def test_prepare_hands_on_what_fits_already(ops: Ops) -> None:
    frame = scene_frame()
    assert ops.prepare(frame, SIZE, Colour.BT601, mirror=False) is frame


def test_filter_is_steady_at_rest_and_immediate_in_motion(ops: Ops) -> None:
    guide = ops.guide(scene_frame())
    moved = scene_frame(1)
    moved.planes()[0][:, 160:] = 235
    other = ops.guide(moved)
    no = np.zeros(guide.planes.shape[1:], np.float32)
    yes = no + 1
    settings_ = TemporalSettings()
    _, before = ops.follow(no, guide, None, 0, settings_)
    _, after = ops.follow(yes, other, before, 1 / 30, settings_)
    assert after.probability[:, :30].max() == pytest.approx(settings_.still_weight, abs=0.02)
    assert after.probability[:, 50:].min() > 0.98


def test_filter_follows_time_not_frames(ops: Ops) -> None:
    guide = ops.guide(scene_frame())
    no = np.zeros(guide.planes.shape[1:], np.float32)
    yes = no + 1
    _, start = ops.follow(no, guide, None, 0, TemporalSettings())
    _, once = ops.follow(yes, guide, start, 2 / 30, TemporalSettings())
    _, half = ops.follow(yes, guide, start, 1 / 30, TemporalSettings())
    _, twice = ops.follow(yes, guide, half, 1 / 30, TemporalSettings())
    assert float(once.probability.mean()) == pytest.approx(float(twice.probability.mean()), abs=1e-3)


def test_what_moves_is_soft(ops: Ops) -> None:
    guide = ops.guide(scene_frame())
    moved = scene_frame(1)
    moved.planes()[0][:120] = 235
    half = np.zeros(guide.planes.shape[1:], np.float32)
    half[:, 40:] = 1
    _, before = ops.follow(half, guide, None, 0, TemporalSettings())
    alpha, _ = ops.follow(half, ops.guide(moved), before, 1 / 30, TemporalSettings())
    assert (alpha[40:, 39:41] == (0, 1)).all()
    assert alpha[5:25, 39:41] == pytest.approx(np.broadcast_to((1 / 3, 2 / 3), (20, 2)), abs=0.01)


def test_a_second_look_corrects_the_first_where_it_looked(ops: Ops) -> None:
    guide = ops.guide(scene_frame())
    first = np.full(guide.planes.shape[1:], 0.5, np.float32)
    look = ops.second_look(first, np.ones_like(first), Region(80, 40, 160, 120), guide)
    after = ops.corrected(first, guide, look)
    assert after[10:30, 20:60].min() == pytest.approx(0.5 + 0.5 * 2 / 3, abs=0.01)
    assert (np.diff(after[31:40, 40]) < 0).all(), "it fades out below"
    outside = np.ones(first.shape, bool)
    outside[10:40, 20:60] = False
    assert (after[outside] == 0.5).all()


def test_an_old_second_look_counts_only_where_nothing_changed(ops: Ops) -> None:
    guide = ops.guide(scene_frame())
    first = np.full(guide.planes.shape[1:], 0.5, np.float32)
    look = ops.second_look(first, np.ones_like(first), Region.whole(guide.size), guide)
    changed = scene_frame(1)
    changed.planes()[0][:, :160] = 235
    differs = first.copy()
    differs[50:] = 0
    after = ops.corrected(differs, ops.guide(changed), look)
    assert after[:48, :38] == pytest.approx(differs[:48, :38]), "the picture changed"
    assert after[:48, 42:].min() > 0.8
    assert after[50:, 42:].max() == 0, "the first look changed"


def test_evidence_lies_where_the_network_looked(ops: Ops) -> None:
    guide = ops.guide(scene_frame())
    region = Region(80, 40, 160, 120)
    placed = np.asarray(ops.evidence(np.ones((64, 64), np.float32), region, guide))
    rows, columns = slice(40 // guide.factor, 160 // guide.factor), slice(80 // guide.factor, 240 // guide.factor)
    assert placed[rows, columns].min() == 1
    assert placed.sum() == placed[rows, columns].size
    elsewhere = np.full(placed.shape, 0.25, np.float32)
    both = np.asarray(ops.joined(placed, region, elsewhere, guide))
    assert both[rows, columns].min() == 1
    assert both[0, 0] == 0.25
    assert elsewhere.max() == 0.25, "the other evidence is not written to"


def test_extent_encloses_the_person_without_specks(ops: Ops) -> None:
    guide = ops.guide(scene_frame())
    found = np.zeros(guide.planes.shape[1:], np.float32)
    assert ops.extent(found, guide) is None
    found[20:50, 30:60] = 0.9
    found[2:4, 2:4] = 0.9
    assert ops.extent(found, guide) == Region(120, 80, 120, 120)


@pytest.mark.parametrize(("rows", "columns", "touches"), [
    (slice(20, 30), slice(30, 40), False), (slice(20, 30), slice(20, 30), True), (slice(10, 20), slice(30, 40), True),
    (slice(20, 60), slice(30, 40), False), (slice(20, 30), slice(30, 60), True)])
def test_only_a_side_inside_the_frame_can_be_touched(ops: Ops, rows: slice, columns: slice, touches: bool) -> None:
    guide = ops.guide(scene_frame())
    found = np.zeros(guide.planes.shape[1:], np.float32)
    found[rows, columns] = 1
    assert ops.touches_edge(found, Region(80, 40, 160, 200), guide) is touches


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 7.0, -3.0])
def test_what_is_no_probability_is_refused(ops: Ops, bad: float) -> None:
    guide = ops.guide(scene_frame())
    answer = np.full((64, 64), 0.5, np.float32)
    answer[10:14, 10:14] = bad
    with pytest.raises(SegmenterError):
        ops.evidence(answer, Region.whole(guide.size), guide)


@settings(max_examples=15, deadline=None)
@given(width=st.integers(16, 700).map(lambda n: 2 * n), height=st.integers(16, 500).map(lambda n: 2 * n),
       seed=st.integers(0, 2 ** 20))
def test_any_size_renders_and_shows_nothing_of_a_background_matte(ops: Ops, width: int, height: int,
                                                                  seed: int) -> None:
    size = Size(width, height)
    frame = scene_frame(0, size)
    guide = ops.guide(frame)
    assert max(guide.planes.shape[1:]) <= guided.WIDEST_GRID
    rng = np.random.default_rng(seed)
    alpha = np.clip(rng.normal(0.5, 0.5, guide.planes.shape[1:]), 0, 1).astype(np.float32)
    out = ops.composite(frame, ops.matte(alpha, guide, 0, EDGES), np.full(i420_shape(size), 90, np.uint8))
    assert out.shape == i420_shape(size)
    nothing = ops.matte(np.zeros_like(alpha), guide, 0, EDGES)
    covered = ops.composite(frame, nothing, np.full(i420_shape(size), 90, np.uint8))
    assert room_share(i420_to_bgr(covered, Colour.BT601)) == 0
