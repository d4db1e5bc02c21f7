"""The controller: every front end gives it commands and draws its State.

``obey`` and ``submit`` may be called from any thread. Commands are carried out one after another in a thread of their
own, where backgrounds are decoded and cameras opened, so that the threads that make and send pictures never wait for
it; privacy overtakes them all. ``follow`` and ``feed`` tell of every change within a tenth of a second or two.

A front end with a loop of its own awaits ``asyncio.wrap_future(controller.submit(command))``, and passes states on with
``controller.follow(lambda state: loop.call_soon_threadsafe(queue.put_nowait, state))``.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import replace

from vcam.address import shown_spec, shown_specs
from vcam.control.commands import TABLE, Command
from vcam.control.director import Director
from vcam.control.live_settings import shown, shown_settings
from vcam.control.memory import Memory
from vcam.control.state import Problem, State
from vcam.control.thrift import Thrift
from vcam.control.verbs import Verb
from vcam.engine.board import Board, Feed
from vcam.engine.jobs import JobWorker
from vcam.engine.privacy import Privacy
from vcam.engine.slot import Latest
from vcam.engine.status import RunStatus
from vcam.engine.worker import Worker
from vcam.errors import ConfigError, ControlError, VcamError

# How often followers are told of what changes by itself, and of the numbers; how often choices are saved.
LOOK_SECONDS, NUMBERS_SECONDS, SAVE_SECONDS = 0.1, 1.0, 1.0
_STOP_SECONDS = 5.0
_PROBLEMS = 5

log = logging.getLogger(__name__)


class Controller:
    """Owns what is shown.

    Args:
        memory: where choices are kept; None: nowhere.
        instance: the name of this vcam among several.
    """

    def __init__(self, director: Director, memory: Memory | None = None, instance: str = "") -> None:
        self._director = director
        self._memory = memory
        self._instance = instance
        self._problems: tuple[Problem, ...] = ()
        self._busy = ""
        self.panel = ""  # its address, from whoever opens it
        self._board: Board[State] = Board()
        self._told: tuple[State, float] | None = None
        self._serial = 0
        self._bell: Latest[bool] = Latest()
        self._jobs = JobWorker("control")
        self._thrift = Thrift()
        self._teller = Worker("state", self._tell, lambda error: None)

    def start(self) -> None:
        """Begin to obey and to tell."""
        self._jobs.start()
        self._teller.start()

    def stop(self, clean: bool = True) -> None:
        """Obey no more, and save what was chosen. ``clean``: the user ended it, so nobody needs to stay hidden."""
        self._jobs.stop(_STOP_SECONDS)
        self._bell.close()
        self._teller.join(_STOP_SECONDS)
        self._board.close()
        self._save(Privacy.LIVE if clean else self._director.assembly.run.privacy)

    def obey(self, command: Command) -> State:
        """Carry a command out; the state afterwards. May take as long as a camera needs to open.

        Raises:
            VcamError: it cannot be done; nothing has changed, and the state tells the problem.
        """
        try:
            return self.submit(command).result()
        except CancelledError as error:
            raise ControlError("vcam is stopping", "start it again: vcam run") from error

    def submit(self, command: Command) -> Future[State]:
        """Have a command carried out; never waits. The future gives what ``obey`` returns or raises."""
        verb = TABLE.find(command.word)
        if not verb.urgent:
            return self._jobs.ask(lambda: self._carry_out(verb, command))
        future: Future[State] = Future()
        try:
            future.set_result(self._carry_out(verb, command))
        except VcamError as error:
            future.set_exception(error)
        return future

    def state(self, run: RunStatus | None = None) -> State:
        """The state now, or with a given snapshot of the run."""
        director, remembered = self._director, self._director.remembered
        return replace(
            director.assembly.state(run), serial=self._serial, instance=self._instance, pid=os.getpid(),
            tier_reason=self._thrift.reason,
            panel=self.panel,
            privacy=director.assembly.run.privacy.value, busy=self._busy, settings=shown_settings(director.settings),
            source=shown_spec(director.assembly.source), sinks=shown_specs(director.sinks), profile=remembered.profile,
            profiles=self._profiles(), backgrounds=director.gallery.known(), recent=remembered.recent,
            problems=self._problems)

    def follow(self, told: Callable[[State], None]) -> Callable[[], None]:
        """Call ``told`` with the state, in a thread of vcam's, whenever it has changed and once a second; it must not
        wait. Returns what ends that."""
        end = self._board.follow(told)
        self._look_again()
        return end

    def feed(self) -> Feed[State]:
        """The same for a thread of one's own: iterate, or ``get`` with a timeout; ends with vcam."""
        feed = self._board.feed()
        self._look_again()
        return feed

    def _carry_out(self, verb: Verb, command: Command) -> State:
        if not verb.urgent:
            self._busy = _told(command)
            self._bell.put(True)
        try:
            verb.action(self._director, **command.arguments)
        except VcamError as error:
            self._note(Problem(verb.about, error.message, error.hint))
            raise
        except Exception as error:
            log.exception("'%s' failed", verb.word)
            self._note(Problem(verb.about, f"{type(error).__name__}: {error}"))
            raise ControlError(f"'{verb.word}' failed: {type(error).__name__}: {error}",
                               "start vcam with --debug to see more") from error
        else:
            self._problems = tuple(problem for problem in self._problems if problem.about != verb.about)
        finally:
            self._busy = "" if not verb.urgent else self._busy
            self._bell.put(True)
        return self.state()

    def _keep_to_budget(self, now: float) -> None:
        settings = self._director.settings
        if settings.budget is None and not self._thrift.reason:
            return
        tier = self._thrift.look(now, settings, self._director.assembly.run.status())
        if tier and not self._busy:
            self._jobs.ask(lambda: self._adapt(tier))

    def _adapt(self, tier: str) -> None:
        try:
            self._director.adapt(tier)
        except VcamError as error:
            self._note(Problem("budget", error.message, error.hint))
        self._bell.put(True)

    def _note(self, problem: Problem) -> None:
        others = tuple(other for other in self._problems if other.about != problem.about)
        self._problems = (problem, *others)[:_PROBLEMS]

    def _profiles(self) -> tuple[str, ...]:
        try:
            return self._director.profiles.names()
        except ConfigError:
            return ()  # told to whoever uses one

    def _look_again(self) -> None:
        """A new follower is told what there is."""
        self._told = None
        self._bell.put(True)

    def _tell(self) -> None:
        """The teller's work: it alone posts, so that states arrive in order."""
        saved = time.monotonic()
        while not self._bell.finished:
            self._bell.get(LOOK_SECONDS if self._board.watched else SAVE_SECONDS)
            now = time.monotonic()
            if self._board.watched:
                self._post_news(now)
            self._keep_to_budget(now)
            if now - saved >= SAVE_SECONDS:
                saved = now
                self._save(self._director.assembly.run.privacy)
        if self._board.watched:
            self._post_news(time.monotonic())

    def _post_news(self, now: float) -> None:
        state, told = self.state(), self._told
        if told is not None and now - told[1] < NUMBERS_SECONDS and \
                told[0].without_numbers() == state.without_numbers():
            return
        self._serial += 1
        state = replace(state, serial=self._serial)
        self._told = (state, now)
        self._board.post(state)

    def _save(self, privacy: Privacy) -> None:
        if self._memory is None:
            return
        problem = self._memory.write(replace(self._director.remembered, privacy=privacy.value))
        if problem:
            self._note(Problem("memory", problem))


def _told(command: Command) -> str:
    """A command as it is typed, less what is secret."""
    name = str(command.arguments.get("name", ""))
    values = (shown(name if place == "value" else place, value) for place, value in command.arguments.items())
    return " ".join([command.word, *(str(value) for value in values if value != "")])
