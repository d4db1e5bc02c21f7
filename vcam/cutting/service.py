"""From files to their cut-outs: one, many, or one beside something more urgent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from vcam.cutting.filmjob import FilmJob
from vcam.cutting.looking import Looks
from vcam.cutting.planning import check, photo_result, photo_task, plan_output
from vcam.cutting.recognising import is_film
from vcam.cutting.still import Photo
from vcam.cutting.targets import Format
from vcam.cutting.wishes import Note, Progress, Report, Result, Wishes
from vcam.engine.batch import Engine, LocalEngine, Tick, cores
from vcam.errors import CutoutError, VcamError


def cut_out(source: Path, output: Path | None, wishes: Wishes, engine: Engine, report: Report) -> Result:
    """Cut the person out of a file.

    Args:
        output: a file, or a folder for it; None: beside the source.

    Raises:
        VcamError: anything that goes wrong; no output is left then, but what a film's work folder holds stays, so
            that the same call goes on where it was.
    """
    looks = check(wishes)
    target, chosen = plan_output(source, output, wishes)
    if not is_film(source):
        return _photo(source, target, chosen, looks, wishes, engine, report)
    return FilmJob(source, target, chosen, looks, wishes, engine, report).make()


class Cancelled(CutoutError):
    """The user does not want it any more."""


def cut_out_aside(source: Path, output: Path, wishes: Wishes, report: Report, cancelled: Callable[[], bool],
                  processes: int = 0) -> Result:
    """Cut the person out of a file, beside something more urgent: a live camera in this process does not stutter.

    All heavy work is done by other processes, of low priority. Blocks; ``report`` and ``cancelled`` are called in the
    caller's thread, at least ten times a second while the others work.

    Args:
        output: a file, or an existing folder for it.
        cancelled: whether the user has changed their mind. Then nothing is left of the work.
        processes: how many; 0: all processors but one.

    Raises:
        Cancelled: ``cancelled`` said so.
        VcamError: anything that goes wrong, as with ``cut_out``.
    """
    def tell(event: Progress | Note) -> None:
        if cancelled():
            raise Cancelled(f"cutting out '{source.name}' was cancelled")
        report(event)

    with LocalEngine(processes or max(cores() - 1, 1), aside=True) as engine:
        return cut_out(source, output, wishes, engine, tell)


def cut_out_many(sources: Sequence[Path], output: Path | None, wishes: Wishes, engine: Engine,
                 report: Report) -> Iterator[Result | Failure]:
    """Cut the people out of many files: all pictures side by side, then one film after the other. One that cannot be
    done does not stop the others.

    Args:
        output: a folder for all of them; None: each beside its source.
    """
    films: list[Path] = []
    photos: list[Photo] = []
    looks = check(wishes)
    for source in sources:
        try:
            target, chosen = plan_output(source, output, wishes)
            if is_film(source):
                films.append(source)
            else:
                photos.append(photo_task(source, target, chosen, looks, wishes))
        except VcamError as error:
            yield Failure(source, error)
    for number, person in engine.run([Tolerant(photo) for photo in photos], lambda done: None):
        source = photos[number].source
        try:
            if isinstance(person, VcamError):
                raise person
            yield photo_result(photos[number], person)
        except VcamError as error:
            yield Failure(source, error)
    for source in films:
        try:
            yield cut_out(source, output, wishes, engine, report)
        except VcamError as error:
            yield Failure(source, error)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a file has no cut-out."""

    source: Path
    error: VcamError


@dataclass(frozen=True, slots=True)
class Tolerant:
    """A task whose errors are results."""

    task: Photo

    def __call__(self, tick: Tick) -> float | VcamError:
        try:
            return self.task(tick)
        except VcamError as error:
            return error


def _photo(source: Path, target: Path, chosen: Format, looks: Looks, wishes: Wishes, engine: Engine,
           report: Report) -> Result:
    task = photo_task(source, target, chosen, looks, wishes)
    person = next(result for _, result in engine.run([task], lambda done: report(Progress(source, "render", done, 1))))
    return photo_result(task, person)
