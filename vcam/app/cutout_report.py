"""What ``vcam cutout`` tells while it works: a bar on a terminal, or events as JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from vcam.app.console import err, out, say_error
from vcam.cutting.looking import Quality
from vcam.cutting.service import Failure
from vcam.cutting.wishes import Note, Progress, Result, share

_WORDS = {"survey": "looking for people", "see": "looking closely", "render": "cutting out", "join": "putting together"}
_EVERY_SECONDS = 0.5


class Reporter:
    """Tells a person."""

    def __init__(self, quality: Quality) -> None:
        self._quality = quality
        self._bar = Bar(TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
                        TextColumn("{task.fields[rate]}"), TimeRemainingColumn(), console=err, transient=True,
                        disable=not err.is_terminal)
        self._tasks: dict[Path, Any] = {}
        self._began: dict[tuple[Path, str], tuple[float, int]] = {}

    def close(self) -> None:
        """Take the bar away."""
        self._bar.stop()

    def event(self, event: Progress | Note) -> None:
        if isinstance(event, Note):
            err.print(f"{escape(event.source.name)}: {escape(event.text)}", highlight=False, style="dim")
            return
        if event.source not in self._tasks:
            self._bar.start()
            self._tasks[event.source] = self._bar.add_task("", total=1.0, rate="")
        began, first = self._began.setdefault((event.source, event.stage), (time.monotonic(), event.done))
        seconds = time.monotonic() - began
        rate = f"{(event.done - first) / seconds:.1f} fps" if seconds > 1 else ""
        self._bar.update(self._tasks[event.source], completed=share(event, self._quality), rate=rate,
                         description=f"{escape(event.source.name)}: {_WORDS[event.stage]}")

    def hint(self, text: str) -> None:
        err.print(escape(text), highlight=False, style="dim")

    def done(self, result: Result) -> None:
        self._forget(result.source)
        out.print(f"{result.output}", highlight=False, markup=False)
        if result.preview is not None:
            out.print(f"{result.preview}", highlight=False, markup=False)

    def failed(self, failure: Failure) -> None:
        self._forget(failure.source)
        say_error(failure.error)

    def _forget(self, source: Path) -> None:
        if source in self._tasks:
            self._bar.remove_task(self._tasks.pop(source))
            self._bar.stop()


class JsonReporter(Reporter):
    """Tells a program: one event a line on standard output."""

    def __init__(self, quality: Quality) -> None:
        super().__init__(quality)
        self._last: dict[Path, tuple[str, float]] = {}

    def event(self, event: Progress | Note) -> None:
        if isinstance(event, Note):
            self._say("note", event.source, text=event.text)
            return
        stage, told = self._last.get(event.source, ("", 0.0))
        now = time.monotonic()
        began, first = self._began.setdefault((event.source, event.stage), (now, event.done))
        if stage == event.stage and event.done < event.total and now - told < _EVERY_SECONDS:
            return
        self._last[event.source] = (event.stage, now)
        rate = (event.done - first) / (now - began) if now > began else None
        self._say("progress", event.source, stage=event.stage, done=event.done, total=event.total,
                  share=round(share(event, self._quality), 4), fps=None if rate is None else round(rate, 2))

    def hint(self, text: str) -> None:
        self._line({"event": "hint", "text": text})

    def done(self, result: Result) -> None:
        self._say("done", result.source, output=str(result.output), pictures=result.pictures,
                  person=round(result.person, 4), notes=list(result.notes),
                  preview=None if result.preview is None else str(result.preview))

    def failed(self, failure: Failure) -> None:
        self._say("failed", failure.source, error=failure.error.message, hint=failure.error.hint)

    def _say(self, name: str, source: Path, **fields: object) -> None:
        self._line({"event": name, "file": str(source), **fields})

    @staticmethod
    def _line(event: dict[str, object]) -> None:
        sys.stdout.write(json.dumps(event) + "\n")
        sys.stdout.flush()


@contextmanager
def reporter(as_json: bool, quality: Quality) -> Iterator[Reporter]:
    """The one that was asked for, at work."""
    chosen = (JsonReporter if as_json else Reporter)(quality)
    try:
        yield chosen
    finally:
        chosen.close()
