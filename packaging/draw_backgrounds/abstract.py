"""Backdrops without a place: a painted studio canvas, a teal glow, folds of silk."""

from __future__ import annotations

import numpy as np
from canvas import Array, Frame, fractal, mix, ramp, rgb, smooth, soften, vignette


def studio_canvas(frame: Frame) -> Array:
    """A hand-painted canvas in warm grey, lit by one lamp from the upper left."""
    xs, ys = frame.grid()
    far = np.sqrt(((xs - 0.78) / 1.15) ** 2 + ((ys - 0.4) / 0.8) ** 2 + 0.03)
    paper = ramp([(0.15, "cbc2b7"), (0.4, "aea499"), (0.7, "857b71"), (1.1, "5d554e"), (1.5, "453f3a")], far)
    cloud = fractal(frame, 2.6, 3, 51, 0.5)
    # Brush marks, stronger in some places than in others, as a hand leaves them.
    sweep = fractal(frame, 6.0, 5, 52, 0.62, stretch=1.6)
    patches = smooth(-1.0, 1.0, fractal(frame, 3.0, 2, 53))
    tone = 1.0 + 0.045 * cloud + 0.05 * sweep * patches
    weave = 0.012 * fractal(frame, 160.0, 2, 54)
    return vignette(soften(paper * (tone + weave)[:, :, None], 0.0011 * frame.height), 0.12)


def _sheet(
    frame: Frame, picture: Array, edge: tuple[float, float, float, float], code: str, power: float
) -> Array:
    """Adds a curved sheet of light: crisp-ish along its edge, fading away below it."""
    xs, ys = frame.grid()
    start, slope, bow, phase = edge
    line = start + slope * xs + bow * np.sin(2.1 * xs + phase)
    depth = ys - line
    light = smooth(-0.012, 0.03, depth) * np.exp(-np.maximum(depth, 0.0) / 0.32)
    along = 0.55 + 0.45 * np.sin(1.7 * xs + phase * 2.0)
    return np.asarray(picture + (light * along * power)[:, :, None] * rgb(code), np.float32)


def teal_glow(frame: Frame) -> Array:
    """Deep blue turning to teal, with soft sheets of light."""
    xs, ys = frame.grid()
    diagonal = 0.62 * xs / frame.aspect + 0.38 * (1.0 - ys)
    base = ramp([(0.0, "081526"), (0.35, "0d2740"), (0.65, "114459"), (1.0, "1c6473")], diagonal)
    for x, y, size, code, power in (
        (1.62, 0.12, 0.55, "3a9dab", 0.5),
        (0.15, 0.95, 0.5, "2b5fa6", 0.45),
        (0.89, 0.4, 0.5, "2a7f96", 0.28),
        (0.2, 0.05, 0.4, "1f4f86", 0.25),
    ):
        spot = np.exp(-((xs - x) ** 2 + (ys - y) ** 2) / size**2)
        base = base + (spot * power)[:, :, None] * rgb(code)
    base = _sheet(frame, base, (0.2, -0.2, 0.1, 4.2), "5aa7c4", 0.035)
    base = _sheet(frame, base, (0.78, -0.18, 0.1, 0.4), "3c9aa0", 0.15)
    base = _sheet(frame, base, (0.98, -0.3, 0.13, 1.6), "3b7fc0", 0.17)
    base = _sheet(frame, base, (0.42, -0.22, 0.12, 2.7), "4fb5a6", 0.1)
    return vignette(base, 0.25)


def _folds(frame: Frame) -> Array:
    """Height of the cloth: waves along a slanted, twice-bent direction."""
    xs, ys = frame.grid()
    u = 0.42 * xs + 0.9 * ys
    v = 0.9 * xs - 0.42 * ys
    bend = 0.2 * np.sin(1.9 * v + 0.6) + 0.09 * np.sin(3.7 * v + 2.0 * u + 1.3)
    u = u + bend
    height = 0.06 * np.sin(5.2 * u + 0.7 * np.sin(1.4 * v)) + 0.036 * np.sin(10.7 * u - 1.1 * v + 0.8)
    height += 0.007 * np.sin(21.0 * u + 2.3 * np.sin(2.2 * v + 0.3)) + 0.02 * np.sin(3.1 * v + 1.7 * u)
    return np.asarray(height, np.float32)


def silk_waves(frame: Frame) -> Array:
    """Folds of silk in rose, sand and plum."""
    xs, _ = frame.grid()
    height = _folds(frame)
    slope_y, slope_x = np.gradient(height, 1.0 / frame.height)
    normal = np.stack([-slope_x, -slope_y, np.full_like(height, 0.75)])
    normal /= np.linalg.norm(normal, axis=0)
    lamp = np.array([-0.35, -0.62, 0.7]) / np.linalg.norm([-0.35, -0.62, 0.7])
    facing = np.tensordot(lamp, normal, 1)
    half = lamp + np.array([0.0, 0.0, 1.0])
    shine = np.clip(np.tensordot(half / np.linalg.norm(half), normal, 1), 0.0, 1.0)
    place = np.clip(0.5 + 0.35 * (xs / frame.aspect - 0.5) * 2.0 + 3.2 * height, 0.0, 1.0)
    cloth = ramp([(0.0, "8f6f86"), (0.35, "b58a94"), (0.7, "d6b3a6"), (1.0, "e6d0bd")], place)
    shadow = mix(cloth * rgb("8a5f80"), cloth, 0.25)
    lit = mix(shadow, cloth, smooth(-0.2, 1.0, facing))
    lit = lit + rgb("fff0e2") * (0.2 * shine**14 + 0.12 * shine**90)[:, :, None]
    return vignette(soften(lit, 0.0012 * frame.height), 0.2)
