"""What can be exchanged while a run lasts."""

from __future__ import annotations

from dataclasses import dataclass

from vcam.backdrops import Backdrop
from vcam.engine.privacy import AwayCard
from vcam.engine.slot import Latest
from vcam.frame import Frame
from vcam.pipeline import Pipeline, PipelineSettings


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """Parts that are exchanged between two frames, all at once; None stays as it is.

    Whoever changes the size gives all that depends on it: ``picture`` or a ``pipeline``, ``backdrop`` and ``away``.

    Attributes:
        picture: settings for the pipeline that there is.
        pipeline: another one, with settings of its own.
        frames: where the frames come from.
    """

    backdrop: Backdrop | None = None
    picture: PipelineSettings | None = None
    pipeline: Pipeline | None = None
    away: AwayCard | None = None
    frames: Latest[Frame] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is exchanged."""
        return not any((self.backdrop, self.picture, self.pipeline, self.away, self.frames))
