"""Sizes, planes, and memory that is never handed out twice at a time."""

from __future__ import annotations

import contextlib
import gc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parts import scene_frame
from vcam.errors import UsageError
from vcam.frame import Colour, Frame, FramePool, PixelFormat, Size, i420_planes, i420_shape

sides = st.integers(8, 4096).map(lambda n: 2 * n)


@given(sides, sides)
def test_a_size_survives_its_text(width: int, height: int) -> None:
    assert Size.parse(str(Size(width, height))) == Size(width, height)


@pytest.mark.parametrize("text", ["", "0x0", "1280", "1281x720", "1280x721", "9000x720", "-2x4", "axb", "14x14"])
def test_sizes_that_no_video_can_have_are_refused_with_a_way_out(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        Size.parse(text)
    assert "try" in caught.value.hint
    assert caught.value.exit_code == 2


@given(st.text(max_size=12))
def test_any_text_is_a_size_or_a_usage_error(text: str) -> None:
    with contextlib.suppress(UsageError):
        Size.parse(text).check()


def test_short_names() -> None:
    assert Size.parse("720p") == Size(1280, 720)
    assert Size.parse("1080P") == Size(1920, 1080)


def test_planes_are_views_of_the_pixels() -> None:
    pixels = np.arange(6 * 4, dtype=np.uint8).reshape(6, 4)
    y, u, v = i420_planes(pixels)
    assert (y.shape, u.shape, v.shape) == ((4, 4), (2, 2), (2, 2))
    v[:] = 9
    assert (pixels.reshape(-1)[-4:] == 9).all()


@pytest.mark.parametrize(("shape", "kind"), [((48, 64, 3), PixelFormat.BGR24), ((72, 64), PixelFormat.I420),
                                             ((72, 64), PixelFormat.NV12), ((48, 128), PixelFormat.YUYV)])
def test_every_format_knows_its_size(shape: tuple[int, ...], kind: PixelFormat) -> None:
    scene = scene_frame()
    assert Frame(np.zeros(shape, np.uint8), kind, 0, scene.pts).size == Size(64, 48)


def test_matrix_follows_the_height() -> None:
    assert [Colour.for_height(h) for h in (480, 719, 720, 1080)] == [Colour.BT601] * 2 + [Colour.BT709] * 2


def test_pool_recycles_only_what_nobody_sees() -> None:
    pool = FramePool()
    first = pool.take(*i420_shape(Size(32, 16)))
    view = i420_planes(first)[1]
    del first
    gc.collect()
    second = pool.take(*i420_shape(Size(32, 16)))
    assert not np.shares_memory(view, second)
    address = second.ctypes.data
    del second, view
    third = pool.take(*i420_shape(Size(32, 16)))
    assert len(pool) == 2
    fourth = pool.take(*i420_shape(Size(32, 16)))
    assert address in (third.ctypes.data, fourth.ctypes.data)
    assert len(pool) == 2


def test_pool_forgets_a_former_size() -> None:
    pool = FramePool()
    pool.take(10, 10)
    kept = pool.take(20, 20)
    assert kept.shape == (20, 20)
    assert len(pool) == 1


def test_a_pool_gives_back_what_only_a_backlog_needed() -> None:
    pool = FramePool()
    backlog = [pool.take(8, 8) for _ in range(64)]
    kept = backlog[40]
    del backlog
    for _ in range(700):
        current = pool.take(8, 8)
        current[:] = 1
    assert len(pool) < 5
    kept[:] = 7
    assert pool.take(8, 8) is not kept
    assert (kept == 7).all()
