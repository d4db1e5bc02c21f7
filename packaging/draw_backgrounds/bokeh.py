"""Points of light out of focus: a city at night through a window, and golden discs."""

from __future__ import annotations

import cv2
import numpy as np
from canvas import Array, Frame, defocus, filmic, fractal, mix, ramp, resize, rgb, smooth, soften, vignette

LIGHTS = ("ffd09a", "ffbd78", "ffe2bc", "dfe6f2", "ffae66", "ffd8aa", "ffc68a")
STREET = ("ffb45e", "ffcf8f", "fff0d8", "ff6a3c", "ffe2b0", "7fc4b0")


def disc(
    frame: Frame, image: Array, at: tuple[float, float], radius: float, light: Array, soft: float = 0.06
) -> None:
    """Adds one blurred point of light; `at` and `radius` are fractions of the height.

    Towards the picture's edge the lens barrel cuts the disc, as it does in photographs.
    """
    size = frame.height
    reach = radius * (1.05 + soft)
    left, right = (int(np.clip((at[0] + s * reach) * size, 0, frame.width)) for s in (-1, 1))
    top, low = (int(np.clip((at[1] + s * reach) * size, 0, frame.height)) for s in (-1, 1))
    if left >= right or top >= low:
        return
    y, x = np.mgrid[top:low, left:right].astype(np.float32)
    x, y = (x + 0.5) / size - at[0], (y + 0.5) / size - at[1]
    off = ((at[0] - frame.aspect / 2) * 0.32 * radius, (at[1] - 0.5) * 0.32 * radius)
    far = np.maximum(np.hypot(x, y), np.hypot(x + off[0], y + off[1]) / 1.02) / radius
    shape = smooth(1.0 + soft, 1.0 - soft, far) * (0.78 + 0.3 * np.clip(far, 0.0, 1.0) ** 5)
    image[top:low, left:right] += shape[:, :, None] * light


def _towers(frame: Frame, image: Array, rng: np.random.Generator, layer: int) -> None:
    """One row of buildings, with lit windows in some of their storeys."""
    height = frame.height
    body = (rgb("6d6a85"), rgb("3b4260"), rgb("293047"))[layer]
    if layer > 0:
        image[int((0.6 + 0.06 * layer) * height) :] = body
    x = -0.05
    while x < frame.aspect:
        wide = rng.uniform(0.06, 0.15)
        side = abs(x + wide / 2 - frame.aspect / 2) / (frame.aspect / 2)
        top = 0.57 + 0.05 * layer - rng.uniform(0.0, 0.3) * (0.3 + side) * (1.0 - 0.12 * layer)
        left, right = (max(int(edge * height), 0) for edge in (x, x + wide))
        image[int(top * height) :, left:right] = body * rng.uniform(0.78, 1.22)
        _windows(frame, image, (x, top, wide), rng, layer)
        x += wide + rng.uniform(-0.02, 0.015) + 0.05 * layer * rng.random()


def _windows(
    frame: Frame, image: Array, tower: tuple[float, float, float], rng: np.random.Generator, layer: int
) -> None:
    x, top, wide = tower
    pitch = 0.011 + 0.004 * layer  # of the windows, sideways; storeys are half as far again
    lit = rng.uniform(0.04, 0.16)
    tint = rgb(str(rng.choice(LIGHTS)))
    for row in np.arange(top + 0.012, 0.92, pitch * 1.5):
        for column in np.arange(x + 0.008, x + wide - 0.008, pitch):
            if rng.random() < lit:
                power = 2.2 * rng.lognormal(0.0, 1.2)
                _spot(frame, image, (column, row), tint * min(power, 30.0))


def _spot(frame: Frame, image: Array, at: tuple[float, float], light: Array) -> None:
    """A light of about three pixels' width."""
    x, y = int(at[0] * frame.height), int(at[1] * frame.height)
    if 1 <= x < frame.width - 2 and 1 <= y < frame.height - 2:
        # The blur spreads it over more pixels the larger the picture.
        image[y - 1 : y + 2, x - 1 : x + 2] = light * (frame.height / 320.0) ** 2


def _streets(frame: Frame, image: Array, rng: np.random.Generator) -> None:
    """Street lamps and cars, larger and fewer towards the viewer."""
    for _ in range(70):
        near = rng.random() ** 0.8
        place = (rng.uniform(0.0, frame.aspect), 0.7 + 0.33 * near)
        code = str(rng.choice(STREET, p=[0.3, 0.25, 0.2, 0.1, 0.1, 0.05]))
        disc(frame, image, place, 0.017 + 0.024 * near, rgb(code) * rng.uniform(0.1, 0.5))


def _sill(frame: Frame, view: Array) -> Array:
    """The window frame before the view, itself out of focus, and a lamp mirrored in the pane."""
    xs, ys = frame.grid()
    bars = np.zeros(xs.shape, np.float32)
    for place, half in ((0.33, 0.011), (1.49, 0.011)):
        bars = np.maximum(bars, np.asarray(np.abs(xs - place) < half, np.float32))
    bars = np.maximum(bars, np.asarray(ys > 0.945, np.float32))
    bars = soften(bars, 0.0055 * frame.height)
    paint = ramp([(0.0, "15171c"), (0.6, "221f1f"), (1.0, "3a2f27")], ys)
    lamp = np.exp(-(((xs - 1.64) / 0.16) ** 2 + ((ys - 0.16) / 0.12) ** 2))
    view = view + 0.02 * lamp[:, :, None] * rgb("ffc98a")
    return mix(view, paint, bars)


def city_night(frame: Frame) -> Array:
    """A city after sunset through a large window, its lights blurred to discs."""
    rng = np.random.default_rng(12)
    _, ys = frame.grid()
    image = (
        ramp([(0.0, "26324f"), (0.25, "47547c"), (0.45, "8a819c"), (0.58, "cfa593"), (0.7, "e3b78c")], ys)
        * 0.8
    )
    for layer in range(3):
        _towers(frame, image, rng, layer)
        if layer < 2:
            haze = 0.22 * np.exp(-(((ys - 0.68) / 0.14) ** 2))
            image = mix(image, rgb("8f7480") * 0.5, haze)
    image = defocus(image, 0.0165 * frame.height, 0.35)
    _streets(frame, image, rng)
    image = image + 0.25 * soften(image, 0.05 * frame.height)
    return vignette(_sill(frame, filmic(image, 0.75)), 0.25)


def _scatter(
    frame: Frame,
    image: Array,
    rng: np.random.Generator,
    count: int,
    radius: tuple[float, float],
    power: float,
    soft: float,
) -> None:
    """Discs strewn over the picture, few of them about its middle."""
    codes = ("ffbe6e", "f7a650", "ffd698", "ec9245", "f9b670", "ffc87e", "e08340")
    placed = 0
    while placed < count:
        x, y = rng.uniform(-0.05, frame.aspect + 0.05), rng.uniform(-0.05, 1.05)
        centre = np.exp(-(((x - frame.aspect / 2) / 0.5) ** 2 + ((y - 0.62) / 0.5) ** 2))
        if rng.random() < 0.92 * centre:
            continue
        light = rgb(str(rng.choice(codes))) * power * rng.lognormal(-0.3, 0.7)
        disc(frame, image, (x, y), rng.uniform(*radius), light, soft)
        placed += 1


def golden_bokeh(frame: Frame) -> Array:
    """Golden discs of several sizes over a warm brown dusk."""
    rng = np.random.default_rng(77)
    small = frame.scaled(0.25)
    xs, ys = small.grid()
    glow = np.exp(-(((xs - 0.55) / 0.85) ** 2 + ((ys - 0.3) / 0.6) ** 2))
    clouds = fractal(small, 1.6, 3, 8)
    back = ramp([(0.0, "2b1912"), (0.45, "6a4026"), (0.8, "aa7140"), (1.0, "cb9558")], glow + 0.1 * clouds)
    image = resize(soften(back, 0.03 * small.height), frame)
    _scatter(frame, image, rng, 30, (0.11, 0.19), 0.06, 0.45)
    _scatter(frame, image, rng, 52, (0.055, 0.1), 0.2, 0.15)
    _scatter(frame, image, rng, 54, (0.025, 0.055), 0.42, 0.09)
    bloom = cv2.GaussianBlur(image, (0, 0), 0.05 * frame.height)
    # A plain exponential shoulder: the film curve turns bright amber greenish.
    return vignette(np.asarray(1.0 - np.exp(-1.2 * (image + 0.25 * bloom)), np.float32), 0.25)
