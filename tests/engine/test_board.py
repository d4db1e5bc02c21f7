"""Telling followers: all of them, the newest first of all, and none at another's expense."""

from __future__ import annotations

import threading  # noqa: TID251

import pytest

from vcam.engine.board import Board


def test_followers_are_told_until_they_leave() -> None:
    board: Board[int] = Board()
    first: list[int] = []
    second: list[int] = []
    leave = board.follow(first.append)
    board.follow(second.append)
    board.post(1)
    leave()
    board.post(2)
    assert (first, second) == ([1], [1, 2])


def test_one_that_fails_keeps_no_other_from_it(caplog: pytest.LogCaptureFixture) -> None:
    board: Board[int] = Board()
    heard: list[int] = []
    board.follow(lambda item: heard.append(item // 0))
    board.follow(heard.append)
    board.post(7)
    assert heard == [7]
    assert "follower" in caplog.text


def test_a_feed_gives_the_newest_and_ends_with_the_board() -> None:
    board: Board[int] = Board()
    seen: list[int] = []
    with board.feed() as feed:
        assert board.watched
        board.post(1)
        board.post(2)
        assert feed.get(10) == 2, "who is slow misses what is old"
        reader = threading.Thread(target=lambda: seen.extend(feed))
        reader.start()
        board.post(3)
        while not seen:
            threading.Event().wait(0.01)
        board.close()
        reader.join(10)
        assert not reader.is_alive()
    assert seen == [3]
    assert not board.watched
