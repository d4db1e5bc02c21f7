"""Raw video on standard output, for pipes: ``vcam run --sink - | ffplay -``.

The stream is YUV4MPEG2 (https://wiki.multimedia.cx/index.php/YUV4MPEG2): a header line, then ``FRAME`` and the
planes Y, U, V of each picture. Chroma is the mean of its 2 × 2 pixels, so it is sited as in JPEG (``C420jpeg``).
The format has neither timestamps nor a matrix: readers assume a constant rate and BT.601.
"""

from __future__ import annotations

import os
import sys
from io import FileIO

from vcam.errors import SinkError, UsageError
from vcam.frame import Rendered
from vcam.sinks import Delivery, OutputFormat
from vcam.sinks.incoming import pixels_for

_HINT = "pipe it into a program: vcam run --sink - | ffplay -"


def header(output: OutputFormat) -> bytes:
    """The first line of the stream: size, exact frame rate, progressive, square pixels, 4:2:0, limited range."""
    size, fps = output.size, output.fps
    return (f"YUV4MPEG2 W{size.width} H{size.height} F{fps.numerator}:{fps.denominator} Ip A1:1 "
            "C420jpeg XCOLORRANGE=LIMITED\n").encode("ascii")


class StdoutSink:
    """Writes every picture to standard output.

    Args:
        argument: must be empty.

    Raises:
        UsageError: there is an argument.
    """

    name = "stdout"
    delivery = Delivery.EVERY
    tags_colour = False

    def __init__(self, argument: str = "") -> None:
        if argument:
            raise UsageError(f"sink 'stdout:{argument}' takes no argument", "write stdout: or -")
        self._output: OutputFormat | None = None
        self._stream: FileIO | None = None
        self._header = b""

    def open(self, output: OutputFormat) -> None:
        """Take standard output.

        Raises:
            SinkError: it is a terminal or closed, or an earlier stream of another format went there.
        """
        started = header(output)
        if self._header and self._header != started:
            raise SinkError("standard output already carries video of another size or rate", "start again")
        self._stream = _own_stdout()
        self._output = output
        if not self._header:
            self._write(started)
            self._header = started

    def send(self, picture: Rendered) -> None:
        """Write ``picture``; blocks while the reader is busy.

        Raises:
            SinkError: the reader has gone, or the disk behind it is full.
        """
        assert self._output is not None, "open() comes first"
        pixels = pixels_for(self._output, picture)
        self._write(b"FRAME\n")
        self._write(pixels.reshape(-1).data)

    def close(self) -> None:
        """Let go of standard output."""
        stream, self._stream, self._output = self._stream, None, None
        if stream is not None:
            stream.close()

    @property
    def watchers(self) -> int | None:
        """Nobody can tell."""
        return None

    @property
    def note(self) -> str:
        return "YUV4MPEG2 video on standard output" if self._stream is not None else ""

    def _write(self, data: bytes | memoryview) -> None:
        assert self._stream is not None
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._stream.write(rest):]
        except BrokenPipeError as error:
            raise SinkError("the program that reads standard output has gone", _HINT) from error
        except OSError as error:
            raise SinkError(f"standard output cannot be written: {error.strerror}", _HINT) from error


def _own_stdout() -> FileIO:
    """An unbuffered duplicate of standard output, so that closing it or a broken pipe leaves ``sys.stdout`` alone."""
    try:
        if sys.stdout.isatty():
            raise SinkError("standard output is a terminal, which cannot show raw video", _HINT)
        return FileIO(os.dup(sys.stdout.fileno()), "w")
    except (OSError, ValueError, AttributeError) as error:
        raise SinkError(f"standard output is not open: {error}", _HINT) from error
