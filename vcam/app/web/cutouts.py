"""Cut-outs of visitors' files: taken in, worked at one after another beside the live picture, and given back."""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from vcam.app.web.house import House, refusal, refused
from vcam.app.web.uploads import LARGEST_PICTURE, TooLargeError, harmless_name, receive
from vcam.control.memory import state_path
from vcam.cutting.looking import Quality
from vcam.engine.jobs import JobWorker
from vcam.errors import ControlError, UsageError, VcamError
from vcam.sources import PICTURES

LARGEST_FILM = 4 << 30
MOST = 8
_STOP_SECONDS = 5.0


@dataclass(slots=True)
class Cutout:
    """A file that was brought, and what became of it. ``stage``: waiting, working, done or failed."""

    source: Path
    quality: Quality
    number: str = field(default_factory=lambda: secrets.token_hex(8))
    stage: str = "waiting"
    share: float = 0.0
    notes: tuple[str, ...] = ()
    result: Path | None = None
    error: str = ""
    hint: str = ""
    unwanted: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As visitors are told."""
        return {"id": self.number, "name": self.source.name, "stage": self.stage, "share": round(self.share, 4),
                "notes": list(self.notes), "result": self.result.name if self.result else "", "error": self.error,
                "hint": self.hint}


class Cutouts:
    """``/cutouts``: a folder each, that goes with the cut-out, and with the panel."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._made: dict[str, Cutout] = {}
        self._worker: JobWorker | None = None
        name = house.controller.state().instance
        self._folder = state_path(name).parent / f"cutouts{'-' + name if name else ''}"
        house.at_the_end(self.close)

    async def list(self, request: Request) -> Response:
        """``GET /cutouts``, and ``POST /cutouts?name=talk.mp4&quality=best`` with the file as the body."""
        if request.method == "POST":
            return await self._accept(request)
        return JSONResponse([made.as_dict() for made in self._made.values()])

    async def one(self, request: Request) -> Response:
        """``DELETE /cutouts/ID``: it is not wanted any more, whether done or not."""
        made = self._made.pop(str(request.path_params["id"]), None)
        if made is None:
            return _unknown()
        made.unwanted = True
        if made.stage != "working":  # else its worker clears up
            await self._house.aside(lambda: _remove(made))
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def result(self, request: Request) -> Response:
        """``GET /cutouts/ID/result``."""
        made = self._made.get(str(request.path_params["id"]))
        if made is None or made.result is None:
            return _unknown()
        return FileResponse(made.result, filename=made.result.name)

    def close(self) -> None:
        """Stop working, and remove everything."""
        for made in self._made.values():
            made.unwanted = True
        if self._worker is not None:
            self._worker.stop(_STOP_SECONDS)
            shutil.rmtree(self._folder, ignore_errors=True)

    async def _accept(self, request: Request) -> Response:
        try:
            stem, ending = harmless_name(request.query_params.get("name", ""))
            quality = _quality(request.query_params.get("quality", Quality.FAST.value))
            if len(self._made) >= MOST:
                raise ControlError(f"there are {MOST} cut-outs already", "remove one of them first")
            made = Cutout(self._ready_folder() / secrets.token_hex(8) / f"{stem}{ending}", quality)
            self._made[made.number] = made
            try:
                made.source.parent.mkdir()
                await receive(request, made.source, LARGEST_PICTURE if ending in PICTURES else LARGEST_FILM)
            except BaseException:
                del self._made[made.number]
                _remove(made)
                raise
        except TooLargeError as error:
            return refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, error.message, error.hint)
        except VcamError as error:
            return refusal(error)
        except OSError as error:
            return refused(HTTPStatus.CONFLICT, f"the file cannot be kept: {error.strerror}",
                           f"look at the folder {self._folder}")
        assert self._worker is not None
        self._worker.ask(lambda: self._work(made))
        return JSONResponse(made.as_dict(), HTTPStatus.CREATED)

    def _ready_folder(self) -> Path:
        """The folder and the worker; what a vcam that was killed left there goes."""
        if self._worker is None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir(mode=0o700, parents=True)
            self._worker = JobWorker("cut-outs")
            self._worker.start()
        return self._folder

    def _work(self, made: Cutout) -> None:
        """In the worker's thread, which only waits: the work is done by processes of low priority."""
        if made.unwanted:
            return
        made.stage = "working"
        try:
            _cut_out(made)
        except VcamError as error:
            made.error, made.hint, made.stage = _without_folder(error.message, made), error.hint, "failed"
        except Exception as error:
            made.error, made.stage = f"{type(error).__name__}: {error}", "failed"
        else:
            made.stage = "done"
        if made.unwanted:
            _remove(made)


def _cut_out(made: Cutout) -> None:
    from vcam.cutting.service import cut_out_aside
    from vcam.cutting.wishes import Note, Progress, Wishes, share

    def told(event: Progress | Note) -> None:
        if isinstance(event, Progress):
            made.share = max(made.share, share(event, made.quality))
        else:
            made.notes = (*made.notes, event.text)

    found = cut_out_aside(made.source, made.source.parent, Wishes(quality=made.quality, overwrite=True), told,
                          lambda: made.unwanted)
    made.result, made.share = found.output, 1.0
    made.source.unlink(missing_ok=True)


def _quality(word: str) -> Quality:
    try:
        return Quality(word)
    except ValueError:
        raise UsageError(f"unknown quality '{word[:20]}'", f"known: {', '.join(Quality)}") from None


def _without_folder(text: str, made: Cutout) -> str:
    """Where it is kept is nobody's business."""
    return text.replace(f"{made.source.parent}/", "").replace(str(made.source.parent), "")


def _remove(made: Cutout) -> None:
    shutil.rmtree(made.source.parent, ignore_errors=True)


def _unknown() -> Response:
    return refused(HTTPStatus.NOT_FOUND, "there is no such cut-out, or it is not done", "GET /cutouts lists them")
