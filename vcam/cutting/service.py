"""From one file to its cut-out: the stages one after the other, and what they left put together."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vcam.cutting import preview
from vcam.cutting.animation import animate
from vcam.cutting.behind import make_behind
from vcam.cutting.film import Facts, read_facts
from vcam.cutting.joining import join
from vcam.cutting.looking import Looks, Quality
from vcam.cutting.planning import check, nobody, photo_result, photo_task, plan_output
from vcam.cutting.recognising import is_film, playable, tags
from vcam.cutting.segments import Plan, gather, is_numbered, segment_names
from vcam.cutting.shots import Stretch, stretches
from vcam.cutting.stages import Chunk, Common, Render, See, Survey, divide
from vcam.cutting.still import EMPTY, Photo
from vcam.cutting.targets import Format, Kind
from vcam.cutting.wishes import Note, Progress, Report, Result, Wishes
from vcam.cutting.work import Work, fingerprint
from vcam.engine.batch import Engine, Task, Tick
from vcam.errors import CutoutError, VcamError
from vcam.wholefile import replacing


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
    return _Film(source, target, chosen, looks, wishes, engine, report).make()


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


@dataclass(slots=True)
class _Film:
    """One film on its way through the stages."""

    source: Path
    target: Path
    format: Format
    looks: Looks
    wishes: Wishes
    engine: Engine
    report: Report

    def make(self) -> Result:
        facts = read_facts(playable(self.source, self._beside("film.mkv")))
        notes = list(facts.notes)
        if self.wishes.background:
            make_behind(self.wishes.background, facts.size, self.wishes.fit)  # a mistake in it shows before the work
        work = self._work(facts)
        common = Common(facts, work, self.looks, self.wishes.runtime)
        chunks = divide(facts)
        found = self._surveyed(common, chunks)
        self._seen(common, chunks, found)
        plan = Plan(self.format, facts.size, facts.fps, facts.aspect, bool(self.wishes.background))
        pictures, person = self._rendered(common, chunks, found, plan)
        if pictures < len(facts.times):
            notes.append(f"{len(facts.times) - pictures} of {len(facts.times)} pictures are damaged and left out")
        for text in notes:
            self.report(Note(self.source, text))
        sheet = self.target.with_name(f"{self.target.stem}.preview.jpg") if self.wishes.preview else None
        if sheet is not None:
            preview.write_sheet(sheet, sorted(work.folder.glob("thumb-*.png")))
        sound = self._joined(common, chunks, plan, pictures)
        if sound:
            self.report(Note(self.source, sound))
        work.remove()
        self._beside("film.mkv").unlink(missing_ok=True)
        return Result(self.source, self.target, pictures, person, (*notes, *([sound] if sound else [])), sheet)

    def _work(self, facts: Facts) -> Work:
        wishes = self.wishes
        key = {"source": fingerprint(self.source), "format": self.format.name, "background": wishes.background,
               "fit": wishes.fit, "looks": repr(self.looks), "runtime": wishes.runtime, "size": str(facts.size)}
        return Work(self._beside("work"), key, wishes.fresh)

    def _beside(self, ending: str) -> Path:
        """A hidden place beside the output."""
        return self.target.with_name(f".{self.target.name}.{ending}")

    def _surveyed(self, common: Common, chunks: Sequence[Chunk]) -> list[Stretch]:
        tasks = [Survey(common.light(), chunk) for chunk in chunks]
        self._run("survey", tasks, [task.name for task in tasks], common, chunks)
        glances = [glance for task in tasks for glance in task.glances()]
        if not glances:
            raise CutoutError(f"'{self.source}' has no picture that can be decoded", "check that it plays elsewhere")
        return stretches(glances, common.facts.size)

    def _seen(self, common: Common, chunks: Sequence[Chunk], found: list[Stretch]) -> None:
        tasks = [See(common.light(), chunk, _for_chunk(found, chunk)) for chunk in chunks]
        self._run("see", tasks, [task.name for task in tasks], common, chunks)

    def _rendered(self, common: Common, chunks: Sequence[Chunk], found: list[Stretch],
                  plan: Plan) -> tuple[int, float]:
        cuts = tuple(stretch.begin for stretch in found if stretch.cut)
        times = common.facts.times
        thumbs = tuple(times[len(times) * (2 * n + 1) // (2 * preview.MOMENTS)] for n in range(preview.MOMENTS))
        around = [None, *chunks, None]
        tasks = [Render(common.light(), chunk, before, after, cuts, plan, self.wishes.background, self.wishes.fit,
                        self.wishes.quality is Quality.BEST, thumbs)
                 for before, chunk, after in zip(around, chunks, around[2:], strict=False)]
        self._run("render", tasks, [task.name for task in tasks], common, chunks)
        done = [json.loads(common.work.path(task.name).read_text()) for task in tasks]
        person = max(each["most"] for each in done)
        if person < EMPTY and not self.wishes.keep_empty:
            common.work.remove()
            raise nobody(self.source)
        return sum(each["pictures"] for each in done), person

    def _run(self, stage: Literal["survey", "see", "render"], tasks: Sequence[Task], names: Sequence[str],
             common: Common, chunks: Sequence[Chunk]) -> None:
        """Run what is not done yet."""
        total = len(common.facts.times)
        counts = _counts(common.facts, chunks)
        open_ones = [number for number, name in enumerate(names) if not common.work.has(name)]
        count = _Counter(lambda done: self.report(Progress(self.source, stage, min(done, total), total)))
        count(total - sum(counts[number] for number in open_ones))
        for _ in self.engine.run([tasks[number] for number in open_ones], count):
            pass

    def _joined(self, common: Common, chunks: Sequence[Chunk], plan: Plan, pictures: int) -> str:
        """Put the output in its place; a note about the sound."""
        names = [segment_names(chunk.number, plan) for chunk in chunks]
        columns = [[path for path in map(common.work.path, column) if path.exists()]
                   for column in zip(*names, strict=True)]
        count = _Counter(lambda done: self.report(Progress(self.source, "join", done, pictures)))
        try:
            return self._put_together(common, columns, plan, count)
        except OSError as error:
            raise CutoutError(f"'{self.target}' cannot be written: {error.strerror or error}",
                              "make room; the same command goes on where it was") from error

    def _put_together(self, common: Common, columns: list[list[Path]], plan: Plan, count: Callable[[int], None]) -> str:
        metadata = tags(common.facts.path) if self.wishes.keep_metadata else {}
        if plan.format.kind is Kind.PICTURES:
            _number(gather(columns[0]), self.target, common.work)
            return ""
        with replacing(self.target) as temporary:
            if plan.format.kind is Kind.ANIMATION:
                animate(plan.format.name, columns[0], temporary, common.facts.fps, count)
                return ""
            if plan.format.kind is Kind.JOINED:
                return join(columns[0], temporary, common.facts, plan.format.sound, metadata)
            return _bundle(columns, temporary, common, plan, metadata)


def _bundle(columns: list[list[Path]], target: Path, common: Common, plan: Plan, metadata: dict[str, str]) -> str:
    parts = [common.work.path("colour.mp4"), common.work.path("alpha.mp4")]
    note = join(columns[0], parts[0], common.facts, plan.format.sound, metadata)
    join(columns[1], parts[1], common.facts, (), {})
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for part in parts:
            archive.write(part, part.name)
    return note


def _number(pictures: Sequence[Path], target: Path, work: Work) -> None:
    """Give pictures their numbers, in a folder that takes its name when it is complete."""
    folder = work.path("pictures")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for number, picture in enumerate(pictures, 1):
        _linked(picture, folder / f"{number:06}.png")
    if target.exists() and is_numbered(target):  # nothing else is ever deleted
        shutil.rmtree(target)
    folder.replace(target)


def _linked(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:  # not every file system has links
        shutil.copyfile(source, target)


def _for_chunk(found: Sequence[Stretch], chunk: Chunk) -> tuple[Stretch, ...]:
    """The stretches that pictures of a chunk may lie in."""
    first = max((number for number, each in enumerate(found) if each.begin <= chunk.begin), default=0)
    return tuple(each for each in found[first:] if each.begin < chunk.end)


def _counts(facts: Facts, chunks: Sequence[Chunk]) -> list[int]:
    times = iter(facts.times)
    counts = [0] * len(chunks)
    number = 0
    for time in times:
        while number + 1 < len(chunks) and time >= chunks[number].end:
            number += 1
        counts[number] += 1
    return counts


class _Counter:
    """Adds up ticks."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self._tell = tell
        self._done = 0

    def __call__(self, items: int) -> None:
        self._done += items
        self._tell(self._done)

