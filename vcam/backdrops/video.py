"""A video behind the person, looping on its own clock."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from vcam.backdrops import BackdropOptions, Fit, Scene
from vcam.backdrops.library import find
from vcam.backdrops.pictures import fitted
from vcam.errors import BackdropError, SourceError
from vcam.frame import Frame, FramePool, Pixels, i420_shape
from vcam.ops.colour import bgr_to_i420, i420_to_bgr
from vcam.sources import SourceOptions
from vcam.sources.video import VideoSource

# A video that cannot be decoded in time is not caught up with frame by frame; its clock is moved instead.
_MOST_FRAMES_AT_ONCE = 4


class VideoBackdrop:
    """Shows the video's frame that is due at the scene's time."""

    replaces = True

    def __init__(self, argument: str, options: BackdropOptions) -> None:
        path = find(argument, options.folder)
        self.name = Path(path).stem
        self._options = options
        size = options.size if options.fit is Fit.COVER else None
        self._source = VideoSource(str(path), SourceOptions(size=size, colour=options.colour), FramePool())
        self._begun: Fraction | None = None
        try:
            self._source.open()
            self._shown = self._next = self._read()
        except SourceError as error:
            raise BackdropError(f"background video '{path}': {error.message}", error.hint) from error

    def pixels(self, scene: Scene) -> Pixels:
        if self._begun is None:
            self._begun = scene.frame.pts - self._next.pts
        try:
            self._advance(scene.frame.pts)
        except SourceError as error:
            raise BackdropError(f"background video '{self.name}': {error.message}", error.hint) from error
        return self._fitted(self._shown)

    def _advance(self, now: Fraction) -> None:
        assert self._begun is not None
        if now < self._begun:
            self._begun = now - self._next.pts
        for _ in range(_MOST_FRAMES_AT_ONCE):
            if self._next.pts > now - self._begun:
                return
            self._shown, self._next = self._next, self._read()
        self._begun = now - self._next.pts

    def _read(self) -> Frame:
        frame = self._source.read()
        if frame is None:
            raise SourceError("the video has no frames", "choose another file")
        return frame

    def _fitted(self, frame: Frame) -> Pixels:
        if frame.size == self._options.size:
            return frame.pixels
        out = np.empty(i420_shape(self._options.size), np.uint8)
        bgr = fitted(i420_to_bgr(frame.pixels, frame.colour), self._options.size, self._options.fit)
        bgr_to_i420(bgr, self._options.colour, out)
        return out

    def close(self) -> None:
        """Give the file back."""
        self._source.close()
