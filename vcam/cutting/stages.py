"""The three stages of a film, as tasks for an engine: each reads one chunk and leaves its result in the work folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import cv2
import numpy as np

from vcam.backdrops import Fit
from vcam.cutting.behind import make_behind, over
from vcam.cutting.colours import foreground
from vcam.cutting.developing import Shot
from vcam.cutting.edges import applied, fitted
from vcam.cutting.film import Facts, shots
from vcam.cutting.grid import Grid
from vcam.cutting.looking import Looks, Watcher
from vcam.cutting.segments import Plan, make_segment, png
from vcam.cutting.shots import Extent, Glance, Stretch, extent, signature
from vcam.cutting.steadying import steadied
from vcam.cutting.work import Work
from vcam.engine.batch import Tick
from vcam.frame import FloatArray, Pixels
from vcam.ops import pick

# A chunk has this many pictures, or fewer if the film is short: then all processes shall have something to do.
_LONGEST, _SHORTEST, _PARTS = 160, 24, 12
# So much of its neighbours a chunk looks at, so that no seam is seen: what is further away has no say (steadying).
_OVERLAP_SECONDS = Fraction(7, 10)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Pictures with ticks from ``begin`` to before ``end``."""

    number: int
    begin: int
    end: int


def divide(facts: Facts) -> list[Chunk]:
    """A film's chunks. They depend on the film alone, never on who works on them."""
    length = min(max(-(-len(facts.times) // _PARTS), _SHORTEST), _LONGEST)
    begins = facts.times[::length]
    return [Chunk(number, begin, end) for number, (begin, end)
            in enumerate(zip(begins, (*begins[1:], facts.end), strict=True))]


@dataclass(frozen=True, slots=True)
class Common:
    """What all tasks of a film need."""

    facts: Facts
    work: Work
    looks: Looks
    runtime: str

    def watcher(self) -> Watcher:
        """The networks."""
        return Watcher(pick("cpu"), self.looks, self.facts.size, self.runtime)

    def light(self) -> Common:
        """The same without the times of all pictures, to be sent to another process."""
        return replace(self, facts=replace(self.facts, times=self.facts.times[:1]))


@dataclass(frozen=True, slots=True)
class Survey:
    """Looks roughly where the person is, and for cuts."""

    common: Common
    chunk: Chunk

    @property
    def name(self) -> str:
        return f"survey-{self.chunk.number:05}.npz"

    def __call__(self, tick: Tick) -> None:
        glances = list(self._glances(tick))
        boxes = [(1, *glance.extent) if glance.extent else (0, 0, 0, 0, 0) for glance in glances]
        self.common.work.save(self.name, ticks=np.array([glance.tick for glance in glances], np.int64),
                              extents=np.array(boxes, np.int32).reshape(-1, 5),
                              signatures=np.array([glance.signature for glance in glances], np.uint8))

    def _glances(self, tick: Tick) -> Iterator[Glance]:
        watcher = self.common.watcher()
        for number, shot in enumerate(shots(self.common.facts, self.chunk.begin, self.chunk.end)):
            found: Extent | None = None
            if number % self.common.looks.stride == 0:
                found = extent(watcher.whole(shot.bgr), watcher.grid)
            yield Glance(shot.tick, found, signature(shot.bgr))
            tick(1)
        watcher.close()

    def glances(self) -> list[Glance]:
        """What was seen."""
        found = self.common.work.load(self.name)
        return [Glance(int(tick), (int(box[1]), int(box[2]), int(box[3]), int(box[4])) if box[0] else None, picture)
                for tick, box, picture in zip(found["ticks"], found["extents"], found["signatures"], strict=True)]


@dataclass(frozen=True, slots=True)
class See:
    """Asks the networks."""

    common: Common
    chunk: Chunk
    stretches: tuple[Stretch, ...]

    @property
    def name(self) -> str:
        return evidence_name(self.chunk)

    def __call__(self, tick: Tick) -> None:
        watcher = self.common.watcher()
        ticks, found = [], []
        for shot in shots(self.common.facts, self.chunk.begin, self.chunk.end):
            stretch = _at(self.stretches, shot.tick)
            ticks.append(shot.tick)
            found.append(cv2.convertScaleAbs(watcher.exact(shot.bgr, stretch.near, stretch.far), alpha=255))
            tick(1)
        watcher.close()
        self.common.work.save(self.name, ticks=np.array(ticks, np.int64),
                              evidence=np.array(found, np.uint8).reshape(-1, *watcher.grid.shape))


def evidence_name(chunk: Chunk) -> str:
    """The file that ``See`` leaves."""
    return f"evidence-{chunk.number:05}.npz"


def _at(stretches: Sequence[Stretch], tick: int) -> Stretch:
    return next((stretch for stretch in reversed(stretches) if stretch.begin <= tick), stretches[0])


@dataclass(frozen=True, slots=True)
class Render:
    """Makes mattes and encodes.

    ``before``, ``after``: the neighbouring chunks. ``cuts``: ticks where scenes begin. ``thumbs``: ticks of pictures
    that are kept small for a contact sheet.
    """

    common: Common
    chunk: Chunk
    before: Chunk | None
    after: Chunk | None
    cuts: tuple[int, ...]
    plan: Plan
    background: str
    fit: Fit
    flow: bool
    thumbs: tuple[int, ...]

    @property
    def name(self) -> str:
        return f"render-{self.chunk.number:05}.json"

    def __call__(self, tick: Tick) -> None:
        facts, grid = self.common.facts, Grid.of(self.common.facts.size)
        evidence = dict(self._steadied(grid))
        segment = make_segment(self.common.work, self.chunk.number, self.plan)
        behind = make_behind(self.background, facts.size, self.fit) if self.background else None
        seen: list[float] = []
        for shot in shots(facts, self.chunk.begin, self.chunk.end):
            colours, alpha = cut(shot, evidence[shot.tick], grid)
            seen.append(float(alpha.mean() / 255))
            if shot.tick in self.thumbs:
                self._keep_thumb(shot, colours, alpha)
            seconds = shot.tick * facts.tick - facts.begin
            if behind is not None:
                colours, alpha = over(colours, alpha, behind.at(seconds, shot.bgr, alpha)), np.full_like(alpha, 255)
            segment.add(colours, alpha, shot.tick, seconds)
            tick(1)
        if seen:
            segment.close()
        self.common.work.write(self.name, json.dumps({"pictures": len(seen), "most": max(seen, default=0)}).encode())

    def _steadied(self, grid: Grid) -> Iterator[tuple[int, FloatArray]]:
        """Ticks of this chunk's pictures and their steadied evidence."""
        known = self._known()
        overlap = round(_OVERLAP_SECONDS / self.common.facts.tick)
        guides: list[tuple[int, Pixels]] = [
            (shot.tick, grid.reduced(shot.bgr)) for shot in
            shots(self.common.facts, self.chunk.begin - overlap, self.chunk.end + overlap) if shot.tick in known]
        fps = float(self.common.facts.fps)
        for scene in _scenes(guides, self.cuts):
            found = steadied([known[tick].astype(np.float32) * np.float32(1 / 255) for tick, _ in scene],
                             [guide for _, guide in scene], fps, self.flow)
            yield from ((tick, each) for (tick, _), each in zip(scene, found, strict=True)
                        if self.chunk.begin <= tick < self.chunk.end)

    def _known(self) -> dict[int, Pixels]:
        known: dict[int, Pixels] = {}
        for chunk in filter(None, (self.before, self.chunk, self.after)):
            stored = self.common.work.load(evidence_name(chunk))
            known.update(zip(stored["ticks"].tolist(), stored["evidence"], strict=True))
        return known

    def _keep_thumb(self, shot: Shot, colours: Pixels, alpha: Pixels) -> None:
        height = 180
        size = (max(round(alpha.shape[1] * height / alpha.shape[0]), 1), height)
        whole, own, mask = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (shot.bgr, colours, alpha))
        self.common.work.write(f"thumb-{shot.tick:020}.png", png(np.hstack([whole, own]), np.hstack([mask, mask])))


def cut(shot: Shot, evidence: FloatArray, grid: Grid) -> tuple[Pixels, Pixels]:
    """The person's colours, BGR (height, width, 3), straight, and alpha (height, width)."""
    guide = grid.reduced(shot.bgr)
    alpha = applied(fitted(evidence, guide), shot.bgr, grid)
    colours = foreground(shot.bgr, alpha, guide, grid)
    if shot.opacity is not None:
        alpha = cv2.multiply(alpha, shot.opacity, scale=1 / 255)
    return colours, alpha


def _scenes(guides: Sequence[tuple[int, Pixels]], cuts: Sequence[int]) -> Iterator[list[tuple[int, Pixels]]]:
    scene: list[tuple[int, Pixels]] = []
    for tick, guide in guides:
        if scene and tick in cuts:
            yield scene
            scene = []
        scene.append((tick, guide))
    if scene:
        yield scene
