"""One error base class, one subclass per room; each says what was tried, what was found and what to type next."""

from __future__ import annotations


class VcamError(Exception):
    """Anything vcam can explain.

    Args:
        message: what was tried and what was found, one line.
        hint: what to type or do next, one line; empty if there is nothing to do.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} – {self.hint}" if self.hint else self.message


class UsageError(VcamError):
    """The words on the command line or in the configuration are off: exit code 2."""

    exit_code = 2


class ConfigError(UsageError, ValueError):
    """A configuration value, key or file is wrong."""


class SourceError(VcamError):
    """A camera, file or screen cannot be opened or read."""


class SegmenterError(VcamError):
    """A network or its runtime cannot be loaded, or failed on a frame."""


class BackdropError(VcamError):
    """A background cannot be loaded or rendered."""


class SinkError(VcamError):
    """An output cannot be opened or written."""


class DeviceError(VcamError):
    """The requested processing device (CPU or GPU) is not usable."""


class EngineError(VcamError):
    """A run cannot be changed: it is over, or hangs."""


class ControlError(VcamError):
    """A running vcam cannot be reached, or refuses a command."""


class CutoutError(VcamError):
    """A file cannot be cut out."""


class EvaluationError(VcamError):
    """An evaluation's index, clip or truth cannot be read, or they do not fit each other."""


class ModelError(VcamError):
    """A model file is missing, damaged or cannot be fetched."""
