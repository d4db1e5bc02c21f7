"""The chunks' segments put together to the output, in its place only when it is whole."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vcam.cutting.animation import animate
from vcam.cutting.film import Facts
from vcam.cutting.joining import join
from vcam.cutting.segments import Plan, gather, is_numbered, segment_names
from vcam.cutting.stages import Chunk
from vcam.cutting.targets import Kind
from vcam.cutting.work import Unwritable, Work
from vcam.engine.batch import Tick


@dataclass(frozen=True, slots=True)
class Assembly:
    """Puts the segments of ``chunks`` together to ``target``, with the film's sound and maybe metadata: a task."""

    facts: Facts
    work: Work
    plan: Plan
    chunks: Sequence[Chunk]
    metadata: dict[str, str]
    target: Path

    def __call__(self, tick: Tick) -> str:
        """A note about the sound, or nothing. ``tick`` hears of pictures that are encoded again.

        Raises:
            Unwritable: there is no room.
        """
        try:
            return self._placed(tick)
        except OSError as error:
            raise Unwritable(f"'{self.target}' cannot be written: {error.strerror or error}",
                             "make room; the same command goes on where it was") from error

    def _placed(self, tick: Tick) -> str:
        columns, plan = self._columns(), self.plan
        if plan.format.kind is Kind.PICTURES:
            _number(gather(columns[0]), self.target, self.work)
            return ""
        whole = self.work.path(f"whole{self.target.suffix}")
        note = self._written(columns, whole, tick)
        whole.replace(self.target)
        return note

    def _written(self, columns: list[list[Path]], target: Path, tick: Tick) -> str:
        plan = self.plan
        if plan.format.kind is Kind.ANIMATION:
            animate(plan.format.name, columns[0], target, self.facts.fps, tick)
            return ""
        if plan.format.kind is Kind.JOINED:
            return join(columns[0], target, self.facts, plan.format.sound, self.metadata)
        return self._bundle(columns, target)

    def _columns(self) -> list[list[Path]]:
        """Segments in order, for each codec; a chunk without a picture that can be decoded has none."""
        names = [segment_names(chunk.number, self.plan) for chunk in self.chunks]
        return [[path for path in map(self.work.path, column) if path.exists()] for column in zip(*names, strict=True)]

    def _bundle(self, columns: list[list[Path]], target: Path) -> str:
        parts = [self.work.path("colour.mp4"), self.work.path("alpha.mp4")]
        note = join(columns[0], parts[0], self.facts, self.plan.format.sound, self.metadata)
        join(columns[1], parts[1], self.facts, (), {})
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
