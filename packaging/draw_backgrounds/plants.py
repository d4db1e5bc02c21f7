"""Plants for the rooms, grown from a few rules: where leaves sit, how they turn and droop."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from canvas import Array
from props import Point, leaf, limb
from scene import Scene

GOLDEN = 2.39996


def _toward(angle: float, rise: float) -> Array:
    """A unit vector with this compass angle and rise (radians)."""
    return np.array([np.cos(angle) * np.cos(rise), np.sin(rise), np.sin(angle) * np.cos(rise)], np.float32)


def _bend(
    start: Array, way: Array, length: float, steps: int, pull: float, rng: np.random.Generator
) -> list[Array]:
    """Points of a stem that starts along `way` and gives in to gravity by `pull`."""
    points = [start]
    for _ in range(steps):
        way = way + np.array([0.0, -pull, 0.0]) + rng.normal(0.0, 0.035, 3)
        way = way / np.linalg.norm(way)
        points.append((points[-1] + way * length / steps).astype(np.float32))
    return points


def shrub(
    scene: Scene,
    leaves: Sequence[int],
    wood: int,
    base: Point,
    height: float,
    leaf_length: float,
    count: int,
    rng: np.random.Generator,
    stems: int = 3,
    spread: float = 0.22,
) -> None:
    """A rubber-plant-like pot plant: upright stems, broad leaves in a spiral, drooping with age."""
    for stem in range(stems):
        angle = stem * 2.1 + rng.uniform(0.0, 1.0)
        way = _toward(angle, np.pi / 2 - spread * rng.uniform(0.5, 1.2))
        points = _bend(np.array(base, np.float32), way, height * rng.uniform(0.75, 1.0), 8, 0.015, rng)
        for a, b in pairwise(points):
            limb(scene, wood, a, b, 0.006)
        for i in range(count):
            share = (i + 0.5) / count
            _spiral_leaf(scene, leaves, points, share, angle + i * GOLDEN, leaf_length, rng)


def _spiral_leaf(
    scene: Scene,
    leaves: Sequence[int],
    points: list[Array],
    share: float,
    angle: float,
    length: float,
    rng: np.random.Generator,
) -> None:
    at = 1.0 + share * (len(points) - 2.001)
    i = int(at)
    root = points[i] + (points[i + 1] - points[i]) * (at - i)
    rise = -0.35 + 1.35 * share + rng.normal(0.0, 0.18)
    way = _toward(angle + rng.normal(0.0, 0.2), rise)
    size = length * (1.0 - 0.45 * share) * rng.uniform(0.8, 1.1)
    face = _toward(angle, rise + 1.4) + rng.normal(0.0, 0.15, 3)
    leaf(scene, int(rng.choice(leaves)), root, way, size, size * 0.5, face)


def sprays(
    scene: Scene,
    leaves: Sequence[int],
    wood: int,
    base: Point,
    length: float,
    count: int,
    leaf_length: float,
    rng: np.random.Generator,
    open_by: float = 0.45,
) -> None:
    """Cut twigs (olive, eucalyptus) fanning out of a vase, with small leaves in pairs."""
    for twig in range(count):
        way = _toward(twig * GOLDEN + 0.4, np.pi / 2 - open_by * rng.uniform(0.3, 1.0))
        points = _bend(np.array(base, np.float32), way, length * rng.uniform(0.7, 1.0), 9, 0.03, rng)
        for a, b in pairwise(points):
            limb(scene, wood, a, b, 0.0022)
        for i, (a, b) in enumerate(pairwise(points[2:])):
            for side in (0.0, np.pi):
                _twig_leaf(scene, leaves, a, b - a, i * 1.4 + side, leaf_length * (1.0 - 0.05 * i), rng)


def _twig_leaf(
    scene: Scene,
    leaves: Sequence[int],
    root: Array,
    along: Array,
    angle: float,
    length: float,
    rng: np.random.Generator,
) -> None:
    out = _toward(angle + rng.normal(0.0, 0.25), 0.1)
    way = along / np.linalg.norm(along) * 0.75 + out
    face = _toward(angle + rng.normal(0.0, 0.4), 1.1)
    leaf(scene, int(rng.choice(leaves)), root, way, length * rng.uniform(0.8, 1.2), length * 0.36, face)


def trailing(
    scene: Scene,
    leaves: Sequence[int],
    wood: int,
    base: Point,
    length: float,
    strands: int,
    leaf_length: float,
    rng: np.random.Generator,
    fan: float = 1.47,
) -> None:
    """An ivy- or pothos-like plant: strands that rise over the pot's rim and hang down.

    `fan` is how far to either side of straight ahead they start.
    """
    for _ in range(strands):
        angle = np.pi / 2 + rng.uniform(-fan, fan)
        long = length * rng.uniform(0.3, 1.0)
        steps = max(4, int(long / 0.035))
        points = _bend(
            np.array(base, np.float32), _toward(angle, 0.9), long, steps, 0.19 + 0.1 * rng.random(), rng
        )
        for i, (a, b) in enumerate(pairwise(points)):
            limb(scene, wood, a, b, 0.0018)
            out = _toward(rng.uniform(0.0, np.pi), rng.uniform(-0.7, 0.3))
            size = leaf_length * rng.uniform(0.65, 1.1) * (1.0 - 0.35 * i / steps)
            face = np.array([0.0, 0.55, 0.85]) + rng.normal(0.0, 0.3, 3)
            leaf(scene, int(rng.choice(leaves)), b, out, size, size * 0.72, face, 0.45)


def blades(
    scene: Scene, leaves: Sequence[int], base: Point, height: float, count: int, rng: np.random.Generator
) -> None:
    """A snake plant: stiff upright blades."""
    for i in range(count):
        way = _toward(i * GOLDEN, np.pi / 2 - rng.uniform(0.03, 0.26))
        root = np.array(base, np.float32) + _toward(i * GOLDEN, 0.0) * 0.035
        tall = height * rng.uniform(0.55, 1.0)
        face = _toward(rng.uniform(0.4, 2.7), 0.1)
        leaf(scene, int(rng.choice(leaves)), root, way, tall, 0.055, face, 0.3)


def plumes(
    scene: Scene, straw: int, base: Point, length: float, count: int, rng: np.random.Generator
) -> None:
    """Dried pampas grass: thin stalks ending in drooping feathers of many fine hairs."""
    for stalk in range(count):
        way = _toward(stalk * GOLDEN + 0.8, np.pi / 2 - rng.uniform(0.08, 0.34))
        points = _bend(np.array(base, np.float32), way, length * rng.uniform(0.8, 1.0), 16, 0.028, rng)
        for a, b in pairwise(points):
            limb(scene, straw, a, b, 0.0018)
        for i, (a, b) in enumerate(pairwise(points[8:])):
            for _ in range(9):
                along = (b - a) / np.linalg.norm(b - a)
                out = along + 0.5 * _toward(rng.uniform(0.0, 6.28), rng.uniform(-0.3, 0.2))
                hair = 0.085 * (1.0 - 0.07 * i)
                face = _toward(rng.uniform(0.0, 6.28), 0.5)
                leaf(scene, straw, a + (b - a) * rng.random(), out, hair, 0.012, face)
