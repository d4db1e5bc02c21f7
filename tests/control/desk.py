"""A controller over a real run: bars as the camera, a network that knows where the person is, a sink that keeps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.parts import KnowingSegmenter, MemorySink
from vcam.control import wiring
from vcam.control.commands import TABLE, Command
from vcam.control.configuration import Configuration
from vcam.control.controller import Controller
from vcam.control.director import Director
from vcam.control.memory import Memory, Remembered
from vcam.control.profiles import Profiles
from vcam.control.state import State
from vcam.control.wiring import Assembly
from vcam.frame import Pixels

COLOURS = {"navy": (128, 0, 0), "red": (0, 0, 255), "white": (255, 255, 255)}  # BGR
FLAGS = {"source": "test:", "sink": "null:", "size": "320x240", "background": "colour:navy", "always_on": True}


def command(word: str, **arguments: object) -> Command:
    return TABLE.command(word, **arguments)


def background_of(picture: Pixels) -> str:
    """Which colour is behind the person, or what else there is."""
    corner = picture[120:140, 4:20].reshape(-1, 3).mean(axis=0)
    near = [name for name, bgr in COLOURS.items() if np.abs(corner - bgr).max() < 12]
    return near[0] if near else f"nothing known: {corner.round()}"


class Desk:
    """What a test needs of it."""

    def __init__(self, controller: Controller, director: Director, assembly: Assembly, sink: MemorySink) -> None:
        self.controller, self.director, self.assembly, self.sink = controller, director, assembly, sink

    def obey(self, word: str, **arguments: object) -> State:
        return self.controller.obey(command(word, **arguments))

    def later(self, pictures: int = 4) -> None:
        """Wait until the sink got that many more."""
        seen = len(self.sink.kinds)
        self.sink.wait_for(lambda s: len(s.kinds) >= seen + pictures)

    def shown(self) -> str:
        """What is behind the person now."""
        self.later(2)
        return background_of(self.sink.pictures[-1])


def assembled(monkeypatch: pytest.MonkeyPatch, **flags: object) -> tuple[Assembly, Configuration]:
    monkeypatch.setattr(wiring, "make_segmenter", lambda *arguments: KnowingSegmenter())
    configuration = Configuration(FLAGS | flags)
    return wiring.assemble(configuration.settings), configuration


@contextmanager
def desk(monkeypatch: pytest.MonkeyPatch, folder: Path, remembered: Remembered | None = None, sink: Any = None,
         **flags: object) -> Iterator[Desk]:
    """Everything started, and the first composites seen; closed at the end."""
    assembly, configuration = assembled(monkeypatch, backgrounds_folder=str(folder), **flags)
    director = Director(assembly, configuration.settings, configuration, remembered or Remembered(),
                        Profiles(folder / "profiles.toml"))
    controller = Controller(director, Memory(folder / "state.json"))
    kept = sink or MemorySink()
    assembly.run.start()
    assembly.run.parts.outputs.add(kept)
    assembly.sinks.append(("memory:", kept))
    controller.start()
    kept.wait_for(lambda s: len(s.kinds) > 3 and s.kinds[-1] != "card", 60)
    try:
        yield Desk(controller, director, assembly, kept)
    finally:
        controller.stop()
        assembly.run.finish()
