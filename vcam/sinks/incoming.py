"""What every sink asks of a picture before it passes it on."""

from __future__ import annotations

import numpy as np

from vcam.errors import SinkError
from vcam.frame import Colour, Frame, PixelFormat, Pixels, Rendered
from vcam.ops.colour import recolour
from vcam.sinks import OutputFormat


def check(output: OutputFormat, picture: Rendered) -> Frame:
    """The frame of ``picture``.

    Raises:
        SinkError: the frame is not I420, or not of the size that the sink was opened with.
    """
    frame = picture.frame
    if frame.format is not PixelFormat.I420 or frame.size != output.size:
        raise SinkError(f"output was opened for {output.size} i420 pictures, got {frame.size} {frame.format}",
                        "stop and start again")
    return frame


def pixels_for(output: OutputFormat, picture: Rendered) -> Pixels:
    """The I420 pixels (height * 3 / 2, width) of ``picture`` in the size and colour agreed on.

    Raises:
        SinkError: as ``check``.
    """
    return pixels_in(output.colour, check(output, picture))


def pixels_in(colour: Colour, frame: Frame) -> Pixels:
    """The I420 pixels of ``frame`` with the matrix ``colour``: its own memory unless it has another one."""
    if frame.colour is colour:
        return frame.pixels
    converted = np.empty_like(frame.pixels)
    recolour(frame.pixels, frame.colour, colour, converted)
    return converted
