"""Work that one thread does for others, one piece after another."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from vcam.engine.worker import Worker

Result = TypeVar("Result")


class Jobs:
    """A queue of work: any thread asks, one thread carries it out.

    Args:
        ring: called after something was asked for, to wake the thread that carries it out.
    """

    def __init__(self, ring: Callable[[], None] = lambda: None) -> None:
        self._condition = threading.Condition()
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._closed = False
        self._ring = ring

    def ask(self, work: Callable[[], Result]) -> Future[Result]:
        """Have ``work`` done; the future gives its result or error, and is cancelled if it will never be done."""
        future: Future[Result] = Future()
        with self._condition:
            if self._closed:
                future.cancel()
                return future
            self._waiting.append((future, work))
            self._condition.notify()
        self._ring()
        return future

    def carry_out(self, seconds: float = 0) -> None:
        """Do what is waiting; wait up to ``seconds`` for the first piece of work."""
        with self._condition:
            self._condition.wait_for(lambda: self._waiting or self._closed, seconds)
        while (job := self._next()) is not None:
            future, work = job
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(work())
            except BaseException as error:  # it belongs to the one who asked
                future.set_exception(error)

    def close(self) -> None:
        """Nothing more is done: what waits is cancelled, and so is what is asked from now on."""
        with self._condition:
            self._closed = True
            while self._waiting:
                self._waiting.popleft()[0].cancel()
            self._condition.notify_all()

    @property
    def closed(self) -> bool:
        return self._closed

    def _next(self) -> tuple[Future[Any], Callable[[], Any]] | None:
        with self._condition:
            return self._waiting.popleft() if self._waiting else None


class JobWorker:
    """A thread that does nothing but jobs, in the order in which they were asked for."""

    def __init__(self, name: str) -> None:
        self._jobs = Jobs()
        self.ask = self._jobs.ask
        self._worker = Worker(name, self._work, lambda error: self._jobs.close())

    def start(self) -> None:
        self._worker.start()

    def stop(self, seconds: float) -> None:
        """Cancel what waits, and wait for what is being done."""
        self._jobs.close()
        self._worker.join(seconds)

    def _work(self) -> None:
        while not self._jobs.closed:
            self._jobs.carry_out(60)
