"""The pictures of a folder in turn, each fading into the next."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import cv2

from vcam.backdrops import BackdropOptions, Scene
from vcam.backdrops.library import bundled_folder
from vcam.backdrops.pictures import load_i420
from vcam.errors import BackdropError, UsageError
from vcam.frame import Pixels
from vcam.sources import PICTURES

FADE_SECONDS = 1.0

log = logging.getLogger(__name__)


class SlideshowBackdrop:
    """``slideshow:FOLDER`` (empty: the bundled pictures); broken pictures are named once and skipped."""

    replaces = True

    def __init__(self, argument: str, options: BackdropOptions) -> None:
        folder = Path(argument).expanduser() if argument else bundled_folder()
        if not folder.is_dir():
            raise UsageError(f"slideshow folder '{folder}' does not exist", "give a folder: slideshow:~/Pictures")
        self.name = f"slideshow {folder.name}"
        self._options = options
        self._paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES)
        self._folder = folder
        self._turn = -1
        self._now = self._load_next()
        self._loader = ThreadPoolExecutor(1, "slideshow")
        self._coming = self._next()
        self._before: Pixels | None = None
        self._since: Fraction | None = None

    def pixels(self, scene: Scene) -> Pixels:
        now = scene.frame.pts
        if self._since is None or now < self._since:
            self._since = now
        if float(now - self._since) >= self._options.interval and self._coming is not None and self._coming.done():
            self._before, self._now, self._since = self._now, self._coming.result(), now
            self._coming = self._next()
        faded = float(now - self._since) / FADE_SECONDS
        if self._before is None or faded >= 1:
            self._before = None
            return self._now
        return cv2.addWeighted(self._now, faded, self._before, 1 - faded, 0)

    def _next(self) -> Future[Pixels] | None:
        """The picture after this one, which is loaded meanwhile: that takes as long as several frames."""
        return self._loader.submit(self._load_next) if len(self._paths) > 1 else None

    def _load_next(self) -> Pixels:
        while self._paths:
            self._turn = (self._turn + 1) % len(self._paths)
            path = self._paths[self._turn]
            try:
                return load_i420(path, self._options)
            except BackdropError as error:
                log.warning("slideshow: %s; skipped", error.message)
                self._paths.pop(self._turn)
                self._turn -= 1
        raise BackdropError(f"slideshow folder '{self._folder}' has no usable picture",
                            f"put {', '.join(sorted(PICTURES))} files into it")

    def close(self) -> None:
        """Load no more."""
        self._loader.shutdown(wait=False, cancel_futures=True)
