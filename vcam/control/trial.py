"""New parts are tried out before they are shown: what cannot make a picture never replaces what can.

It also loads (the first time ever: compiles) the kernels that they need, which would otherwise hold up a frame.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from vcam.backdrops import Backdrop, BackdropOptions, make_backdrop
from vcam.errors import BackdropError, VcamError
from vcam.frame import FloatArray, Frame, PixelFormat, i420_shape
from vcam.ops import pick
from vcam.pipeline import Pipeline, PipelineSettings


class _Uncertain:
    """A network that cannot decide: every kernel gets something to do."""

    name = runtime = "trial"

    def segment(self, frame: Frame, region: object = None) -> FloatArray:
        del frame, region
        ramp = np.linspace(0, 1, 64, dtype=np.float32)
        return np.tile(ramp, (64, 1))

    def close(self) -> None:
        """Nothing is held."""


def try_backdrop(backdrop: Backdrop, picture: PipelineSettings, device: str, now: Fraction) -> None:
    """Make a picture with the backdrop, as the run will at the time ``now`` (of its frames, in seconds).

    Raises:
        BackdropError: it cannot be made.
    """
    if not backdrop.replaces:
        return
    try:
        Pipeline(pick(device), _Uncertain(), picture).render(_grey(picture, now), backdrop)
    except VcamError:
        raise
    except Exception as error:
        raise BackdropError(f"background '{backdrop.name}' fails: {type(error).__name__}: {error}",
                            "choose another: vcam backgrounds") from error


def try_pipeline(pipeline: Pipeline) -> None:
    """Make a picture with the pipeline's network on its device.

    Raises:
        VcamError: it cannot be made.
    """
    picture = pipeline.settings
    colour = make_backdrop("colour:", BackdropOptions(picture.size, picture.colour))
    for number in range(2):
        pipeline.render(_grey(picture, Fraction(number, 30)), colour)
    pipeline.reset()


def _grey(picture: PipelineSettings, now: Fraction) -> Frame:
    pixels = np.full(i420_shape(picture.size), 128, np.uint8)
    return Frame(pixels, PixelFormat.I420, 0, now, 0, picture.colour)
