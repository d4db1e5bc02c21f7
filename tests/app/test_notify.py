from __future__ import annotations

import logging
import sys
from types import ModuleType
from typing import Any

import pytest

from tests.app.tray.states import state
from vcam.app.notify import PATIENCE_SECONDS, QUIET_SECONDS, Notifier, Watch

LOST = state("card", "camera 0 is gone")


def titles(watch: Watch, told: dict[str, Any], now: float) -> list[str]:
    return [notice.title for notice in watch.seen(told, now)]


def test_a_lost_camera_is_told_once() -> None:
    watch = Watch()
    assert titles(watch, LOST, 0) == []
    assert [notice.text for notice in watch.seen(LOST, PATIENCE_SECONDS)] == ["camera 0 is gone"]
    assert all(titles(watch, LOST, PATIENCE_SECONDS + second) == [] for second in range(100))


def test_a_plug_that_is_only_moved_is_not_told() -> None:
    watch = Watch()
    for second in range(0, 30, 3):
        assert [titles(watch, told, second + later) for later, told in enumerate((LOST, LOST, state()))] == [[]] * 3


def test_a_loose_plug_is_not_told_again_and_again() -> None:
    watch = Watch()
    heard = []
    for second in range(int(QUIET_SECONDS)):
        told = state() if second % 10 == 0 else LOST
        heard += titles(watch, told, second)
    assert len(heard) == 1
    assert titles(watch, LOST, 2 * QUIET_SECONDS) != []


def test_hiding_is_no_trouble() -> None:
    watch = Watch()
    assert [titles(watch, state("panic", privacy="panic"), second) for second in range(10)] == [[]] * 10


def test_a_gpu_that_is_not_used_is_told_with_its_reason() -> None:
    notices = Watch().seen(state(device="CPU (the GPU is not used: the driver is too old)"), 0)
    assert [notice.text for notice in notices] == ["the driver is too old"]
    assert Watch().seen(state(device="CPU"), 0) == []


def test_a_gpu_that_is_given_up_is_told_unless_the_user_wanted_that() -> None:
    watch, chosen = Watch(), Watch()
    for one in (watch, chosen):
        assert one.seen(state(device="NVIDIA H100"), 0) == []
    assert titles(watch, state(device="CPU"), 1) == ["vcam went on with the processor"]
    assert titles(chosen, state(device="CPU", settings={"device": "cpu"}), 1) == []


def test_an_output_that_fails_is_told() -> None:
    assert [notice.text for notice in Watch().seen(state(sink_problem="disk full"), 0)] == ["disk full"]


@pytest.mark.parametrize("broken", ["import", "send"])
def test_a_desktop_that_shows_none_is_said_once_and_harms_nobody(
        broken: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def __init__(self, *given: object) -> None:
            """Looks as if it worked."""

        def send(self, *given: object) -> None:
            raise OSError("no service")

    library = ModuleType("desktop_notifier.sync")
    library.DesktopNotifierSync = Broken  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "desktop_notifier", ModuleType("desktop_notifier"))
    monkeypatch.setitem(sys.modules, "desktop_notifier.sync", None if broken == "import" else library)
    notifier = Notifier()
    notifier.start()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            notifier.tell("title", "text")
        notifier._jobs.ask(lambda: None).result(10)
    notifier.stop()
    assert len([record for record in caplog.records if "cannot be shown" in record.message]) == 1
