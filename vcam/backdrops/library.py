"""The pictures and videos that can be named: those that come with vcam, and the user's own folder."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from platformdirs import user_pictures_path

from vcam.backdrops import VIDEOS
from vcam.backdrops.pictures import check_picture
from vcam.errors import UsageError, VcamError
from vcam.sources import PICTURES


@dataclass(frozen=True, slots=True)
class Item:
    """One named background. ``problem``: why it cannot be used, or empty."""

    name: str
    path: Path
    origin: str
    problem: str = ""


def bundled_folder() -> Path:
    """Folder of the pictures that come with vcam: inside an installed package, beside it in a checkout."""
    package = Path(str(files("vcam")))
    installed = package / "_backgrounds"
    return installed if installed.is_dir() else package.parent / "backgrounds"


def user_folder(folder: Path | None = None) -> Path:
    """The user's own folder: the configured one, or ``vcam`` in their pictures."""
    return folder.expanduser() if folder else user_pictures_path() / "vcam"


def items(folder: Path | None = None, check: bool = False) -> list[Item]:
    """Every named background, the user's first; ``check`` opens each and notes what is broken."""
    found: dict[str, Item] = {}
    for place, origin in ((user_folder(folder), "yours"), (bundled_folder(), "bundled")):
        for path in _media(place):
            found.setdefault(path.stem, Item(path.stem, path, origin, _problem(path) if check else ""))
    return sorted(found.values(), key=lambda item: (item.origin != "yours", item.name))


def _media(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES | VIDEOS and path.is_file())


def _problem(path: Path) -> str:
    try:
        if path.suffix.lower() in PICTURES:
            check_picture(path)
    except VcamError as error:
        return error.message
    return ""


def find(name: str, folder: Path | None = None) -> Path:
    """A file by path, or by the name of a bundled or own background.

    Raises:
        UsageError: neither (names the nearest).
    """
    path = Path(name).expanduser()
    if path.is_file():
        return path
    known = {item.name: item.path for item in items(folder)}
    known_files = {item.path.name: item.path for item in items(folder)}
    if name in known or name in known_files:
        return known.get(name) or known_files[name]
    close = difflib.get_close_matches(name, known, 1)
    meant = f"did you mean '{close[0]}'? " if close else ""
    raise UsageError(f"background '{name}' is neither a file nor a known background",
                     f"{meant}vcam backgrounds lists them; also: blur:60, colour:#204060, green, none")
