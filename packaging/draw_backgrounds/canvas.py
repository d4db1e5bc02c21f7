"""Light, colour, noise and blur: what every picture is made with.

Pictures are float arrays of linear light (height, width, 3), red first; they become eight-bit
sRGB only in `develop`, so that blurs and mixes behave as light does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Frame:
    """The size of a picture in pixels; lengths in pictures are fractions of its height."""

    width: int
    height: int

    def grid(self) -> tuple[Array, Array]:
        """Coordinates of the pixel centres: x from 0 to width/height, y from 0 (top) to 1."""
        x = (np.arange(self.width, dtype=np.float32) + 0.5) / self.height
        y = (np.arange(self.height, dtype=np.float32) + 0.5) / self.height
        xs, ys = np.meshgrid(x, y)
        return xs, ys

    def scaled(self, factor: float) -> Frame:
        """A smaller (or larger) frame of the same shape."""
        return Frame(max(2, round(self.width * factor)), max(2, round(self.height * factor)))

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width / self.height


def _levels(code: str) -> list[float]:
    return [int(code[i : i + 2], 16) / 255.0 for i in (0, 2, 4)]


def rgb(code: str) -> Array:
    """Linear light of an sRGB colour written as six hexadecimal digits."""
    return decode(np.array(_levels(code)))


def decode(value: Array) -> Array:
    """Linear light of sRGB values between 0 and 1."""
    return np.asarray(np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4), np.float32)


def encode(linear: Array) -> Array:
    """The sRGB curve, for linear light between 0 and 1."""
    clipped = np.clip(linear, 0.0, 1.0)
    return np.where(clipped <= 0.0031308, clipped * 12.92, 1.055 * clipped ** (1 / 2.4) - 0.055)


def mix(a: Array, b: Array, amount: Array | float) -> Array:
    """From `a` to `b`; a two-dimensional amount applies to all three colours."""
    weight = np.asarray(amount, np.float32)
    if weight.ndim == 2:
        weight = weight[:, :, None]
    return np.asarray(a + (b - a) * weight, np.float32)


def smooth(start: float, end: float, value: Array) -> Array:
    """0 before `start`, 1 after `end`, and an S-shaped passage between them."""
    t = np.clip((value - start) / (end - start), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), np.float32)


def ramp(stops: list[tuple[float, str]], value: Array) -> Array:
    """Colours at `value`, interpolated between (position, sRGB code) stops.

    The interpolation runs in the encoded colours, where equal steps look equal. The table is
    smoothed, as the eye sees a crease where two straight ramps meet.
    """
    first, last = stops[0][0], stops[-1][0]
    codes = np.array([_levels(code) for _, code in stops])
    steps = np.linspace(first, last, 2049)
    table: Array = np.stack([np.interp(steps, [place for place, _ in stops], codes[:, c]) for c in range(3)])
    table = cv2.GaussianBlur(table, (0, 0), sigmaX=110.0, sigmaY=0.01, borderType=cv2.BORDER_REPLICATE)
    linear = decode(table.T)
    index = np.clip((np.asarray(value) - first) / (last - first), 0.0, 1.0) * 2048.0
    low = np.minimum(index.astype(np.int32), 2047)
    share = (index - low)[..., None]
    return np.asarray(linear[low] * (1.0 - share) + linear[low + 1] * share, np.float32)


def fractal(
    frame: Frame, cells: float, octaves: int, seed: int, gain: float = 0.5, stretch: float = 1.0
) -> Array:
    """Cloudy noise around 0, mostly within ±1; `cells` is the number of blobs along the height.

    `stretch` above 1 draws the blobs out sideways.
    """
    rng = np.random.default_rng(seed)
    total = np.zeros((frame.height, frame.width), np.float32)
    weight, norm = 1.0, 0.0
    for octave in range(octaves):
        total += weight * _blobs(frame, cells * 2**octave, stretch, rng)
        norm += weight * weight
        weight *= gain
    return np.asarray(total / np.sqrt(norm), np.float32)


def _blobs(frame: Frame, cells: float, stretch: float, rng: np.random.Generator) -> Array:
    """One octave of noise: random values on a coarse grid, interpolated smoothly to the frame."""
    rows = int(np.ceil(cells)) + 4
    columns = int(np.ceil(cells * frame.aspect / stretch)) + 4
    coarse = rng.normal(0.0, 0.6, (rows, columns)).astype(np.float32)
    xs, ys = frame.grid()
    shift = rng.uniform(1.0, 2.0, 2)
    return cv2.remap(
        coarse,
        np.asarray(xs * cells / stretch + shift[0], np.float32),
        np.asarray(ys * cells + shift[1], np.float32),
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REFLECT_101,
    )


def soften(image: Array, sigma: float) -> Array:
    """A Gaussian blur; `sigma` is in pixels."""
    if sigma <= 0.05:
        return image
    return cv2.GaussianBlur(image, (0, 0), float(sigma), borderType=cv2.BORDER_REFLECT_101)


def aperture(radius: float, rim: float = 0.0) -> Array:
    """The blur disc of a lens, its edge smoothed; `rim` brightens the edge as real lenses do."""
    reach = int(np.ceil(radius)) + 1
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32)
    distance = np.hypot(x, y)
    kernel = np.clip(radius + 0.5 - distance, 0.0, 1.0) * (1.0 + rim * (distance / max(radius, 1.0)) ** 4)
    return np.asarray(kernel / kernel.sum(), np.float32)


def defocus(image: Array, radius: float, rim: float = 0.15) -> Array:
    """The picture as a lens focused elsewhere sees it; `radius` is in pixels."""
    return cv2.filter2D(image, -1, aperture(radius, rim), borderType=cv2.BORDER_REFLECT_101)


def despeckle(image: Array) -> Array:
    """Takes back single pixels far brighter than their surroundings (grain of a rendering)."""
    planes = [np.ascontiguousarray(image[:, :, c], np.float32) for c in range(3)]
    middle = np.stack([cv2.medianBlur(plane, 5) for plane in planes], axis=-1)
    return np.asarray(np.minimum(image, 1.8 * middle + 0.05), np.float32)


def resize(image: Array, frame: Frame) -> Array:
    """The picture at another size."""
    shrinking = image.shape[0] > frame.height
    return cv2.resize(
        image, (frame.width, frame.height), interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC
    )


def filmic(linear: Array, exposure: float = 1.0) -> Array:
    """Unbounded light pressed into 0..1 with a film's gentle shoulder (and its slight toe)."""
    x = np.maximum(linear, 0.0) * exposure
    return np.asarray(np.clip(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0.0, 1.0), np.float32)


def vignette(linear: Array, strength: float) -> Array:
    """Darkens the corners; `strength` is the share of light lost in them."""
    height, width = linear.shape[:2]
    xs, ys = Frame(width, height).grid()
    far = ((xs - width / height / 2) / (width / height / 2)) ** 2 + ((ys - 0.5) / 0.5) ** 2
    return np.asarray(linear * (1.0 - strength * (far / 2.0) ** 1.2)[:, :, None], np.float32)


def develop(linear: Array, seed: int = 1, grain: float = 1.5) -> NDArray[np.uint8]:
    """Eight-bit sRGB with fine grain, without which wide gradients show as bands.

    `grain` is its deviation in steps of 1/255; most of it is shared by the colours, as a coarser
    or coloured grain is what compression spends its bytes on.
    """
    rng = np.random.default_rng(seed)
    shape = linear.shape[:2]
    noise = rng.normal(0.0, grain, (*shape, 1)) + rng.normal(0.0, grain * 0.35, (*shape, 3))
    return np.clip(np.rint(encode(linear) * 255.0 + noise), 0, 255).astype(np.uint8)
