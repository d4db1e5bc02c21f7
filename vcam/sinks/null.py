"""The sink that goes nowhere: for measurements and tests."""

from __future__ import annotations

from vcam.errors import UsageError
from vcam.frame import Rendered
from vcam.sinks import Delivery, OutputFormat
from vcam.sinks.incoming import check


class NullSink:
    """Counts pictures and remembers the last one.

    Args:
        argument: must be empty.

    Raises:
        UsageError: there is an argument.
    """

    name = "null"
    delivery = Delivery.EVERY
    tags_colour = True

    def __init__(self, argument: str = "") -> None:
        if argument:
            raise UsageError(f"sink 'null:{argument}' takes no argument", "write null:")
        self.count = 0
        self.last: Rendered | None = None
        self._output: OutputFormat | None = None

    def open(self, output: OutputFormat) -> None:
        """Start counting from 0."""
        self.count, self.last, self._output = 0, None, output

    def send(self, picture: Rendered) -> None:
        """Count ``picture`` and keep it.

        Raises:
            SinkError: it is not of the size and format agreed on.
        """
        assert self._output is not None, "open() comes first"
        check(self._output, picture)
        self.count, self.last = self.count + 1, picture

    def close(self) -> None:
        """Stop; the count and the last picture stay readable."""
        self._output = None

    @property
    def watchers(self) -> int | None:
        """Nobody can tell."""
        return None

    @property
    def note(self) -> str:
        return ""
