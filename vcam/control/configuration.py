"""What the user typed: flags, environment and configuration file, read when a run starts and again on demand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vcam.config import Origin, Settings, resolve
from vcam.control.live_settings import plain


class Configuration:
    """The settings as typed.

    Args:
        flags: as for ``config.resolve``.
        path: instead of the usual file.
        camera: one of those that the file names; empty: what holds for all.

    Raises:
        ConfigError: as ``config.resolve``.
    """

    def __init__(self, flags: Mapping[str, object], path: Path | None = None, camera: str = "") -> None:
        self._flags, self._path, self._camera = flags, path, camera
        resolved = resolve(flags, path=path, camera=camera)
        self.settings: Settings = resolved.settings
        self.origins: dict[str, Origin] = resolved.origins
        from_file = resolve({}, {}, path, camera)
        self.in_file: dict[str, Any] = {name: plain(getattr(from_file.settings, name))
                                        for name, origin in from_file.origins.items() if origin == "file"}

    def read_again(self) -> Configuration:
        """As it is now, with the same flags.

        Raises:
            ConfigError: as above.
        """
        return Configuration(self._flags, self._path, self._camera)

    def is_typed_for_this_run(self, name: str) -> bool:
        """Whether a flag or the environment gives that setting."""
        return self.origins[name] in ("flag", "environment")
