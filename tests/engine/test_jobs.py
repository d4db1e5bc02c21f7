"""Work for another thread: in order, with results and errors, and cancelled when it will never be done."""

from __future__ import annotations

import threading  # noqa: TID251
from concurrent.futures import CancelledError

import pytest

from vcam.engine.jobs import Jobs, JobWorker


def fail() -> None:
    raise KeyError("inside")


def test_results_and_errors_go_to_who_asked_and_the_rest_goes_on() -> None:
    worker = JobWorker("test")
    worker.start()
    first, second, third = worker.ask(lambda: 1), worker.ask(fail), worker.ask(lambda: threading.current_thread().name)
    assert first.result(10) == 1
    with pytest.raises(KeyError, match="inside"):
        second.result(10)
    assert third.result(10) == "vcam test"
    worker.stop(10)


def test_they_are_done_in_order_and_only_when_their_thread_comes() -> None:
    rung: list[bool] = []
    done: list[int] = []
    jobs = Jobs(ring=lambda: rung.append(True))
    futures = [jobs.ask(lambda number=number: done.append(number)) for number in range(5)]  # type: ignore[misc]
    assert not any(future.done() for future in futures)
    jobs.carry_out()
    assert done == [0, 1, 2, 3, 4]
    assert len(rung) == 5


def test_what_was_given_up_is_not_done() -> None:
    jobs = Jobs()
    done: list[int] = []
    first, second = jobs.ask(lambda: done.append(1)), jobs.ask(lambda: done.append(2))
    assert first.cancel()
    jobs.carry_out()
    assert done == [2]
    assert second.done()


def test_nobody_waits_for_work_that_will_never_be_done() -> None:
    jobs = Jobs()
    waiting = jobs.ask(lambda: 1)
    jobs.close()
    for future in (waiting, jobs.ask(lambda: 2)):
        with pytest.raises(CancelledError):
            future.result(10)


def test_a_worker_that_is_stopped_finishes_what_it_is_at() -> None:
    begun, go_on = threading.Event(), threading.Event()
    done: list[bool] = []

    def work() -> None:
        begun.set()
        go_on.wait(10)
        done.append(True)

    worker = JobWorker("test")
    worker.start()
    future, never = worker.ask(work), worker.ask(lambda: done.append(False))
    begun.wait(10)
    worker.stop(0)
    go_on.set()
    assert future.result(10) is None
    assert never.cancelled()
    assert done == [True]
