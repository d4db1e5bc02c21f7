"""The person in the background's light: brightness and tint of the planes, and light that wraps around the outline."""

from __future__ import annotations

import cv2
import numpy as np

from vcam.frame import FloatArray, Matte, Pixels, i420_planes
from vcam.ops import Guide, Tone

# Every which pixel of a background is enough for its mean.
_SAMPLE = 16
# How far light reaches in from the outline, in grid steps.
_REACH = (7, 7)


def mean_colours(guide: Guide, matte: Matte, background: Pixels) -> tuple[FloatArray, FloatArray]:
    """Mean Y, U and V (float32) of the person and of an I420 background; the person's are the background's if nobody
    is there."""
    planes = i420_planes(background)
    back = np.array([plane[::_SAMPLE, ::_SAMPLE].mean() for plane in planes], np.float32)
    share = matte.alpha.astype(np.float32)
    total = float(share.sum())
    if total < 255:
        return back, back
    return np.array([float((plane * share).sum()) / total for plane in guide.planes], np.float32), back


def toned(pixels: Pixels, tone: Tone, out: Pixels) -> None:
    """I420 pixels brightened and tinted."""
    y, u, v = i420_planes(pixels)
    luma, blue, red = i420_planes(out)
    table = np.clip((np.arange(256) - 16) * tone.gain + 16.5, 0, 255).astype(np.uint8)
    cv2.LUT(y, table, luma)
    cv2.add(u, np.full(1, tone.blue), blue)
    cv2.add(v, np.full(1, tone.red), red)


def wrap(pixels: Pixels, matte: Matte, background: Pixels, strength: float) -> None:
    """Let the background's light fall on the person next to it, in place; nothing outside of the person changes."""
    person = matte.alpha.astype(np.float32) / 255
    weight = (1 - cv2.blur(person, _REACH, borderType=cv2.BORDER_REPLICATE)) * person * np.float32(strength)
    # One sample more on each side: the outermost ones are interpolated with their neighbours.
    fallen_on = cv2.dilate((weight > 0.01).view(np.uint8), np.ones((3, 3), np.uint8))
    left, top, width, height = cv2.boundingRect(fallen_on)
    if not width:
        return
    for plane, back, part in zip(i420_planes(pixels), i420_planes(background), (1, 2, 2), strict=True):
        light = cv2.resize(back, weight.shape[::-1], interpolation=cv2.INTER_AREA)
        light = cv2.blur(light, _REACH, borderType=cv2.BORDER_REPLICATE)
        step = matte.factor // part
        shape = (min((top + height) * step, plane.shape[0]), min((left + width) * step, plane.shape[1]))
        seen = plane[top * step:shape[0], left * step:shape[1]]
        size = (width * step, height * step)
        share = cv2.resize(weight[top:top + height, left:left + width], size)[:seen.shape[0], :seen.shape[1]]
        falls = cv2.resize(light[top:top + height, left:left + width], size)[:seen.shape[0], :seen.shape[1]]
        seen[:] = cv2.blendLinear(np.ascontiguousarray(seen), np.ascontiguousarray(falls), 1 - share, share)
