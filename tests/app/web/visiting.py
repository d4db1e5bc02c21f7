"""A panel over a real run, and visitors who may say whatever they like in their requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.control.desk import Desk, assembled
from tests.parts import MemorySink
from vcam.app.web.panel import Panel
from vcam.app.web.place import Place
from vcam.control.controller import Controller
from vcam.control.director import Director
from vcam.control.memory import Memory, Remembered
from vcam.control.profiles import Profiles

JSON = {"Content-Type": "application/json"}
TOKEN = "a-token-of-the-tests"


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Visit:
    """A panel, and what is behind it."""

    def __init__(self, panel: Panel, desk: Desk, folder: Path) -> None:
        self.panel, self.desk, self.folder = panel, desk, folder
        self.port = int(panel.url.rstrip("/").rpartition(":")[2])

    def connection(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=30)

    def open(self, path: str, **headers: str) -> tuple[HTTPConnection, HTTPResponse]:
        """A stream: close the connection when done."""
        connection = self.connection()
        connection.request("GET", path, headers=headers)
        return connection, connection.getresponse()

    def ask(self, path: str, method: str = "GET", body: bytes | None = None,
            headers: dict[str, str] | None = None) -> Answer:
        connection = self.connection()
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def tell(self, word: str, **arguments: object) -> Answer:
        """A command."""
        return self.ask(f"/commands/{word.replace(' ', '/')}", "POST", json.dumps(arguments).encode(), JSON)

    def upload(self, name: str, data: bytes) -> Answer:
        return self.ask(f"/backgrounds?name={name}", "POST", data, {"Content-Type": "application/octet-stream"})


@contextmanager
def visit(monkeypatch: pytest.MonkeyPatch, folder: Path, host: str = "127.0.0.1", token: str = "",
          **flags: object) -> Iterator[Visit]:
    """Everything started, and the first composites seen; closed at the end."""
    assembly, configuration = assembled(monkeypatch, backgrounds_folder=str(folder / "own"), **flags)
    director = Director(assembly, configuration.settings, configuration, Remembered(),
                        Profiles(folder / "profiles.toml"))
    controller = Controller(director, Memory(folder / "state.json"))
    place = Place(host, 0, token)
    listening = place.bind()
    panel = Panel(controller, assembly.run, place, listening)
    kept = MemorySink()
    assembly.run.start()
    assembly.run.parts.outputs.add(kept)
    assembly.sinks.append(("memory:", kept))
    controller.start()
    panel.start()
    try:
        kept.wait_for(lambda sink: len(sink.kinds) > 3 and sink.kinds[-1] != "card", 60)
        yield Visit(panel, Desk(controller, director, assembly, kept), folder)
    finally:
        panel.stop()
        controller.stop()
        assembly.run.finish()
