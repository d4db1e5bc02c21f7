"""The sinks of a run: fed together, and coming and going while it lasts."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from vcam.engine.clock import Clock
from vcam.engine.meter import Meter
from vcam.engine.output import Output
from vcam.engine.status import SinkStatus
from vcam.engine.worker import Worker
from vcam.errors import SinkError
from vcam.frame import Colour, Rendered, Size
from vcam.sinks import Delivery, OutputFormat, Sink

JOIN_SECONDS = 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rules:
    """What may go out: the card to show and the picture forced by the user (or None) in a size, whether a picture is
    allowed, and whether nobody watches."""

    card: Callable[[Size], Rendered]
    forced: Callable[[Size], Rendered | None]
    allowed: Callable[[Rendered], bool]
    idle: Callable[[], bool]


class _Running(NamedTuple):
    output: Output
    worker: Worker
    stop: threading.Event


class Outputs:
    """All outputs of a run. ``put``, ``nudge`` and the questions are for any thread; one thread at a time changes what
    there is.

    Args:
        zero_ns: clock time that is 0 on the outputs' time line.
        died: told of an error that ends an output's thread.
    """

    def __init__(self, sinks: Sequence[Sink], output: OutputFormat, rules: Rules, clock: Clock, zero_ns: int,
                 died: Callable[[BaseException], None]) -> None:
        self._format = output
        self._rules = rules
        self._clock = clock
        self._zero_ns = zero_ns
        self._died = died
        self._closed = False
        self._running = tuple(self._made(sink, output) for sink in sinks)
        self._overhearing: Sink | None = None

    def overhear(self, sink: Sink) -> None:
        """Also feed a front end that shows what goes out; it is in no status. Before ``open``."""
        self._overhearing = sink
        self._running = (*self._running, self._made(sink, self._format))

    def open(self, patient: bool = False) -> None:
        """Open all sinks. ``patient``: live ones that cannot be opened yet are waited for.

        Raises:
            SinkError: one cannot be opened; those that could are closed again.
        """
        opened: list[Sink] = []
        try:
            for running in self._running:
                if patient and running.output.sink.delivery is Delivery.LATEST:
                    running.output.open_again()
                else:
                    running.output.open()
                opened.append(running.output.sink)
        except SinkError:
            for sink in opened:
                sink.close()
            raise

    def start(self) -> None:
        """Start feeding them, after ``open``."""
        for running in self._running:
            running.worker.start()

    def add(self, sink: Sink) -> None:
        """Open one more sink and feed it.

        Raises:
            SinkError: it cannot be opened, or all are being closed.
        """
        running = self._made(sink, self._format)
        running.output.open()
        running.worker.start()
        self._running = (*self._running, running)
        if self._closed:
            _ended(running)
            raise SinkError(f"{sink.name} is not fed: vcam is stopping", "start it again: vcam run")

    def remove(self, sink: Sink) -> bool:
        """Send a sink what is left and close it; False if it does not end in time and is left behind."""
        leaving = [running for running in self._running if running.output.sink is sink]
        self._running = tuple(running for running in self._running if running not in leaving)
        return all(_ended(running) for running in leaving)

    def reformat(self, output: OutputFormat) -> None:
        """Open every sink again for another size.

        Raises:
            SinkError: one does not take it; all have their former size again.
        """
        before, self._format = self._format, output
        for turn, running in enumerate(self._running):
            try:
                self._reopen(running, output)
            except SinkError:
                self._format = before
                for changed in self._running[:turn + 1]:
                    self._restore(changed, before)
                raise

    def put(self, picture: Rendered) -> None:
        """Hand a picture to every sink; never waits."""
        for running in self._running:
            running.output.put(picture)

    def nudge(self) -> None:
        """What goes out has changed: send it now."""
        for running in self._running:
            running.output.nudge()

    def close(self) -> None:
        """No more pictures: send what is left, then close the sinks."""
        self._closed = True
        for running in self._running:
            running.stop.set()
            running.output.close()

    def join(self) -> None:
        """Wait until all are closed, after ``close``; those that do not end in time are left behind."""
        for running in self._running:
            _ended(running)

    @property
    def watched(self) -> bool:
        """Whether any sink has, or may have, a viewer; one that is lost has none."""
        return any(not running.output.problem and running.output.sink.watchers != 0 for running in self._running)

    def status(self) -> tuple[SinkStatus, ...]:
        return tuple(running.output.status() for running in self._running
                     if running.output.sink is not self._overhearing)

    def _made(self, sink: Sink, output: OutputFormat, meter: Meter | None = None) -> _Running:
        """``meter``: of an earlier output of that sink, which this one continues without a card in between."""
        stop, rules = threading.Event(), self._rules
        told = output if sink.tags_colour else replace(output, colour=Colour.BT601)
        made = Output(sink, told, self._clock, lambda: rules.card(output.size), lambda: rules.forced(output.size),
                      rules.idle, stop, self._zero_ns, rules.allowed, greets=meter is None, meter=meter)
        return _Running(made, Worker(f"sink {sink.name}", made.run, self._died), stop)

    def _reopen(self, running: _Running, output: OutputFormat) -> None:
        if not _ended(running):
            raise SinkError(f"{running.output.sink.name} is busy and does not let go", "try again")
        again = self._made(running.output.sink, output, running.output.meter)
        again.output.open()
        self._replace(running, again)

    def _restore(self, running: _Running, output: OutputFormat) -> None:
        if not _ended(running):  # it still holds the sink: nobody else may
            self._running = tuple(other for other in self._running if other is not running)
            return
        again = self._made(running.output.sink, output, running.output.meter)
        again.output.open_again()
        self._replace(running, again)

    def _replace(self, running: _Running, again: _Running) -> None:
        again.worker.start()
        self._running = tuple(again if other is running else other for other in self._running)
        if self._closed:
            _ended(again)


def _ended(running: _Running) -> bool:
    running.stop.set()
    running.output.close()
    if running.worker.join(JOIN_SECONDS):
        return True
    log.warning("%s does not stop; leaving it behind", running.worker.name)
    return False
