"""Pictures and videos from visitors: read within bounds, decoded before they are accepted, named harmlessly."""

from __future__ import annotations

import re
import unicodedata
from http import HTTPStatus
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vcam.app.web.house import House, refusal, refused
from vcam.app.web.thumbnails import first_frame
from vcam.backdrops import VIDEOS
from vcam.backdrops.library import items, user_folder
from vcam.backdrops.pictures import load_bgr
from vcam.errors import BackdropError, UsageError, VcamError
from vcam.sources import PICTURES
from vcam.wholefile import replacing

LARGEST_PICTURE, LARGEST_VIDEO = 64 << 20, 1 << 30
_LONGEST_NAME = 80
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
# What Windows takes for a device, whatever the ending.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


class TooLargeError(UsageError):
    """More bytes than a background may have."""


def harmless_name(given: str) -> tuple[str, str]:
    """Stem and ending for a file of the backgrounds folder, whatever name was given.

    Raises:
        UsageError: the ending is none of a picture or video.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    plain = "".join(letter for letter in last if not unicodedata.category(letter).startswith("C"))
    stem, dot, ending = _FORBIDDEN.sub(" ", plain).rpartition(".")
    ending = f".{ending.strip().lower()}" if dot else ""
    if ending not in PICTURES | VIDEOS:
        raise UsageError(f"'{last[:_LONGEST_NAME]}' is neither a picture nor a video by its name",
                         f"these are: {', '.join(sorted(PICTURES | VIDEOS))}")
    stem = " ".join(stem.split()).strip(" .")[:_LONGEST_NAME].strip(" .")
    while len(stem.encode()) > 200:
        stem = stem[:-1]
    if not stem or _DEVICES.fullmatch(stem.partition(".")[0].strip()):
        stem = f"background {stem}".strip()
    return stem, ending


async def receive(request: Request, path: Path, most: int) -> None:
    """Write a request's body to a file.

    Raises:
        TooLargeError: it is larger than ``most`` bytes.
    """
    too_large = TooLargeError("the file is too large", f"{most >> 20} MB is the most")
    if int(request.headers.get("content-length") or 0) > most:
        raise too_large
    with path.open("wb") as file:
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > most:
                raise too_large
            file.write(chunk)


class Uploads:
    """``POST /backgrounds?name=beach.jpg`` with the file as the body."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def accept(self, request: Request) -> Response:
        try:
            stem, ending = harmless_name(request.query_params.get("name", ""))
            name = await self._kept(request, stem, ending)
        except TooLargeError as error:
            return refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, error.message, error.hint)
        except VcamError as error:
            return refusal(error)
        except OSError as error:
            return refused(HTTPStatus.CONFLICT, f"'{stem}{ending}' cannot be saved: {error.strerror}",
                           f"look at the folder {user_folder(self._house.folder)}")
        return JSONResponse({"name": name}, HTTPStatus.CREATED)

    async def _kept(self, request: Request, stem: str, ending: str) -> str:
        """Save and check; returns the background's name."""
        folder = user_folder(self._house.folder)
        await self._house.aside(lambda: folder.mkdir(parents=True, exist_ok=True))
        target = folder / f"{_unused(stem, {item.name for item in items(self._house.folder)})}{ending}"
        with replacing(target) as temporary:
            await receive(request, temporary, LARGEST_PICTURE if ending in PICTURES else LARGEST_VIDEO)
            await self._house.aside(lambda: _check(temporary, target.name))
        return target.stem


def _unused(stem: str, taken: set[str]) -> str:
    return next(name for name in (stem, *(f"{stem} {number}" for number in range(2, 10_000))) if name not in taken)


def _check(path: Path, name: str) -> None:
    """Decode it: all of a picture, the beginning of a video.

    Raises:
        BackdropError: it is damaged or something else.
    """
    try:
        load_bgr(path) if path.suffix.lower() in PICTURES else first_frame(path)
    except BackdropError as error:
        raise BackdropError(error.message.replace(str(path), name), error.hint) from error
