"""What every sink promises, asked of the PipeWire camera; and what it says where there is no PipeWire."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pipewire.session import Session
from tests.sinks.test_contract import (  # noqa: F401
    OUTPUT,
    test_closes_unopened_and_without_a_picture,
    test_describes_itself,
    test_leaves_no_file_descriptor_open,
    test_opens_again,
    test_refuses_a_picture_of_another_size,
    test_takes_a_picture_of_the_other_matrix,
    test_takes_pictures_and_closes_twice,
)
from vcam.errors import SinkError
from vcam.sinks import Sink, make_sink, pipewire_library
from vcam.sinks.pipewire import PAUSE_GRACE_NS, PipewireSink, Watch
from vcam.sinks.pipewire_library import available

pytestmark = pytest.mark.pipewire


@pytest.fixture
def fresh(session: Session) -> Callable[[], Sink]:
    return lambda: make_sink('pipewire:a "quoted" name, {braces} = \\ ü')


def test_the_name_is_what_apps_see(session: Session) -> None:
    sink = PipewireSink('a "quoted" name, {braces} = \\ ü')
    sink.open(OUTPUT)
    told = session.ask("ls", "Node")
    sink.close()
    assert 'node.description = "a "quoted" name, {braces} = \\ ü"' in told
    assert 'media.class = "Video/Source"' in told


def test_no_daemon(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with pytest.raises(SinkError, match=r"^PipeWire cannot be reached: .* – .*sudo apt install pipewire wireplumber"):
        PipewireSink().open(OUTPUT)
    reachable, why = available()
    assert not reachable
    assert why.startswith(f"PipeWire is not running: {tmp_path}/pipewire-0: No such file")


def test_no_session(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_RUNTIME_DIR", "PIPEWIRE_RUNTIME_DIR", "USERPROFILE"):
        monkeypatch.delenv(name, raising=False)
    assert available()[1].startswith("there is no PipeWire session: XDG_RUNTIME_DIR is not set – ")


def test_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    uncached = pipewire_library.library.__wrapped__
    monkeypatch.setattr(pipewire_library, "_LIBRARY", "libpipewire-9.9.so.0")
    monkeypatch.setattr(pipewire_library, "library", uncached)
    with pytest.raises(SinkError, match=r"PipeWire's library does not load: .* – sudo apt install pipewire"):
        PipewireSink().open(OUTPUT)
    assert not available()[0]


def test_a_short_pause_is_no_farewell() -> None:
    now = [0]
    watch = Watch(lambda: now[0])
    assert not watch.seen
    for streaming in (True, False, True):
        watch.streams(streaming)
        assert watch.seen
        now[0] += PAUSE_GRACE_NS // 2
    watch.streams(False)
    now[0] += PAUSE_GRACE_NS - 1
    assert watch.seen
    now[0] += 1
    assert not watch.seen
