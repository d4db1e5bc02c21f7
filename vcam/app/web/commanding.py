"""Commands over HTTP: the table's own, one path each."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vcam.app.web.house import House, refusal, refused
from vcam.backdrops import VIDEOS
from vcam.control.commands import TABLE, Command
from vcam.control.verbs import Verb
from vcam.errors import UsageError, VcamError
from vcam.sources import PICTURES

LONGEST_BODY = 1 << 16
_NETWORK = re.compile(r"(rtmps?|rtsps?|srt|udp|https?)://")
_DEVICE = re.compile(r"(v4l2|virtualcam|camera):/dev/video\d+")


def path_of(verb: Verb) -> str:
    """Where a verb is: ``/commands/profile/use``."""
    return f"/commands/{verb.word.replace(' ', '/')}"


class Commanding:
    """``POST /commands/WORD`` with the arguments as a JSON object."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def obey(self, request: Request) -> Response:
        word = str(request.path_params["word"]).replace("/", " ")
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            # A form of a foreign page cannot say this.
            return refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "a command is told as JSON",
                           "send the header Content-Type: application/json")
        try:
            verb = TABLE.find(word)
        except UsageError as error:
            return refused(HTTPStatus.NOT_FOUND, error.message, error.hint)
        try:
            arguments = await _arguments(request)
            self._check_reach(verb, arguments)
            return JSONResponse((await self._house.obey(_command(verb, arguments))).as_dict())
        except VcamError as error:
            return refusal(error)

    def _check_reach(self, verb: Verb, arguments: dict[str, Any]) -> None:
        """Where other machines can reach the panel, its visitors do not get to the files of this one.

        Raises:
            UsageError: an argument names a file.
        """
        if not self._house.place.is_open:
            return
        for parameter in verb.parameters:
            value = arguments.get(parameter.name)
            if parameter.told.is_path and any(_names_file(text) for text in _texts(value)):
                raise UsageError(f"'{value}' names a file, which the panel allows only where other machines cannot "
                                 "reach it", "upload it as a background, or use the command line")


async def _arguments(request: Request) -> dict[str, Any]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BODY:
            raise UsageError("the command is far too long", f"{LONGEST_BODY} bytes are enough for each")
    try:
        arguments = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise UsageError("the command's arguments are not JSON", 'they look like {"strength": 60}') from error
    if not isinstance(arguments, dict):
        raise UsageError("the command's arguments are not an object", 'they look like {"strength": 60}')
    return arguments


def _command(verb: Verb, arguments: dict[str, Any]) -> Command:
    names = {parameter.name for parameter in verb.parameters}
    for name in arguments.keys() - names:
        raise UsageError(f"'{verb.word}' has no argument '{name}'", verb.usage)
    return TABLE.from_json({"command": verb.word, "arguments": arguments})


def _texts(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [part.strip() for text in values if isinstance(text, str) for part in text.split(",")]


def _names_file(text: str) -> bool:
    if _NETWORK.match(text) or _DEVICE.fullmatch(text):
        return False
    ending = "." + text.rpartition(".")[2].lower()
    return any(mark in text for mark in "/\\~") or ending in PICTURES | VIDEOS | {".y4m"} or text.startswith("file:")
