"""Textures of walls, wood and brick, as functions of the place in a room."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from canvas import Array, Frame, fractal, rgb

Texture = Callable[[Array], Array]
TILE = 1024


def _look_up(tile: Array, u: Array, v: Array, per_metre: float) -> Array:
    """Values of a tile at (u, v) metres; the tile repeats mirrored, without seams."""
    x = np.asarray(u * per_metre, np.float32)
    y = np.asarray(v * per_metre, np.float32)
    found = cv2.remap(tile, x[None], y[None], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(found[0], np.float32)


def plaster(code: str, depth: float, seed: int, across: int = 0) -> Texture:
    """Painted plaster, cloudy by `depth`; `across` is the axis running along the wall (0 x, 2 z)."""
    tile = fractal(Frame(TILE, TILE), 5, 5, seed, 0.62)
    colour = rgb(code)

    def texture(points: Array) -> Array:
        tone = 1.0 + depth * _look_up(tile, points[across] + 9.0, points[1] + 9.0, 180.0)
        return np.asarray(colour[:, None] * np.clip(tone, 0.3, 1.6))

    return texture


def wood(code: str, seed: int, along: int = 0) -> Texture:
    """Wood with its grain along one axis of the room."""
    tile = fractal(Frame(TILE, TILE), 60, 4, seed, 0.6, stretch=22.0)
    broad = fractal(Frame(TILE, TILE), 9, 2, seed + 1, 0.5, stretch=9.0)
    colour = rgb(code)
    other = [axis for axis in range(3) if axis != along]

    def texture(points: Array) -> Array:
        side = points[other[0]] + 0.7 * points[other[1]] + 5.0
        tone = 1.0 + 0.13 * _look_up(tile, points[along] + 5.0, side, 420.0)
        tone += 0.12 * _look_up(broad, points[along] + 5.0, side, 420.0)
        shift = np.array([1.0, 0.97, 0.9], np.float32)
        return np.asarray(colour[:, None] * np.clip(tone, 0.4, 1.5) ** (1.0 / shift[:, None]))

    return texture


BRICK = (0.232, 0.077)
MORTAR = 0.011


def _brick_cell(u: Array, v: Array) -> tuple[Array, Array, Array]:
    """Number of the brick, and distances (metres) to its nearest upright and level edges."""
    row = np.floor(v / BRICK[1])
    shifted = u / BRICK[0] + 0.5 * (row % 2)
    column = np.floor(shifted)
    dx = (0.5 - np.abs(shifted - column - 0.5)) * BRICK[0]
    dy = (0.5 - np.abs(v / BRICK[1] - row - 0.5)) * BRICK[1]
    number = (row.astype(np.int64) * 7919 + column.astype(np.int64) * 104729) % 4096
    return number, dx, dy


def brick(codes: list[str], mortar: str, seed: int, across: int = 0) -> tuple[Texture, Texture]:
    """A brick wall: its colour and its relief (a tilt of the normal near the joints)."""
    rng = np.random.default_rng(seed)
    colours = np.stack([rgb(code) for code in codes])[rng.integers(len(codes), size=4096)]
    colours = (colours * rng.uniform(0.87, 1.13, (4096, 1))).astype(np.float32)
    tile = fractal(Frame(TILE, TILE), 24, 5, seed + 1, 0.7)
    joint = rgb(mortar)

    def texture(points: Array) -> Array:
        u, v = points[across] + 40.0, points[1] + 10.0
        rough = _look_up(tile, u, v, 300.0)
        number, dx, dy = _brick_cell(u + 0.0015 * rough, v + 0.0015 * rough)
        inside = np.clip((np.minimum(dx, dy) - MORTAR / 2) / 0.004, 0.0, 1.0)
        face = colours[number].T * (1.0 + 0.28 * rough)
        return np.asarray(joint[:, None] * (0.85 + 0.1 * rough) * (1 - inside) + face * inside)

    def relief(points: Array) -> Array:
        u, v = points[across] + 40.0, points[1] + 10.0
        rough = _look_up(tile, u + 3.0, v, 300.0)
        _, _, dy = _brick_cell(u, v)
        above = np.where((v / BRICK[1]) % 1.0 > 0.5, 1.0, -1.0)
        tilt = np.zeros_like(points)
        tilt[1] = 0.9 * above * np.clip(1.0 - np.abs(dy - MORTAR / 2) / 0.007, 0.0, 1.0) + 0.22 * rough
        tilt[across] = 0.18 * rough
        return tilt

    return texture, relief
