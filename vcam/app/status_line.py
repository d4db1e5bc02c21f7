"""The state in the terminal while a run lasts: one line that changes, or JSON lines for scripts."""

from __future__ import annotations

import sys
from types import TracebackType

from rich.live import Live
from rich.text import Text

from vcam.app.console import err
from vcam.control.controller import Controller
from vcam.engine.status import Phase, RunStatus

_COLOURS = {Phase.STARTING: "yellow", Phase.LIVE: "green", Phase.CARD: "red", Phase.STOPPED: "white",
            Phase.IDLE: "blue", Phase.AWAY: "yellow", Phase.FROZEN: "yellow", Phase.PANIC: "red"}


class StatusLine:
    """Shows snapshots of a run; a context manager."""

    def __init__(self, controller: Controller, json: bool) -> None:
        self._controller = controller
        self._json = json
        self._said: set[str] = set()
        self._live = Live(console=err, auto_refresh=False, transient=True)

    def __enter__(self) -> StatusLine:
        if not self._json and err.is_terminal:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._live.stop()

    def show(self, status: RunStatus) -> None:
        """Draw one snapshot."""
        if self._json:
            self._print_json(status)
            return
        for sink in status.sinks:
            if sink.note and sink.note not in self._said:
                self._said.add(sink.note)
                err.print(f"[green]→[/] {sink.note}", highlight=False)
        if self._live.is_started:
            self._live.update(self._line(status), refresh=True)

    def summary(self, status: RunStatus) -> None:
        """The last word: what came out."""
        if self._json:
            self._print_json(status)
            return
        for sink in status.sinks:
            err.print(f"{sink.name}: {sink.sent} pictures, {sink.mean_fps:.2f} fps, {sink.dropped} dropped, "
                      f"delay {sink.delay_ms:.0f} ms (99 %: {sink.delay_p99_ms:.0f} ms)"
                      + (f" · {sink.note}" if sink.note and sink.note not in self._said else ""), highlight=False)

    def _print_json(self, status: RunStatus) -> None:
        sys.stdout.write(self._controller.state(status).to_json() + "\n")
        sys.stdout.flush()

    def _line(self, status: RunStatus) -> Text:
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append(f"● {status.phase} ", style=f"bold {_COLOURS[status.phase]}")
        line.append(f"{status.source} → {status.background} · {status.size} · {status.fps:.1f} fps · "
                    f"{status.cpu:.0f} % CPU · {sum(status.stage_ms.values()):.1f} ms")
        if status.sinks:
            line.append(f" · delay {status.sinks[0].delay_ms:.0f} ms")
        problem = status.problem or next((sink.problem for sink in status.sinks if sink.problem), "")
        if problem:
            line.append(f" · {problem}", style="red")
        return line
