"""Mattes as ``vcam cutout`` makes them, from the whole clip at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from vcam.cutting.film import read_facts, shots
from vcam.cutting.looking import Quality
from vcam.cutting.service import cut_out
from vcam.cutting.still import read_still
from vcam.cutting.wishes import Wishes
from vcam.engine.batch import LocalEngine
from vcam.evaluation.index import Clip
from vcam.frame import Pixels

_MATTE = Wishes(format="alpha", keep_empty=True)


def mattes(clip: Clip, quality: Quality) -> tuple[Iterator[Pixels], float]:
    """The mattes of all frames, and the processor time in milliseconds of each, on one process."""
    folder = TemporaryDirectory(prefix="vcam-")
    output = Path(folder.name) / ("matte.png" if clip.is_still else "matte.mkv")
    with LocalEngine(1) as engine:
        begun = time.process_time_ns()
        cut_out(clip.file, output, replace(_MATTE, quality=quality), engine, lambda event: None)
        spent = (time.process_time_ns() - begun) / 1e6 / clip.frames
    return _read(output, clip.is_still, folder), spent


def _read(path: Path, is_still: bool, folder: TemporaryDirectory[str]) -> Iterator[Pixels]:
    with folder:
        if is_still:
            yield read_still(path).bgr[..., 0]
            return
        facts = read_facts(path)
        yield from (shot.bgr[..., 0] for shot in shots(facts, facts.times[0], facts.end))


MAKERS = {"cutout": partial(mattes, quality=Quality.BEST), "cutout-fast": partial(mattes, quality=Quality.FAST)}
