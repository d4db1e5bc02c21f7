"""Writing the configuration file: the user's comments stay, and no half-written file is ever left."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from vcam.config import config_path, fields, parse_value, unknown_key
from vcam.errors import ConfigError


def set_value(name: str, text: str) -> Path:
    """Write one setting; the file is made, with every setting explained, if there is none.

    Raises:
        ConfigError: unknown setting, unfit value, or the file cannot be read or written.
    """
    value = parse_value(name, text)
    path = config_path()
    document = _read(path)
    document[name] = value
    _write(path, tomlkit.dumps(document))
    return path


def unset_value(name: str) -> Path:
    """Remove one setting from the file.

    Raises:
        ConfigError: unknown setting, or the file cannot be read or written.
    """
    if name not in fields():
        raise unknown_key(name, "the command line")
    path = config_path()
    document = _read(path)
    if name in document:
        document.remove(name)
        _write(path, tomlkit.dumps(document))
    return path


def _read(path: Path) -> tomlkit.TOMLDocument:
    if not path.exists():
        return tomlkit.parse(template())
    try:
        return tomlkit.parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"configuration {path} cannot be read: {error.strerror}", "check its permissions") from error
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise ConfigError(f"configuration {path} is not TOML: {error}", f"mend or delete {path}") from error


def template() -> str:
    """A configuration in which every setting is explained and commented out."""
    lines = ["# vcam's configuration. A flag or an environment variable (VCAM_NAME) wins over it.", ""]
    for name, field in fields().items():
        lines += [f"# {field.description}", f"# {name} = {_sample(field.default)}", ""]
    return "\n".join(lines)


def _sample(default: object) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, tuple):
        return '["virtualcam:", "preview:"]'
    return f"{default:g}" if isinstance(default, float) else f'"{default or ""}"'


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".config.", suffix=".toml")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                out.write(text)
            Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError(f"configuration {path} cannot be written: {error.strerror}",
                          "set VCAM_CONFIG to a file you can write") from error
