"""Furnishings for the rooms: books, vases, plants, lamps, frames, each added to a scene."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from canvas import Array
from geometry import Shape
from scene import Scene

Point = Sequence[float] | Array


def box(scene: Scene, material: int, low: Point, high: Point, turn: float = 0.0, lean: float = 0.0) -> None:
    """A block between two corners, turned about the upright and leant sideways (radians)."""
    a, b = np.array(low, np.float32), np.array(high, np.float32)
    c, s = np.cos(turn), np.sin(turn)
    spin = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    c, s = np.cos(lean), np.sin(lean)
    tilt = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    scene.shapes.append(Shape("box", (a + b) / 2, spin @ tilt @ np.diag((b - a) / 2), material))


def ball(scene: Scene, material: int, centre: Point, radii: Point, shadow: bool = True) -> None:
    """An ellipsoid."""
    scene.shapes.append(Shape("ball", np.array(centre, np.float32), np.diag(radii), material, shadow=shadow))


def tube(
    scene: Scene,
    material: int,
    base: Point,
    height: float,
    bottom: float,
    top: float,
    kind: str = "tube",
    shadow: bool = True,
) -> None:
    """An upright, possibly tapering, cylinder; kind 'shade' leaves it open at both ends."""
    mean = (bottom + top) / 2
    centre = np.array(base, np.float32) + np.array([0, height / 2, 0], np.float32)
    axes = np.diag([mean, height / 2, mean])
    scene.shapes.append(Shape(kind, centre, axes, material, (top - bottom) / (top + bottom), shadow))


def _frame_along(way: Array, face: Array) -> Array:
    """Unit columns: along the way, facing, and across."""
    along = way / np.linalg.norm(way)
    across = np.cross(along, face)
    across = across / max(float(np.linalg.norm(across)), 1e-6)
    return np.stack([along, np.cross(across, along), across], axis=1)


def limb(scene: Scene, material: int, start: Point, end: Point, radius: float) -> None:
    """A thin rod between two points."""
    a, b = np.array(start, np.float32), np.array(end, np.float32)
    columns = _frame_along(b - a, np.array([0.31, 0.2, 0.93]))[:, [1, 0, 2]]
    length = float(np.linalg.norm(b - a))
    scene.shapes.append(Shape("tube", (a + b) / 2, columns @ np.diag([radius, length / 2, radius]), material))


def leaf(
    scene: Scene,
    material: int,
    root: Point,
    way: Point,
    length: float,
    width: float,
    face: Point = (0.0, 1.0, 0.0),
    belly: float = 0.25,
) -> None:
    """A leaf growing from `root` along `way`, its upper side towards `face`."""
    columns = _frame_along(np.array(way, np.float32), np.array(face, np.float32))
    centre = np.array(root, np.float32) + columns[:, 0] * length / 2
    axes = columns @ np.diag([length / 2, 0.002, width / 2])
    scene.shapes.append(Shape("leaf", centre.astype(np.float32), axes, material, belly))


def vase(
    scene: Scene, material: int, base: Point, outline: Sequence[tuple[float, float]], size: float = 1.0
) -> None:
    """A turned vessel: (height, radius) pairs from foot to mouth, joined by a smooth curve."""
    heights = np.array([h for h, _ in outline]) * size
    radii = np.array([r for _, r in outline]) * size
    steps = np.linspace(0.0, len(outline) - 1.0, 15)
    smooth = np.arange(len(outline), dtype=float)
    curve_h, curve_r = _spline(smooth, heights, steps), _spline(smooth, radii, steps)
    for i in range(len(steps) - 1):
        rise = float(curve_h[i + 1] - curve_h[i])
        foot = (base[0], base[1] + float(curve_h[i]), base[2])
        tube(scene, material, foot, max(rise, 1e-3), float(curve_r[i]), float(curve_r[i + 1]))


def _spline(places: Array, values: Array, at: Array) -> Array:
    """A smooth curve through the values (Catmull-Rom)."""
    padded = np.concatenate([[2 * values[0] - values[1]], values, [2 * values[-1] - values[-2]]])
    i = np.minimum(at.astype(int), len(places) - 2)
    t = at - i
    a, b, c, d = (padded[i + k] for k in range(4))
    return np.asarray(
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    )


def books(
    scene: Scene,
    palette: Sequence[int],
    label: int,
    start: Point,
    room: float,
    depth: float,
    length: float,
    rng: np.random.Generator,
) -> float:
    """A row of upright books from `start` to the right; returns how far it reached.

    `room` is the free height. Odd volumes alternate with short runs of one kind.
    """
    x, y, z = start
    end = x + length
    while x < end - 0.02:
        run = int(rng.choice([1, 1, 1, 1, 1, 2, 3]))
        material = int(rng.choice(palette))
        wide, tall = rng.uniform(0.013, 0.038), room * rng.uniform(0.58, 0.93)
        deep = depth * rng.uniform(0.72, 0.95)
        for _ in range(run):
            if x + wide > end:
                return float(x)
            _book(scene, material, label, (x, y, z), (wide, tall, deep), rng)
            x += wide + 0.002
    return float(x)


def _book(scene: Scene, material: int, label: int, at: Point, size: Point, rng: np.random.Generator) -> None:
    x, y, z = at
    wide, tall, deep = size
    front = z + deep + rng.uniform(-0.006, 0.0)
    box(scene, material, (x, y, z), (x + wide, y + tall, front))
    if wide > 0.02 and rng.random() < 0.5:
        low = y + tall * rng.uniform(0.62, 0.78)
        high = low + tall * rng.uniform(0.03, 0.14)
        box(scene, label, (x + wide * 0.12, low, front - 0.01), (x + wide * 0.88, high, front + 0.0006))


def leaning_book(scene: Scene, material: int, foot: Point, size: Point, lean: float) -> None:
    """One book leaning to the left, its lower right corner set at `foot`."""
    wide, tall, deep = size
    c, s = np.cos(lean), np.sin(lean)
    x = foot[0] + (-wide * c - tall * s) / 2
    y = foot[1] + (wide * s + tall * c) / 2
    box(
        scene,
        material,
        (x - wide / 2, y - tall / 2, foot[2]),
        (x + wide / 2, y + tall / 2, foot[2] + deep),
        0.0,
        lean,
    )


def pile(
    scene: Scene,
    palette: Sequence[int],
    start: Point,
    width: float,
    depth: float,
    count: int,
    rng: np.random.Generator,
) -> float:
    """Books lying on each other; returns the height of the top."""
    x, y, z = start
    for _ in range(count):
        thick, wide = rng.uniform(0.018, 0.036), width * rng.uniform(0.82, 1.0)
        left = x + (width - wide) * rng.uniform(0.2, 0.8)
        box(
            scene,
            int(rng.choice(palette)),
            (left, y, z),
            (left + wide, y + thick, z + depth),
            rng.uniform(-0.07, 0.07),
        )
        y += thick + 0.0008
    return float(y)


def picture(
    scene: Scene, rim: int, mount: int, art: int, centre: Point, size: Point, rim_width: float = 0.018
) -> None:
    """A framed picture on the wall behind z = centre[2]."""
    x, y, z = centre
    w, h = size[0] / 2, size[1] / 2
    box(scene, mount, (x - w, y - h, z), (x + w, y + h, z + 0.012))
    box(scene, art, (x - w * 0.66, y - h * 0.68, z), (x + w * 0.66, y + h * 0.68, z + 0.0135))
    r = rim_width
    for low, high in (
        ((x - w - r, y + h), (x + w + r, y + h + r)),
        ((x - w - r, y - h - r), (x + w + r, y - h)),
        ((x - w - r, y - h), (x - w, y + h)),
        ((x + w, y - h), (x + w + r, y + h)),
    ):
        box(scene, rim, (low[0], low[1], z), (high[0], high[1], z + 0.028))
