"""Work that is no live run: many independent tasks, on one process or on all cores.

An engine runs tasks and gives back their results as they come, in any order. Tasks may be run twice (a process that
dies takes its task with it), so what they write must be the same each time. ``LocalEngine`` uses this machine; whatever
else can call a picklable object elsewhere can stand in for it.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import sys
import threading
import types
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, Protocol, Self

from vcam.errors import EngineError

Tick = Callable[[int], None]

_POLL_SECONDS = 0.1
_MOST_TRIES = 3
_NICE = 10
_SPAWN = multiprocessing.get_context("spawn")  # a fork would inherit locked locks of libraries' threads


class Task(Protocol):
    """A picklable piece of work. ``tick`` is to be called with the number of items done since the last call; it raises
    ``Stopped`` when the run is over."""

    def __call__(self, tick: Tick) -> Any: ...


class Engine(Protocol):
    """Runs tasks."""

    def run(self, tasks: Sequence[Task], tick: Tick) -> Iterator[tuple[int, Any]]:
        """The number of each task and its result, as they are done; ``tick`` hears of items done meanwhile, and of 0
        while there are none. What it raises ends the run.

        Raises:
            VcamError: what a task raised; the others are stopped.
        """

    def close(self) -> None: ...


class Stopped(Exception):
    """The run is over; whatever a task was doing is not wanted any more."""


def cores() -> int:
    """Processors that this program may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class LocalEngine:
    """This machine's processors; with one process everything happens in this one.

    Args:
        processes: at least 1.
        aside: nothing happens in this process, and others have low priority.
    """

    def __init__(self, processes: int, aside: bool = False) -> None:
        self._processes, self._aside = processes, aside
        self._pool: ProcessPoolExecutor | None = None
        self._ticks: Any = None
        self._stop: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, tasks: Sequence[Task], tick: Tick) -> Iterator[tuple[int, Any]]:
        if not self._aside and (self._processes == 1 or len(tasks) < 2):
            for number, task in enumerate(tasks):
                yield number, task(tick)
            return
        tries = dict.fromkeys(range(len(tasks)), 0)
        while tries:
            for number, result in self._run_once(tasks, tries, tick):
                del tries[number]
                yield number, result

    def close(self) -> None:
        """Stop what is running, and wait for it: at most until each process's next item."""
        if self._pool is not None:
            self._stop.set()
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _run_once(self, tasks: Sequence[Task], tries: dict[int, int], tick: Tick) -> Iterator[tuple[int, Any]]:
        """Whatever gets done before a process dies."""
        with _without_main():  # the pool starts its processes as it takes its first tasks
            pool = self._started()
            futures = {pool.submit(_work, tasks[number]): number for number in tries}
        try:
            for future in self._as_done(futures, tick):
                yield futures[future], future.result()
        except BrokenProcessPool as error:
            self.close()
            for number in tries:
                tries[number] += 1
            if max(tries.values(), default=0) >= _MOST_TRIES:
                raise EngineError(f"a worker process died {_MOST_TRIES} times (out of memory?)",
                                  "use fewer processes") from error

    def _as_done(self, futures: dict[Future[Any], int], tick: Tick) -> Iterator[Future[Any]]:
        waiting = set(futures)
        try:
            while waiting:
                done, waiting = wait(waiting, _POLL_SECONDS, FIRST_COMPLETED)
                self._pass_on(tick)
                yield from done
        finally:
            for future in waiting:
                future.cancel()
            if waiting:
                self.close()

    def _pass_on(self, tick: Tick) -> None:
        tick(0)
        while True:
            try:
                tick(self._ticks.get_nowait())
            except queue.Empty:
                return

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._ticks, self._stop = _SPAWN.Queue(), _SPAWN.Event()
            self._pool = ProcessPoolExecutor(self._processes, _SPAWN, _begin,
                                             (self._ticks, self._stop, self._aside))
        return self._pool


@contextmanager
def _without_main() -> Iterator[None]:
    """New processes do not run the main script again: tasks are never defined there, and it may have no guard."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


class _Process:
    """What a worker process knows of its parent."""

    ticks: Any = None
    stop: Any = None


def _begin(ticks: Any, stop: Any, aside: bool) -> None:
    """Set a worker process up: Ctrl-C is the parent's business, and without a parent there is nothing to do."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if aside and hasattr(os, "nice"):
        os.nice(_NICE)
    _Process.ticks, _Process.stop = ticks, stop
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(task: Task) -> Any:
    return task(_tick)


def _tick(items: int) -> None:
    if _Process.stop.is_set():
        raise Stopped
    _Process.ticks.put(items)
