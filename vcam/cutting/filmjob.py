"""One film from its facts to its output: the stages one after the other, each on as many processes as there are."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vcam.cutting import preview
from vcam.cutting.assembling import Assembly
from vcam.cutting.behind import make_behind
from vcam.cutting.film import Facts, read_facts
from vcam.cutting.looking import Looks, Quality
from vcam.cutting.planning import nobody
from vcam.cutting.recognising import playable, tags
from vcam.cutting.segments import Plan
from vcam.cutting.shots import Stretch, stretches
from vcam.cutting.stages import Chunk, Common, Render, See, Survey, divide
from vcam.cutting.still import EMPTY
from vcam.cutting.targets import Format
from vcam.cutting.wishes import Note, Progress, Report, Result, Wishes
from vcam.cutting.work import Unwritable, Work, fingerprint, remove
from vcam.engine.batch import Engine, Task
from vcam.errors import CutoutError


@dataclass(slots=True)
class FilmJob:
    """One film on its way through the stages: what they need of one another lies in the work folder."""

    source: Path
    target: Path
    format: Format
    looks: Looks
    wishes: Wishes
    engine: Engine
    report: Report

    def make(self) -> Result:
        """Go through all stages that are not done yet.

        Raises:
            Unwritable: there is no room; what is done stays.
            VcamError: anything else that goes wrong; nothing is left.
        """
        try:
            return self._make()
        except CutoutError as error:
            if not isinstance(error, Unwritable):
                self.clean()
            raise

    def _make(self) -> Result:
        facts = read_facts(playable(self.source, self._beside("film.mkv")))
        notes = list(facts.notes)
        if self.wishes.background:
            make_behind(self.wishes.background, facts.size, self.wishes.fit)  # a mistake in it shows before the work
        work = self._work(facts)
        common = Common(facts, work, self.looks, self.wishes.runtime)
        chunks = divide(facts)
        found = self._surveyed(common, chunks)
        self._seen(common, chunks, found)
        plan = Plan(self.format, facts.size, facts.fps, bool(self.wishes.background))
        pictures, person = self._rendered(common, chunks, found, plan)
        if pictures < len(facts.times):
            notes.append(f"{len(facts.times) - pictures} of {len(facts.times)} pictures are damaged and left out")
        for text in notes:
            self.report(Note(self.source, text))
        sheet = self.target.with_name(f"{self.target.stem}.preview.jpg") if self.wishes.preview else None
        if sheet is not None:
            preview.write_sheet(sheet, sorted(work.folder.glob("thumb-*.png")))
        count = _Counter(lambda done: self.report(Progress(self.source, "join", done, pictures)))
        metadata = tags(facts.path) if self.wishes.keep_metadata else {}
        assembly = Assembly(common.light().facts, work, plan, chunks, metadata, self.target)
        sound = next(note for _, note in self.engine.run([assembly], count))
        if sound:
            self.report(Note(self.source, sound))
        self.clean()
        return Result(self.source, self.target, pictures, person, (*notes, *([sound] if sound else [])), sheet)

    def clean(self) -> None:
        """Take away everything but the output."""
        for leftover in (self._beside("work"), self._beside("film.mkv")):
            remove(leftover)

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
