"""The index of an evaluation set: a JSON file that lists clips, and what is known to be true of them.

::

    {"set": "dev", "clips": [{"name": "desk", "kind": "composite", "file": "desk.mp4", "gt": "desk_pha.mkv",
                              "gt_kind": "exact", "size": [1280, 720], "fps": 25, "frames": 90}]}

Files are found beside the index. ``kind`` is ``still`` for a picture, anything else is a video. ``gt`` is the true
matte as a grey video or picture, ``gt_kind`` how true: ``exact``, ``pseudo`` (made by something better than what is
measured), ``mask`` (person or not, without fine edges) or ``none``; words after it are a remark. ``ref`` is another
program's matte, which is good to compare with where there is no truth. Other keys are remarks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from vcam.errors import EvaluationError, UsageError
from vcam.frame import LARGEST_SIDE, Size

_SMALLEST_SIDE = 16
_HOW = "see `vcam eval --help` for the format"
Side = Annotated[int, Field(ge=_SMALLEST_SIDE, le=LARGEST_SIDE)]


class TruthKind(StrEnum):
    """How true a clip's truth is; in the order of a report."""

    EXACT = "exact"
    PSEUDO = "pseudo"
    MASK = "mask"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip of a set.

    ``truth`` is there unless ``truth_kind`` is NONE; ``reference`` only if it is. ``fps`` of a still is 1.
    """

    name: str
    file: Path
    is_still: bool
    truth_kind: TruthKind
    truth: Path | None
    reference: Path | None
    size: Size
    fps: Fraction
    frames: int
    remark: str = ""

    @property
    def compared_with(self) -> Path | None:
        """What its matte is compared with: the truth, else the reference, if there is one."""
        return self.truth or self.reference


@dataclass(frozen=True, slots=True)
class Index:
    """An evaluation set."""

    name: str
    path: Path
    clips: tuple[Clip, ...]


class _Entry(BaseModel):
    name: str = Field(pattern=r"^[\w][\w .+-]*$", max_length=100)
    kind: str
    file: str
    gt: str | None = None
    gt_kind: str | None = None
    ref: str | None = None
    size: tuple[Side, Side]
    fps: Annotated[float, Field(gt=0, le=1000)] | None = None
    frames: Annotated[int, Field(ge=1)] = 1
    source: str = ""
    licence: str = ""
    notes: str = ""


class _File(BaseModel):
    set: str = ""
    clips: list[dict[str, Any]] = Field(min_length=1)


def read_index(path: Path) -> Index:
    """Read an index and check that it fits together and that its files are there (their content is not read).

    Raises:
        UsageError: there is no such file.
        EvaluationError: it cannot be read or is not an index; a clip in it lacks something, or its file is missing.
    """
    try:
        content = _File.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise UsageError(f"index '{path}' does not exist", "give the path of an index.json") from None
    except IsADirectoryError:
        raise UsageError(f"index '{path}' is a folder", f"did you mean {path / 'index.json'}?") from None
    except OSError as error:
        raise EvaluationError(f"index '{path}' cannot be read: {error.strerror}", "check its permissions") from error
    except ValidationError as error:
        raise EvaluationError(f"'{path}' is not an index: {_first(error)}", _HOW) from error
    clips = tuple(_clips(path, content.clips))
    return Index(content.set or path.parent.resolve().name, path, clips)


def _clips(path: Path, entries: list[dict[str, Any]]) -> Iterator[Clip]:
    names: set[str] = set()
    for number, raw in enumerate(entries, 1):
        where = f"clip {number} ('{raw.get('name', '')}') of '{path}'"
        try:
            entry = _Entry.model_validate(raw)
        except ValidationError as error:
            raise EvaluationError(f"{where}: {_first(error)}", _HOW) from error
        if entry.name.lower() in names:
            raise EvaluationError(f"{where}: another clip has that name", "give each a name of its own")
        names.add(entry.name.lower())
        yield _clip(entry, path.parent, where)


def _clip(entry: _Entry, folder: Path, where: str) -> Clip:
    kind = _truth_kind(entry, where)
    is_still = entry.kind == "still"
    if is_still and entry.frames != 1:
        raise EvaluationError(f"{where}: a still has one frame, not {entry.frames}", "drop 'frames', or change 'kind'")
    if not is_still and entry.fps is None:
        raise EvaluationError(f"{where}: a video needs 'fps'", "add its frames per second")
    fps = Fraction(entry.fps).limit_denominator(1001) if entry.fps and not is_still else Fraction(1)
    reference = entry.ref if kind is TruthKind.NONE else None
    file, truth, other = (_found(folder, name, where) if name else None for name in (entry.file, entry.gt, reference))
    if file is None:
        raise EvaluationError(f"{where}: 'file' is empty", "give its path, beside the index")
    remark = " · ".join(text for text in (entry.notes, entry.source, entry.licence) if text)
    return Clip(entry.name, file, is_still, kind, truth, other, Size(*entry.size), fps, entry.frames, remark)


def _truth_kind(entry: _Entry, where: str) -> TruthKind:
    word = (entry.gt_kind or "none").split()[:1]
    if not word or word[0] not in set(TruthKind):
        raise EvaluationError(f"{where}: unknown gt_kind '{entry.gt_kind}'", f"known: {', '.join(TruthKind)}")
    kind = TruthKind(word[0])
    if kind is not TruthKind.NONE and not entry.gt:
        raise EvaluationError(f"{where}: its gt_kind is '{kind}', but it has no 'gt'", "add the file of the true matte")
    if kind is TruthKind.NONE and entry.gt:
        raise EvaluationError(f"{where}: its 'gt' has no gt_kind", "say whether it is exact, pseudo or mask")
    return kind


def _found(folder: Path, name: str, where: str) -> Path:
    path = folder / name
    if not path.is_file():
        raise EvaluationError(f"{where}: '{path}' does not exist", "files are found beside the index")
    return path


def _first(error: ValidationError) -> str:
    """The first thing that is wrong, in one line."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    reason = first["msg"][0].lower() + first["msg"][1:]
    return f"'{place}': {reason}" if place else reason
