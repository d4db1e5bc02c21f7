"""Rooms in daylight: the Scandinavian room with its window, and the shelves on plaster."""

from __future__ import annotations

import numpy as np
from canvas import Array, Frame, rgb
from lighting import render
from plants import blades, plumes, shrub, sprays, trailing
from props import Point, ball, box, limb, pile, tube, vase
from rooms import picked
from scene import Camera, Material, Panel, Scene, Sun
from surfaces import plaster, wood


def _vector(x: float, y: float, z: float) -> Array:
    return np.array([x, y, z], np.float32)


def _toward(x: float, y: float, z: float) -> Array:
    way = _vector(x, y, z)
    return np.asarray(way / np.linalg.norm(way), np.float32)


def _greens(scene: Scene, *codes: str) -> list[int]:
    return [scene.material(Material(rgb(code), gloss=0.06, thin=True)) for code in codes]


def _shell(scene: Scene, wall: int, floor: int) -> None:
    """The closed room around the view, so that light bounces as it does indoors."""
    box(scene, wall, (-1.9, -0.1, -0.2), (3.0, 2.8, 0.0))
    box(scene, floor, (-1.9, -0.1, -0.2), (3.0, 0.0, 5.2))
    box(scene, wall, (-1.9, 2.62, -0.2), (3.0, 2.8, 5.2))
    box(scene, wall, (2.9, 0.0, -0.2), (3.0, 2.8, 5.2))
    box(scene, wall, (-1.9, 0.0, 5.1), (3.0, 2.8, 5.2))


def _window_wall(scene: Scene, wall: int, paint: int) -> None:
    """The left wall with its window: the opening, the frame and the panes' bars."""
    near, far, low, high = 2.35, 0.5, 0.72, 2.36
    box(scene, wall, (-1.84, 0.0, -0.2), (-1.7, 2.8, far))
    box(scene, wall, (-1.84, 0.0, near), (-1.7, 2.8, 5.2))
    box(scene, wall, (-1.84, 0.0, far), (-1.7, low, near))
    box(scene, wall, (-1.84, high, far), (-1.7, 2.8, near))
    box(scene, paint, (-1.95, low - 0.02, far - 0.03), (-1.62, low + 0.012, near + 0.03))
    for share in (0.0, 0.333, 0.667, 1.0):
        z = far + (near - far) * share
        box(scene, paint, (-1.86, low, z - 0.03), (-1.81, high, z + 0.03))
    for share in (0.0, 0.5, 1.0):
        y = low + (high - low) * share
        box(scene, paint, (-1.86, y - 0.028, far), (-1.81, y + 0.028, near))


def _drape(scene: Scene, linen: int) -> None:
    """A linen curtain drawn aside: upright folds on a rail."""
    rail = scene.material(Material(rgb("6d655b")))
    limb(scene, rail, (-1.62, 2.46, 0.05), (-1.62, 2.46, 2.9), 0.012)
    for fold in range(9):
        z = 0.1 + fold * 0.042
        tube(scene, linen, (-1.62 + 0.02 * (fold % 2), 0.0, z), 2.45, 0.03, 0.024)


def _cabinet(scene: Scene, rng: np.random.Generator) -> None:
    """The pale sideboard at the right and what stands on it."""
    birch = scene.material(Material(rgb("c8b8a0"), wood("c8b8a0", 12), gloss=0.05))
    box(scene, birch, (0.72, 0.16, 0.02), (2.5, 0.8, 0.45))
    seam = scene.material(Material(rgb("7d6a52")))
    box(scene, seam, (1.36, 0.17, 0.3), (1.366, 0.79, 0.4505))
    stone = scene.material(Material(rgb("b7ada0"), gloss=0.06))
    outline = [(0.0, 0.05), (0.07, 0.095), (0.17, 0.1), (0.25, 0.05), (0.3, 0.04), (0.32, 0.046)]
    vase(scene, stone, (1.52, 0.8, 0.22), outline)
    bark = scene.material(Material(rgb("6f5f48")))
    sprays(scene, _greens(scene, "7f9078", "8c9a80", "6f8470"), bark, (1.52, 1.1, 0.22), 0.62, 9, 0.085, rng)
    palette = [scene.material(Material(rgb(code))) for code in ("d9cfbf", "9aa79f", "c2a184", "e3ddd2")]
    top = pile(scene, palette, (0.86, 0.8, 0.1), 0.3, 0.22, 3, rng)
    vase(
        scene,
        scene.material(Material(rgb("cf9f7c"), gloss=0.05)),
        (1.0, top, 0.2),
        [(0.0, 0.03), (0.04, 0.055), (0.09, 0.05), (0.12, 0.026), (0.14, 0.03)],
    )


def _window_plant(scene: Scene, rng: np.random.Generator) -> None:
    """The tall plant on the floor by the window, whose shadow falls on the wall."""
    pot = scene.material(Material(rgb("a89a88")))
    bark = scene.material(Material(rgb("5d4c38")))
    leaves = _greens(scene, "4f6b45", "5e7a4c", "46603f")
    tube(scene, pot, (-1.18, 0.0, 0.42), 0.42, 0.15, 0.2)
    shrub(scene, leaves, bark, (-1.18, 0.42, 0.42), 1.5, 0.3, 22, rng, 5, 0.2)


def _globe(scene: Scene, centre: Point) -> None:
    """A paper globe lamp, not lit."""
    paper = scene.material(Material(rgb("ece6da")))
    cord = scene.material(Material(rgb("8d867c")))
    ball(scene, paper, centre, (0.24, 0.22, 0.24))
    limb(scene, cord, centre, (centre[0], 2.7, centre[2]), 0.004)


def scandinavian_room(frame: Frame, samples: int) -> Array:
    """Morning sun through a paned window at the left, falling across a white wall."""
    rng = np.random.default_rng(5)
    scene = Scene(ambient=rgb("d9d6d0") * 0.06)
    wall = scene.material(Material(rgb("dcd7ce"), plaster("dcd7ce", 0.018, 6)))
    floor = scene.material(Material(rgb("b99c78")))
    paint = scene.material(Material(rgb("e4e0d8"), gloss=0.05))
    _shell(scene, wall, floor)
    _window_wall(scene, wall, paint)
    _drape(scene, scene.material(Material(rgb("d8cfc0"), thin=True)))
    _cabinet(scene, rng)
    _globe(scene, (1.28, 2.18, 0.75))
    _window_plant(scene, rng)
    scene.lights += [
        Sun(_toward(-0.8, 0.235, 0.5), 0.012, rgb("ffe4c2") * 5.6),
        Panel(_vector(-1.9, 1.54, 1.42), _vector(0, 0, -0.93), _vector(0, 0.82, 0), rgb("f3f3f3") * 5.2),
    ]
    scene.sky = lambda way: np.repeat(rgb("f2f6fa")[:, None] * 2.4, way.shape[1], axis=1)
    camera = Camera((0.55, 1.34, 3.75), (-0.17, 1.37, 0.0), 0.29)
    return picked(render(scene, camera, frame.scaled(0.5), samples, 2), frame, 0.007, 1.04, 0.12, 0.95)


def _plank(scene: Scene, material: int, left: float, right: float, top: float) -> None:
    box(scene, material, (left, top - 0.036, 0.0), (right, top, 0.22))


def _left_shelf(scene: Scene, oak: int, rng: np.random.Generator) -> None:
    _plank(scene, oak, -1.95, -0.62, 1.42)
    white = scene.material(Material(rgb("ddd5c8"), gloss=0.08))
    clay = scene.material(Material(rgb("b08a6e"), gloss=0.03))
    vase(
        scene, clay, (-1.38, 1.42, 0.11), [(0, 0.05), (0.08, 0.1), (0.2, 0.09), (0.29, 0.035), (0.34, 0.045)]
    )
    plumes(scene, scene.material(Material(rgb("d2bfa4"), thin=True)), (-1.38, 1.74, 0.11), 0.46, 7, rng)
    vase(
        scene,
        white,
        (-1.07, 1.42, 0.12),
        [(0, 0.04), (0.05, 0.075), (0.11, 0.07), (0.15, 0.035), (0.17, 0.04)],
    )
    tube(scene, white, (-0.78, 1.42, 0.11), 0.11, 0.05, 0.065)
    vine = scene.material(Material(rgb("5d5a3a")))
    trailing(
        scene, _greens(scene, "5f7a48", "70894f", "516c42"), vine, (-0.78, 1.53, 0.13), 0.62, 18, 0.065, rng
    )


def _right_shelf(scene: Scene, oak: int, rng: np.random.Generator) -> None:
    _plank(scene, oak, 0.6, 2.1, 1.16)
    palette = [scene.material(Material(rgb(code))) for code in ("d8c7ab", "a8755a", "8f9a8c", "e0d8ca")]
    top = pile(scene, palette, (0.7, 1.16, 0.02), 0.25, 0.17, 3, rng)
    ball(
        scene, scene.material(Material(rgb("d9d0c2"), gloss=0.1)), (0.82, top + 0.05, 0.1), (0.05, 0.05, 0.05)
    )
    sage = scene.material(Material(rgb("8f9986"), gloss=0.08))
    outline = [(0.0, 0.055), (0.1, 0.09), (0.24, 0.075), (0.32, 0.03), (0.38, 0.028), (0.4, 0.036)]
    vase(scene, sage, (1.14, 1.16, 0.11), outline, 0.9)
    pot = scene.material(Material(rgb("c98f6b")))
    tube(scene, pot, (1.47, 1.16, 0.11), 0.14, 0.065, 0.085)
    blades(scene, _greens(scene, "62774f", "53683f", "7c8c5c"), (1.47, 1.29, 0.11), 0.5, 13, rng)


def plaster_shelves(frame: Frame, samples: int) -> Array:
    """Two oak shelves with vases and plants on limewashed plaster, leaf shadows in soft sun."""
    rng = np.random.default_rng(9)
    scene = Scene(ambient=rgb("d8d0c6") * 0.3)
    wall = scene.material(Material(rgb("d9c9b6"), plaster("dccab6", 0.04, 15)))
    box(scene, wall, (-4, -1, -0.2), (4, 4, 0.0))
    oak = scene.material(Material(rgb("a98662"), wood("a98662", 18), gloss=0.04))
    _left_shelf(scene, oak, rng)
    _right_shelf(scene, oak, rng)
    # Foliage outside the view, between the sun and the wall, makes the dappled shadows.
    shrub(
        scene,
        _greens(scene, "5f7a48"),
        scene.material(Material(rgb("5d5a3a"))),
        (-2.75, 1.7, 1.25),
        1.6,
        0.34,
        13,
        rng,
        4,
        0.4,
    )
    blind = scene.material(Material(rgb("807060")))
    for left, right, low, high in (
        (-8.0, -0.7, 3.75, 6.0),
        (-8.0, -0.7, 0.0, 2.5),
        (-3.0, -0.7, 2.5, 3.75),
        (-4.32, -4.18, 2.5, 3.75),
        (-8.0, -5.6, 2.5, 3.75),
    ):
        box(scene, blind, (left, low, 2.2), (right, high, 2.22))
    scene.lights += [
        Sun(_toward(-1.4, 0.6, 0.8), 0.011, rgb("ffe4c0") * 6.0),
        Panel(_vector(-2.2, 2.2, 1.85), _vector(-0.55, 0, -0.25), _vector(0, 0.9, 0), rgb("f8f6f6") * 3.4),
    ]
    camera = Camera((0.0, 1.42, 3.4), (0.0, 1.45, 0.0), 0.285)
    return picked(render(scene, camera, frame.scaled(0.5), samples, 3), frame, 0.007, 0.98, 0.16, 0.95)
