"""Telling the user of trouble while no window of vcam's is in sight: seldom, and not the same thing all the time."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from vcam.engine.jobs import JobWorker

# A plug that is moved, or a USB hub that wakes up, is no trouble yet.
PATIENCE_SECONDS = 2.0
# The same trouble is told once in that time.
QUIET_SECONDS = 120.0
_STOP_SECONDS = 2.0
_UNUSED_GPU = "CPU (the GPU is not used: "

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told. ``kind``: what there is too much of, if it comes again soon."""

    kind: str
    title: str
    text: str


class Watch:
    """Finds trouble in the states of a run."""

    def __init__(self) -> None:
        self._lost_since: float | None = None
        self._device = ""
        self._told: dict[str, float] = {}

    def seen(self, state: Mapping[str, Any], now: float) -> list[Notice]:
        """What to tell of a state; ``now``: seconds of a clock that only goes forward."""
        return [notice for notice in (*self._camera(state, now), *self._processing(state), *_sinks(state))
                if self.may_tell(notice.kind, now)]

    def may_tell(self, kind: str, now: float) -> bool:
        """Whether it is not too soon after the last one of the kind; if so, it counts as told."""
        if now - self._told.get(kind, -QUIET_SECONDS) < QUIET_SECONDS:
            return False
        self._told[kind] = now
        return True

    def _camera(self, state: Mapping[str, Any], now: float) -> Iterator[Notice]:
        if state["run"]["phase"] != "card":
            self._lost_since = None
            return
        if self._lost_since is None:
            self._lost_since = now
        elif now - self._lost_since >= PATIENCE_SECONDS:
            yield Notice("no picture", "Viewers see a card instead of you",
                         state["run"]["problem"] or "no picture comes from the camera")

    def _processing(self, state: Mapping[str, Any]) -> Iterator[Notice]:
        before, self._device = self._device, state["device"]
        if self._device == before or not self._device.startswith("CPU"):
            return
        if self._device.startswith(_UNUSED_GPU):
            yield Notice("processor", "vcam runs on the processor, not on the GPU",
                         self._device.removeprefix(_UNUSED_GPU).removesuffix(")"))
        elif before and not before.startswith("CPU") and state["settings"]["device"] != "cpu":
            yield Notice("processor", "vcam went on with the processor", f"{before} is not used any more")


def _sinks(state: Mapping[str, Any]) -> Iterator[Notice]:
    for sink in state["run"]["sinks"]:
        if sink["problem"]:
            yield Notice(f"sink {sink['name']}", f"{sink['name']} gets no pictures", sink["problem"])


class Notifier:
    """Shows notices through the desktop, in a thread of its own; where that is not possible it is quiet."""

    def __init__(self) -> None:
        self._jobs = JobWorker("notices")
        self._desktop: Any = None
        self._is_known_mute = False

    def start(self) -> None:
        self._jobs.start()

    def stop(self) -> None:
        self._jobs.stop(_STOP_SECONDS)

    def tell(self, title: str, text: str) -> None:
        """Have it shown; never waits."""
        log.info("%s: %s", title, text)
        self._jobs.ask(lambda: self._show(title, text))

    def _show(self, title: str, text: str) -> None:
        try:
            if self._desktop is None:
                from desktop_notifier.sync import DesktopNotifierSync

                self._desktop = DesktopNotifierSync("vcam", None)
            self._desktop.send(title, text)
        except Exception as error:  # no service, no permission, no library: none of it may harm the rest
            self._desktop = None  # a service may be there the next time
            level = logging.DEBUG if self._is_known_mute else logging.WARNING
            log.log(level, "notifications cannot be shown: %s", error)
            self._is_known_mute = True
