"""A Ray cluster as the engine: tasks run wherever it has a processor, and again elsewhere if a machine is lost.

All machines must see the files under the same paths, and have the same vcam. Nothing is reported to Ray's makers: where
Ray is started here, that is turned off.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any, Self

from vcam import __version__
from vcam.engine.batch import Task, Tick
from vcam.errors import EngineError, VcamError

_POLL_SECONDS = 0.25
_MOST_TRIES = 5
LOCAL = "local"


class RayEngine:
    """The processors of a Ray cluster.

    Args:
        address: of its head (``HOST:6379``, ``ray://HOST:10001``), ``auto`` for the one that runs here, ``local`` for
            a new one of this machine alone.
        processes: how many tasks at once; 0: as many as the cluster has processors.

    Raises:
        EngineError: Ray is not installed, or the cluster cannot be reached.
    """

    def __init__(self, address: str, processes: int = 0) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        try:
            ray: Any = import_module("ray")
        except ImportError as error:
            raise EngineError("Ray is not installed", "pip install 'vcam[cluster]'") from error
        self._ray = ray
        limits = {"num_cpus": processes or None, "include_dashboard": False} if address == LOCAL else {}
        try:
            ray.init(address=address, log_to_driver=False, ignore_reinit_error=True, logging_level="ERROR", **limits)
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
            raise EngineError(f"the Ray cluster '{address}' cannot be reached: {reason}",
                              "start it (ray start --head), or leave --address away") from error
        self._most = processes or max(int(ray.cluster_resources().get("CPU", 1)), 1)
        self._counter = ray.remote(num_cpus=0)(_Counter).remote()
        # What a task raises is an answer; only a process or a machine that is lost makes it run again.
        self._work = ray.remote(num_cpus=1, max_retries=_MOST_TRIES, retry_exceptions=False)(_work)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, tasks: Sequence[Task], tick: Tick) -> Iterator[tuple[int, Any]]:
        waiting = iter(range(len(tasks)))
        running: dict[Any, int] = {}
        try:
            while True:
                while len(running) < self._most and (number := next(waiting, None)) is not None:
                    running[self._work.remote(tasks[number], self._counter, __version__)] = number
                if not running:
                    return
                done, _ = self._ray.wait(list(running), timeout=_POLL_SECONDS)
                tick(self._ray.get(self._counter.take.remote()))
                for reference in done:
                    result = self._result(reference)
                    yield running.pop(reference), result
        finally:
            for reference in running:  # what they write is whole or not there, so nothing is lost by force
                self._ray.cancel(reference, force=True)

    def close(self) -> None:
        """Leave the cluster; one that was started here ends."""
        self._ray.shutdown()

    def _result(self, reference: Any) -> Any:
        try:
            return self._ray.get(reference)
        except self._ray.exceptions.RayTaskError as error:
            if isinstance(error.cause, VcamError):
                raise error.cause from error
            raise
        except self._ray.exceptions.RayError as error:
            raise EngineError(f"worker processes of the cluster died {_MOST_TRIES + 1} times (out of memory?)",
                              "use fewer processes on each machine") from error


class _Counter:
    """Adds up what workers have done since it was last asked."""

    def __init__(self) -> None:
        self._items = 0

    def add(self, items: int) -> None:
        self._items += items

    def take(self) -> int:
        items, self._items = self._items, 0
        return items


def _work(task: Task, counter: Any, version: str) -> Any:
    if version != __version__:
        raise EngineError(f"a machine of the cluster has vcam {__version__}, this one {version}",
                          f"pip install vcam=={version} on all of them")

    def tick(items: int) -> None:
        counter.add.remote(items)

    return task(tick)
