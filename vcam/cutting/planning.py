"""What becomes of a file, decided before any work: the looks that are taken, the format, the output."""

from __future__ import annotations

from pathlib import Path

from vcam.cutting.looking import DETAILED, Looks, Quality, choose_looks
from vcam.cutting.recognising import is_film
from vcam.cutting.segments import is_numbered
from vcam.cutting.still import EMPTY, Photo
from vcam.cutting.targets import Format, Kind, choose_format, default_output
from vcam.cutting.wishes import Result, Wishes
from vcam.errors import CutoutError, UsageError
from vcam.ops import pick
from vcam.segmenters import make_segmenter
from vcam.segmenters.models import catalogue, model
from vcam.wholefile import check_target


def plan_output(source: Path, output: Path | None, wishes: Wishes) -> tuple[Path, Format]:
    """Where a file's cut-out goes, and in what format.

    Raises:
        UsageError: the format does not fit, or the output cannot be there.
        CutoutError: the source is neither a film nor a picture.
    """
    film = is_film(source)
    name = None if output is None or output.is_dir() else output
    chosen = choose_format(wishes.format, name, film, wishes.background)
    target = name or default_output(source, chosen, film, output)
    if chosen.kind is not Kind.PICTURES or not film:
        check_target(target)
    elif not target.resolve().parent.is_dir():
        raise UsageError(f"'{target}' cannot be written: its folder does not exist", "give one in an existing folder")
    if target.resolve() == source.resolve():
        raise UsageError(f"'{target}' is the input itself", "give another output")
    if target.is_dir() and not is_numbered(target):
        raise UsageError(f"'{target}' is a folder that holds other things than numbered pictures",
                         "choose another name")
    if target.exists() and not wishes.overwrite:
        raise UsageError(f"'{target}' exists", "give --overwrite, or another output")
    return target, chosen


def check(wishes: Wishes) -> Looks:
    """The looks that will be taken.

    Raises:
        VcamError: an unknown or missing network.
    """
    if wishes.model and wishes.model != "average" and not model(wishes.model).present:
        make_segmenter(wishes.model, pick("cpu"), wishes.runtime)  # says what is missing
    return choose_looks(wishes.quality, wishes.model)


def advice(wishes: Wishes) -> str:
    """What would make the cut-outs better, in a line; or empty."""
    if wishes.quality is Quality.BEST and not wishes.model and not catalogue()[DETAILED].present:
        return f"`vcam models fetch {DETAILED}` (16 MB, once) gives far better outlines"
    return ""


def photo_task(source: Path, target: Path, chosen: Format, looks: Looks, wishes: Wishes) -> Photo:
    """A picture's cut-out as a task for an engine."""
    return Photo(source, target, chosen, looks, wishes.runtime, wishes.background, wishes.fit, wishes.trim,
                 wishes.keep_metadata, wishes.keep_empty)


def photo_result(task: Photo, person: float) -> Result:
    """What the task's share of person means.

    Raises:
        CutoutError: nobody is in the picture.
    """
    if person < EMPTY and not task.keeps_empty:
        raise nobody(task.source)
    return Result(task.source, task.target, 1, person)


def nobody(source: Path) -> CutoutError:
    """The error for a file that shows nobody."""
    return CutoutError(f"nobody was found in '{source}': nothing is written", "give --keep-empty to write it all the "
                       "same")
