"""A loft in the evening: bare brick, pendant lamps, a steel window with the last light in it."""

from __future__ import annotations

import numpy as np
from canvas import Array, Frame, rgb
from lighting import render
from plants import shrub, trailing
from props import ball, books, box, limb, tube, vase
from rooms import picked
from scene import Camera, Lamp, Material, Panel, Scene
from surfaces import brick, wood

BRICKS = ["8c6758", "936f60", "876354", "9a7869", "826054", "8f7265", "987b6c"]
WINDOW = (0.78, 2.3, 0.95, 2.5)


def _downward(cosine: Array) -> Array:
    """A metal shade lets light out below only, with a soft edge."""
    t = np.clip((-cosine - 0.12) / 0.4, 0.0, 1.0)
    return np.asarray(t * t * (3 - 2 * t) + 0.03, np.float32)


def _glowing(code: str, light: Array) -> Material:
    return Material(rgb(code), glow=lambda points: np.repeat(light[:, None], points.shape[1], axis=1))


def _pendant(scene: Scene, at: tuple[float, float, float], strength: float) -> None:
    """A dark metal dome on a cord with a warm bulb in it."""
    x, y, z = at
    metal = scene.material(Material(rgb("3a3632"), gloss=0.25, shininess=30))
    bulb = scene.material(_glowing("ffffff", rgb("ffc27a") * 9.0))
    inner = scene.material(_glowing("d8b98c", rgb("ffbd78") * 1.1))
    tube(scene, metal, (x, y, z), 0.12, 0.17, 0.06, "shade", shadow=False)
    tube(scene, inner, (x, y - 0.001, z), 0.1, 0.163, 0.062, "shade", shadow=False)
    tube(scene, metal, (x, y + 0.12, z), 0.06, 0.06, 0.025, shadow=False)
    ball(scene, bulb, (x, y + 0.012, z), (0.04, 0.05, 0.04), shadow=False)
    limb(scene, metal, (x, y + 0.17, z), (x, 3.2, z), 0.005)
    scene.lights.append(
        Lamp(np.array([x, y - 0.02, z], np.float32), 0.05, rgb("ffc68c") * strength, _downward)
    )


def _dusk(points: Array) -> Array:
    """The evening sky over a row of houses, some of their windows lit."""
    left, _, low, high = WINDOW
    share = np.clip((points[1] - low) / (high - low), 0.0, 1.0)
    top, bottom = rgb("58789f")[:, None] * 0.8, rgb("dbb090")[:, None] * 0.8
    sky = bottom + (top - bottom) * share**0.6
    x, y = points[0] - left, points[1] - low
    roof = 0.2 + 0.16 * _chance(np.floor(x / 0.17), 1.0)
    column, row = x / 0.024, y / 0.034
    centred = (np.abs(column % 1.0 - 0.5) < 0.22) & (np.abs(row % 1.0 - 0.5) < 0.2)
    lit = centred & (_chance(np.floor(column), np.floor(row)) > 0.8)
    haze = np.clip(y / 0.45, 0.0, 1.0)
    houses = rgb("6c6468")[:, None] * (0.55 + 0.5 * haze) + rgb("ffc890")[:, None] * 1.1 * lit
    return np.asarray(np.where(y < roof, houses, sky))


def _chance(a: Array, b: Array | float) -> Array:
    """A number between 0 and 1 that depends on two others in no visible way."""
    return np.asarray(np.mod(np.sin(a * 12.9898 + b * 78.233) * 43758.5453, 1.0))


def _window(scene: Scene) -> None:
    """The steel window: sky panes fading to the horizon's warmth, thin dark bars."""
    left, right, low, high = WINDOW
    pane = scene.material(Material(rgb("202428"), glow=_dusk))
    steel = scene.material(Material(rgb("2b2b2d"), gloss=0.1))
    box(scene, pane, (left, low, -0.13), (right, high, -0.12))
    for x in np.linspace(left, right, 5):
        box(scene, steel, (x - 0.016, low, -0.12), (x + 0.016, high, -0.085))
    for y in np.linspace(low, high, 4):
        box(scene, steel, (left, y - 0.016, -0.12), (right, y + 0.016, -0.085))
    scene.lights.append(
        Panel(
            np.array([(left + right) / 2, (low + high) / 2, -0.08], np.float32),
            np.array([(right - left) / 2, 0, 0], np.float32),
            np.array([0, (high - low) / 2, 0], np.float32),
            rgb("a9bcd8") * 1.6,
        )
    )


def _wall(scene: Scene) -> None:
    """Brick around the window, with depth in its reveal and a stone sill."""
    texture, relief = brick(BRICKS, "7f7065", 21)
    bare = scene.material(Material(rgb("8a4b35"), texture, relief))
    left, right, low, high = WINDOW
    box(scene, bare, (-5, -1, -0.3), (left, 4, 0.0))
    box(scene, bare, (right, -1, -0.3), (5, 4, 0.0))
    box(scene, bare, (left, -1, -0.3), (right, low, 0.0))
    box(scene, bare, (left, high, -0.3), (right, 4, 0.0))
    stone = scene.material(Material(rgb("8f867a")))
    box(scene, stone, (left - 0.04, low - 0.05, -0.3), (right + 0.04, low, 0.05))


def _shelf(scene: Scene, rng: np.random.Generator) -> None:
    """A plank on iron brackets with books and plants."""
    oak = scene.material(Material(rgb("7a5a3e"), wood("7a5a3e", 25), gloss=0.05))
    iron = scene.material(Material(rgb("2e2c2a"), gloss=0.15))
    box(scene, oak, (-2.1, 1.14, 0.0), (-0.66, 1.185, 0.25))
    for x in (-1.72, -0.86):
        box(scene, iron, (x - 0.012, 0.95, 0.0), (x + 0.012, 1.14, 0.014))
        limb(scene, iron, (x, 0.96, 0.01), (x, 1.135, 0.2), 0.009)
    palette = [
        scene.material(Material(rgb(c))) for c in ("5c6b6e", "b9a684", "7a3f30", "2f3f4a", "c9bda6", "8a6a44")
    ]
    label = scene.material(Material(rgb("bfa878")))
    books(scene, palette, label, (-1.68, 1.185, 0.03), 0.33, 0.2, 0.36, rng)
    clay = scene.material(Material(rgb("a9a196"), gloss=0.08))
    vase(
        scene,
        clay,
        (-1.14, 1.185, 0.13),
        [(0, 0.04), (0.06, 0.075), (0.15, 0.065), (0.21, 0.03), (0.25, 0.036)],
    )
    leaves = [scene.material(Material(rgb(c), gloss=0.08, thin=True)) for c in ("4c6b3a", "5d7a44", "3f5a33")]
    tube(scene, clay, (-0.84, 1.185, 0.13), 0.12, 0.055, 0.07)
    trailing(scene, leaves, iron, (-0.84, 1.31, 0.16), 0.6, 18, 0.07, rng)
    tube(scene, clay, (1.42, 0.95, -0.02), 0.15, 0.07, 0.09)
    shrub(scene, leaves, oak, (1.42, 1.1, -0.02), 0.55, 0.22, 15, rng, 5, 0.35)


def brick_loft(frame: Frame, samples: int) -> Array:
    """Warm pools of lamplight on brick at the left, the blue hour in a window at the right."""
    rng = np.random.default_rng(33)
    scene = Scene(ambient=rgb("9a908a") * 0.3)
    _window(scene)
    _wall(scene)
    _shelf(scene, rng)
    for at in ((-1.42, 1.9, 0.45), (-0.62, 2.06, 0.5), (0.3, 2.5, 0.5)):
        _pendant(scene, at, 2.0)
    scene.lights.append(
        Panel(
            np.array([0.5, 2.8, 3.4], np.float32),
            np.array([-1.6, 0, 0], np.float32),
            np.array([0, 0.5, -0.3], np.float32),
            rgb("fff0e0") * 1.5,
        )
    )
    camera = Camera((0.3, 1.4, 3.5), (0.0, 1.42, 0.0), 0.28)
    return picked(render(scene, camera, frame.scaled(0.5), samples, 4), frame, 0.0085, 1.15, 0.25, 0.8)
