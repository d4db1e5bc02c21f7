"""The catalogue of networks: what is bundled, what can be fetched, and where a file lies."""

from __future__ import annotations

import difflib
import hashlib
import os
import tempfile
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO

from platformdirs import user_cache_path

from vcam.errors import ModelError, UsageError

ASSETS = Path(str(files("vcam"))) / "assets" / "models"
TIMEOUT_SECONDS = 30
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a network for one runtime."""

    name: str
    sha256: str
    size: int
    bundled: bool

    @property
    def path(self) -> Path:
        """Where the file lies, or would lie once fetched."""
        return (ASSETS if self.bundled else model_folder()) / self.name


@dataclass(frozen=True, slots=True)
class Model:
    """A network: its files by runtime (``litert``, ``onnx``), licence and address."""

    name: str
    title: str
    licence: str
    bundled: bool
    url: str
    files: dict[str, ModelFile]

    @property
    def present(self) -> bool:
        return any(file.path.is_file() for file in self.files.values())


def model_folder() -> Path:
    """Folder of fetched networks (``VCAM_MODELS`` overrides the platform's cache folder)."""
    override = os.environ.get("VCAM_MODELS")
    return Path(override) if override else user_cache_path("vcam") / "models"


def catalogue() -> dict[str, Model]:
    """Every known network by name."""
    raw = tomllib.loads((ASSETS / "manifest.toml").read_text(encoding="utf-8"))
    return {name: _model(name, entry) for name, entry in raw.items()}


def _model(name: str, entry: dict[str, object]) -> Model:
    bundled = bool(entry["bundled"])
    found = {runtime: ModelFile(str(value["file"]), str(value["sha256"]), int(value["size"]), bundled)
             for runtime, value in entry.items() if isinstance(value, dict)}
    return Model(name, str(entry["title"]), str(entry["licence"]), bundled, str(entry.get("url", "")), found)


def model(name: str) -> Model:
    """The network called ``name``.

    Raises:
        UsageError: no such network (names the nearest).
    """
    known = catalogue()
    if name not in known:
        close = difflib.get_close_matches(name, known, 1)
        meant = f"did you mean '{close[0]}'? " if close else ""
        raise UsageError(f"unknown model '{name}'", f"{meant}known: {', '.join(known)}, average")
    return known[name]


def load(file: ModelFile, name: str) -> bytes:
    """The checked content of a network's file.

    Raises:
        ModelError: missing, or not the file that was published.
    """
    remedy = "pip install --force-reinstall vcam" if file.bundled else f"vcam models fetch {name} --force"
    try:
        data = file.path.read_bytes()
    except OSError as error:
        raise ModelError(f"model '{name}' is not here: {file.path} ({error.strerror})", remedy) from error
    found = hashlib.sha256(data).hexdigest()
    if found != file.sha256:
        raise ModelError(f"model file {file.path} is damaged: SHA-256 {found[:16]}…, expected {file.sha256[:16]}…",
                         remedy)
    return data


def fetch(name: str, from_file: Path | None = None, force: bool = False,
          progress: Callable[[int, int], None] = lambda done, total: None) -> Path:
    """Bring a network's file into ``model_folder``: temporary name, size and SHA-256 checked, then renamed.

    Args:
        from_file: take it from here instead of from the network's address.
        force: even if it is there.
        progress: called with bytes done and bytes in all.

    Raises:
        UsageError: unknown network, or one that comes with vcam.
        ModelError: cannot be read or downloaded, or is another file than the published one.
    """
    wanted = model(name)
    if wanted.bundled:
        raise UsageError(f"model '{name}' comes with vcam: nothing to fetch", "vcam models lists what can be fetched")
    file = next(iter(wanted.files.values()))
    if file.path.is_file() and not force:
        load(file, name)
        return file.path
    address = str(from_file) if from_file else wanted.url
    try:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        with _opened(from_file, wanted.url) as stream:
            _store(stream, file, address, progress)
    except OSError as error:
        reason = getattr(error, "reason", None) or error.strerror or error
        raise ModelError(f"{file.name} could not be fetched from {address}: {reason}",
                         _by_hand(name, file)) from error
    return file.path


def _opened(from_file: Path | None, url: str) -> BinaryIO:
    if from_file is not None:
        return from_file.open("rb")
    request = urllib.request.Request(url, headers={"User-Agent": "vcam"})
    opened: BinaryIO = urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)
    return opened


def _store(stream: BinaryIO, file: ModelFile, address: str, progress: Callable[[int, int], None]) -> None:
    digest = hashlib.sha256()
    done = 0
    handle, temporary = tempfile.mkstemp(dir=file.path.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as out:
            while chunk := stream.read(_CHUNK):
                out.write(chunk)
                digest.update(chunk)
                done += len(chunk)
                progress(done, file.size)
                if done > file.size:
                    break
        if done != file.size or digest.hexdigest() != file.sha256:
            raise ModelError(f"{address} is not the published {file.name}: {done} bytes, SHA-256 "
                             f"{digest.hexdigest()[:16]}…; expected {file.size} bytes, {file.sha256[:16]}…",
                             "get the published file and give it with --from-file")
        Path(temporary).replace(file.path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _by_hand(name: str, file: ModelFile) -> str:
    return (f"download it elsewhere, then: vcam models fetch {name} --from-file {file.name} "
            f"(SHA-256 {file.sha256}; it goes to {file.path})")


def remove(name: str) -> bool:
    """Delete a fetched network; False if it was not there.

    Raises:
        UsageError: unknown, or bundled.
    """
    wanted = model(name)
    if wanted.bundled:
        raise UsageError(f"model '{name}' comes with vcam and stays", "vcam models lists what can be removed")
    there = wanted.present
    for file in wanted.files.values():
        file.path.unlink(missing_ok=True)
    return there
