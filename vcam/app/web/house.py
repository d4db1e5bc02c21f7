"""What every room of the panel works with, and the errors that they all explain alike."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar

from starlette.responses import JSONResponse

from vcam.app.web.looks import Looks
from vcam.app.web.place import Place
from vcam.control.commands import Command
from vcam.control.controller import Controller
from vcam.control.state import State
from vcam.engine.jobs import JobWorker
from vcam.errors import ControlError, UsageError, VcamError

Result = TypeVar("Result")
_STOP_SECONDS = 2.0


class House:
    """The running vcam as the panel sees it, and threads for what would keep the others waiting."""

    def __init__(self, controller: Controller, looks: Looks, place: Place) -> None:
        self.controller = controller
        self.looks = looks
        self.place = place
        self._jobs, self._checks = JobWorker("panel work"), JobWorker("panel checks")
        self._jobs.start()
        self._checks.start()
        self._callers: set[Callable[[], None]] = set()

    async def obey(self, command: Command) -> State:
        """Have a command carried out; the state afterwards.

        Raises:
            VcamError: it cannot be done.
        """
        return await _awaited(self.controller.submit(command))

    async def aside(self, work: Callable[[], Result]) -> Result:
        """What ``work`` gives, while the event loop goes on.

        Raises:
            ControlError: vcam is stopping.
            Exception: what ``work`` raises.
        """
        return await _awaited(self._jobs.ask(work))

    async def check(self, work: Callable[[], Result]) -> Result:
        """As ``aside``, for what takes seconds and must not keep thumbnails and uploads waiting."""
        return await _awaited(self._checks.ask(work))

    @property
    def folder(self) -> Path | None:
        """The setting ``backgrounds_folder``."""
        chosen = self.controller.state().settings.get("backgrounds_folder")
        return Path(chosen) if chosen else None

    def at_the_end(self, call: Callable[[], None]) -> Callable[[], None]:
        """Have ``call`` called when the panel closes; returns what takes that back."""
        self._callers.add(call)
        return lambda: self._callers.discard(call)

    def close(self) -> None:
        """Send everybody home."""
        self.looks.end()
        for call in tuple(self._callers):
            call()
        for worker in (self._jobs, self._checks):
            worker.stop(_STOP_SECONDS)


def refusal(error: VcamError) -> JSONResponse:
    """The answer to a request that cannot be followed."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if isinstance(error, UsageError) else HTTPStatus.CONFLICT
    return JSONResponse({"error": error.message, "hint": error.hint}, status)


def refused(status: HTTPStatus, why: str, hint: str = "") -> JSONResponse:
    """The answer to a request that is wrong in itself."""
    return JSONResponse({"error": why, "hint": hint}, status)


async def _awaited(future: Future[Result]) -> Result:
    try:
        return await asyncio.wrap_future(future)
    except asyncio.CancelledError as error:
        if not future.cancelled():
            raise
        raise ControlError("vcam is stopping", "start it again: vcam run") from error
