"""The outdoors: mountain ranges behind each other in the morning mist."""

from __future__ import annotations

import cv2
import numpy as np
from canvas import Array, Frame, fractal, mix, ramp, resize, rgb, smooth, soften, vignette

RANGES = 8
SUN = (0.62, 0.41)


def _sky(frame: Frame) -> Array:
    """Dawn: cool above, peach at the horizon, brightest about the sun behind the haze."""
    _, ys = frame.grid()
    sky = ramp([(0.0, "8ea2bf"), (0.2, "b3bccd"), (0.38, "e3cfc4"), (0.5, "f3d9c0"), (0.7, "f2dcc8")], ys)
    veil = _clouds(frame, 3.0, 41, 5.0)
    sky = mix(sky, rgb("f6e0cf"), 0.35 * smooth(0.1, 1.2, veil) * smooth(0.55, 0.1, ys))
    return np.asarray(sky + _glow(frame, 0.3)[:, :, None] * rgb("ffd2a0") * 0.35, np.float32)


def _clouds(frame: Frame, cells: float, seed: int, stretch: float) -> Array:
    """Soft noise, drawn small and enlarged: it has no details to lose."""
    return resize(fractal(frame.scaled(0.2), cells, 4, seed, 0.55, stretch), frame)


def _glow(frame: Frame, width: float) -> Array:
    xs, ys = frame.grid()
    return np.asarray(
        np.exp(-(((xs - SUN[0]) / width) ** 2 + ((ys - SUN[1]) / (0.7 * width)) ** 2)), np.float32
    )


def _waves(frame: Frame, cells: float, seed: int) -> Array:
    """Smooth noise along the width, within about ±1; `cells` is its bumps per picture height."""
    values = (
        np.random.default_rng(seed).normal(0.0, 0.6, (1, int(cells * frame.aspect) + 6)).astype(np.float32)
    )
    places = (np.arange(frame.width, dtype=np.float32)[None] / frame.height) * cells + 1.5
    line = cv2.remap(values, places, np.zeros_like(places), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(line[0], np.float32)


def _ridge(frame: Frame, index: int) -> Array:
    """Height of a range's skyline per column, as a share of the picture measured from its top."""
    near = index / (RANGES - 1)
    line = np.zeros(frame.width, np.float32)
    for octave in range(8):
        noise = _waves(frame, (1.4 + 0.8 * near) * 2.0**octave, 100 + 13 * index + octave)
        # Folding the broad waves makes crests of them; the fine ones stay as they are.
        line += (0.7 - 2.0 * np.abs(noise) if octave < 3 else noise) * 0.46**octave
    base = 0.475 + 0.47 * near**1.25
    # Away from the middle the ranges rise, and leave the place behind a head open.
    side = np.abs(np.linspace(-1.0, 1.0, frame.width)) ** 1.6
    return np.asarray(base - (0.055 + 0.03 * near) * line - 0.07 * side * (1.0 - 0.3 * near), np.float32)


def _woods(frame: Frame, size: float, seed: int) -> Array:
    """How far treetops stand above the ground, per column."""
    rng = np.random.default_rng(seed)
    columns = np.arange(frame.width, dtype=np.float32) / frame.height
    top = np.zeros(frame.width, np.float32)
    for _ in range(int(9.0 * frame.aspect / size)):
        place, tall = rng.uniform(0.0, frame.aspect), size * rng.uniform(0.3, 1.0) ** 1.4
        first, last = (int((place + s * 0.25 * tall) * frame.height) for s in (-1, 1))
        here = slice(max(first, 0), max(last, 0))
        away = np.abs(columns[here] - place) / (0.2 * tall)
        top[here] = np.maximum(top[here], tall * (1.0 - away**0.8))
    return top


def _range(frame: Frame, index: int, behind: Array) -> Array:
    """Paints one range over what is behind it."""
    near = index / (RANGES - 1)
    ridge = _ridge(frame, index)
    skyline = ridge
    if index >= RANGES - 4:
        skyline = ridge - _woods(frame, (0.009, 0.017, 0.03, 0.052)[index - RANGES + 4], 70 + index)
    _, ys = frame.grid()
    cover = np.clip((ys - skyline[None, :]) * frame.height + 0.5, 0.0, 1.0)
    depth = ys - cv2.GaussianBlur(ridge[None, :], (0, 0), 0.03 * frame.height)
    rock = ramp(
        [(0.0, "b7b3c0"), (0.3, "8c93aa"), (0.6, "5d6e86"), (0.85, "3c5061"), (1.0, "2c3d48")], np.array(near)
    )
    warm = _glow(frame, 0.42) * (1.0 - near)
    rock = mix(rock, rgb("e6bfa6"), 0.6 * warm)
    shade = _clouds(frame, 9 + 8 * near, 300 + index, 1.0)
    rock = rock * (1.0 + 0.07 * shade[:, :, None] * (0.4 + near))
    # The nearest woods lie before the lens's focus.
    cover = soften(cover, 0.0032 * frame.height * float(smooth(0.7, 1.0, np.array(near))))
    return mix(behind, _mist(frame, rock, depth, index), cover)


def _mist(frame: Frame, rock: Array, depth: Array, index: int) -> Array:
    """Fog lying in the valley in front of a range, thickening downwards."""
    near = index / (RANGES - 1)
    drift = _clouds(frame, 3.5, 500 + index, 4.5)
    thick = smooth(-0.01, 0.16 + 0.12 * near, depth + 0.035 * drift) * (0.92 - 0.42 * near)
    _, ys = frame.grid()
    fog = ramp([(0.4, "efd6c4"), (0.6, "d9cfcf"), (0.8, "b4bcc8"), (1.0, "8f9dac")], ys)
    fog = mix(fog, rgb("f7ddc4"), 0.5 * _glow(frame, 0.5))
    return mix(rock, fog, thick)


def misty_mountains(frame: Frame) -> Array:
    """Eight ranges fading into a peach dawn, woods on the nearest."""
    large = frame.scaled(1.25)
    picture = _sky(large)
    for index in range(RANGES):
        picture = _range(large, index, picture)
        # Each range is seen through the air before it: what lies farther is softer.
        if index < RANGES - 1:
            picture = soften(picture, 0.0011 * large.height)
    picture = soften(resize(picture, frame), 0.0016 * frame.height)
    blurred = cv2.GaussianBlur(picture, (0, 0), 0.03 * frame.height)
    return vignette(0.85 * picture + 0.15 * blurred, 0.15)
