"""Light: a person who is lit like the place they are put in looks as if they were there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vcam.frame import FloatArray, Frame, Matte, Pixels
from vcam.ops import Guide, Ops, Tone

# At full strength: the share of the difference in brightness (as an exponent) and in tint that is taken over, and the
# most that either may change. A face must stay the colour of a face.
_BRIGHTNESS, _TINT = 0.35, 0.3
_GAIN_LIMITS, _TINT_LIMIT = (0.75, 1.25), 10.0
# Share of a new frame in the tone: light that jumps with every movement would flicker.
_RATE = 0.06


@dataclass(frozen=True, slots=True)
class LightSettings:
    """``match``: how much of the background's brightness and tint the person takes on; ``wrap``: how much of its light
    falls around the outline. Both 0 (off) – 1."""

    match: float = 0.0
    wrap: float = 0.0


AS_IT_IS = LightSettings()


class Light:
    """Lights the person of frame after frame."""

    def __init__(self, ops: Ops) -> None:
        self._ops = ops
        self.reset()

    def reset(self) -> None:
        """Another place: do not fade over from the former one."""
        self._tone: FloatArray | None = None

    def lit(self, frame: Frame, guide: Guide, matte: Matte, background: Pixels, settings: LightSettings) -> Frame:
        """The frame in the background's light; the frame itself if both settings are 0."""
        if not (settings.match or settings.wrap):
            self._tone = None
            return frame
        wanted = _tone(*self._ops.mean_colours(guide, matte, background), settings.match)
        self._tone = wanted if self._tone is None else self._tone + (wanted - self._tone) * np.float32(_RATE)
        gain, blue, red = (float(value) for value in self._tone)
        return self._ops.toned(frame, matte, background, Tone(gain, blue, red, settings.wrap))


def _tone(person: FloatArray, back: FloatArray, strength: float) -> FloatArray:
    """Gain of Y, offsets of U and V."""
    ratio = max(float(back[0]) - 16, 8.0) / max(float(person[0]) - 16, 8.0)
    gain = np.clip(ratio ** (_BRIGHTNESS * strength), *_GAIN_LIMITS)
    tint = np.clip((back[1:] - person[1:]) * (_TINT * strength), -_TINT_LIMIT, _TINT_LIMIT)
    return np.array([gain, *tint], np.float32)
