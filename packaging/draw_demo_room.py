"""The room of the demo source: a home office that somebody works in, with everything lying about."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent / "draw_backgrounds"))

from canvas import Array, Frame, defocus, despeckle, develop, filmic, mix, resize, rgb, vignette
from lighting import render
from plants import shrub, trailing
from props import ball, books, box, leaning_book, limb, pile, tube
from scene import Camera, Lamp, Material, Panel, Scene
from surfaces import plaster, wood

WINDOW = (-1.78, -0.98, 1.02, 2.12)
SHELF = (0.52, 1.3)
LEVELS = (0.34, 0.74, 1.1, 1.46, 1.82)
__all__ = ["Frame", "develop", "home_office"]

SPINES = ("8c2f2a", "2f5a7c", "b98b3f", "e0d6c2", "3d6f4a", "c4683c", "1f2d4a", "d9bf74", "6b4058", "8795a0",
          "efe8d8", "53303f", "2e6350", "b84a3a", "f0c04a", "44758f")


def _paint(scene: Scene, *codes: str, gloss: float = 0.04) -> list[int]:
    return [scene.material(Material(rgb(code), gloss=gloss)) for code in codes]


def _walls(scene: Scene) -> None:
    """A greenish wall with a window in it, daylight behind the panes."""
    wall = scene.material(Material(rgb("b9b7a4"), plaster("b5b39f", 0.03, 2)))
    white, = _paint(scene, "e4e0d6")
    left, right, low, high = WINDOW
    for a, b in (((-5, -1), (left, 4)), ((right, -1), (5, 4)), ((left, -1), (right, low)), ((left, high), (right, 4))):
        box(scene, wall, (*a, -0.2), (*b, 0.0))
    green, sky = rgb("7f9a6a") * 1.2, rgb("dfe9f2") * 1.9

    def view(points: Array) -> Array:
        hedge = 1.42 + 0.09 * np.sin(points[0] * 9.0) + 0.05 * np.sin(points[0] * 23.0 + 1.0)
        share = np.clip((points[1] - hedge) / 0.12 + 0.5, 0.0, 1.0)
        return np.asarray(green[:, None] + (sky - green)[:, None] * share)

    pane = scene.material(Material(rgb("202428"), glow=view))
    box(scene, pane, (left, low, -0.15), (right, high, -0.14))
    middle = (left + right) / 2
    for x, half in ((left, 0.035), (middle, 0.03), (right, 0.035)):
        box(scene, white, (x - half, low, -0.13), (x + half, high, -0.08))
    for y in (low, 1.72, high):
        box(scene, white, (left, y - 0.028, -0.13), (right, y + 0.028, -0.08))
    box(scene, white, (left - 0.06, low - 0.04, -0.2), (right + 0.06, low, 0.12))
    scene.lights.append(Panel(np.array([middle, 1.55, -0.05], np.float32), np.array([0.4, 0, 0], np.float32),
                              np.array([0, 0.55, 0], np.float32), rgb("eef3fa") * 2.6))


def _on_the_sill(scene: Scene, rng: np.random.Generator) -> None:
    clay, mug, glass = _paint(scene, "b8653f", "3f6f9a", "d8d4c8", gloss=0.15)
    leaves = [scene.material(Material(rgb(c), gloss=0.08, thin=True)) for c in ("4c7b35", "5d8a3e", "3c6a31")]
    tube(scene, clay, (-1.24, 1.02, 0.03), 0.13, 0.055, 0.075)
    shrub(scene, leaves, clay, (-1.24, 1.15, 0.03), 0.42, 0.15, 9, rng, 4, 0.4)
    tube(scene, mug, (-1.06, 1.02, 0.05), 0.095, 0.04, 0.042)
    tube(scene, glass, (-1.52, 1.02, 0.05), 0.16, 0.035, 0.04)
    curtain = scene.material(Material(rgb("c98d4a"), thin=True))
    for i in range(9):
        x = -0.93 + 0.024 * i
        tube(scene, curtain, (x, 0.45, 0.05 + 0.016 * (i % 2)), 1.85, 0.02, 0.016)
    rail, = _paint(scene, "6a6258", gloss=0.3)
    limb(scene, rail, (-2.2, 2.27, 0.06), (-0.62, 2.27, 0.06), 0.014)


def _cabinet(scene: Scene, rng: np.random.Generator) -> None:
    """A low cabinet under the window: printer, papers, a lamp."""
    oak = scene.material(Material(rgb("a58462"), wood("a58462", 8), gloss=0.05))
    box(scene, oak, (-1.9, 0.1, 0.02), (-0.5, 0.72, 0.5))
    light, dark, paper = _paint(scene, "d9d9d6", "3a3c40", "f2efe6", gloss=0.1)
    box(scene, light, (-1.62, 0.72, 0.08), (-1.2, 0.92, 0.44), 0.06)
    box(scene, dark, (-1.58, 0.86, 0.4), (-1.24, 0.9, 0.455), 0.06)
    for i in range(7):
        x, turn = -1.02 + rng.uniform(-0.02, 0.02), rng.uniform(-0.25, 0.25)
        box(scene, paper, (x, 0.72 + 0.012 * i, 0.12), (x + 0.22, 0.731 + 0.012 * i, 0.4), turn)
    pile(scene, _paint(scene, *SPINES[:6]), (-0.78, 0.72, 0.12), 0.22, 0.2, 5, rng)


def _pinboard(scene: Scene, rng: np.random.Generator) -> None:
    """Cork with notes, and a wall clock beside it."""
    cork = scene.material(Material(rgb("b08a5c"), plaster("b08a5c", 0.2, 5)))
    rim, = _paint(scene, "5f4a36")
    box(scene, cork, (-0.7, 1.5, 0.0), (-0.38, 2.05, 0.014))
    for a, b in (((-0.72, 1.48), (-0.36, 1.5)), ((-0.72, 2.05), (-0.36, 2.07)), ((-0.72, 1.48), (-0.7, 2.07)),
                 ((-0.38, 1.48), (-0.36, 2.07))):
        box(scene, rim, (*a, 0.0), (*b, 0.025))
    notes = _paint(scene, "f2d34a", "f0894a", "8cc7e0", "e86f8f", "ece8de", "a8d080", "46637c")
    for i in range(9):
        x, y = -0.68 + 0.1 * (i % 3) + rng.uniform(0, 0.01), 1.9 - 0.17 * (i // 3) + rng.uniform(-0.02, 0.02)
        tall = rng.uniform(0.08, 0.14)
        box(scene, int(rng.choice(notes)), (x, y - tall / 2, 0.014), (x + 0.085, y + tall / 2, 0.018), 0.0,
            rng.uniform(-0.15, 0.15))
    face, hand = _paint(scene, "f0ece2", "24262a")
    ball(scene, hand, (0.42, 1.97, 0.01), (0.125, 0.125, 0.014))
    ball(scene, face, (0.42, 1.97, 0.016), (0.112, 0.112, 0.016))
    limb(scene, hand, (0.42, 1.97, 0.034), (0.365, 1.985, 0.034), 0.006)
    limb(scene, hand, (0.42, 1.97, 0.034), (0.455, 2.05, 0.034), 0.005)


def _shelf(scene: Scene, rng: np.random.Generator) -> None:
    pale = scene.material(Material(rgb("d6cfc0"), wood("d2c9b8", 3), gloss=0.03))
    left, right = SHELF
    for x in (left, right):
        box(scene, pale, (x - 0.014, 0.0, 0.0), (x + 0.014, 1.83, 0.3))
    palette = _paint(scene, *SPINES)
    label, = _paint(scene, "e8dfc8")
    for row, low in enumerate(LEVELS):
        box(scene, pale, (left, low - 0.024, 0.0), (right, low, 0.3))
        if row < len(LEVELS) - 1:
            room = LEVELS[row + 1] - low - 0.05
            end = books(scene, palette, label, (left + 0.02, low, 0.03), room, 0.24, rng.uniform(0.36, 0.5), rng)
            leaning_book(scene, int(rng.choice(palette)), (end + 0.1, low, 0.04), (0.026, room * 0.75, 0.2), 0.25)
    boxes = _paint(scene, "b98d5c", "c79b68", "4a6a8a")
    globe, stand, red = _paint(scene, "4a86b8", "8f6a30", "b8382f", gloss=0.3)
    pile(scene, palette, (1.04, 1.1, 0.06), 0.2, 0.2, 5, rng)
    ball(scene, globe, (1.16, 1.62, 0.16), (0.1, 0.1, 0.1))
    tube(scene, stand, (1.16, 1.46, 0.16), 0.06, 0.06, 0.02)
    box(scene, red, (1.06, 0.74, 0.05), (1.26, 0.95, 0.27))
    box(scene, boxes[0], (0.54, 1.82, 0.02), (0.93, 2.06, 0.29), 0.05)
    box(scene, boxes[1], (0.6, 2.06, 0.03), (0.88, 2.2, 0.27), -0.12)
    box(scene, boxes[2], (0.98, 1.82, 0.04), (1.26, 1.98, 0.27), 0.04)
    leaves = [scene.material(Material(rgb(c), gloss=0.06, thin=True)) for c in ("4c7b35", "6a9a45", "3c6a31")]
    tube(scene, stand, (1.14, 1.98, 0.16), 0.1, 0.05, 0.065)
    trailing(scene, leaves, stand, (1.16, 2.08, 0.2), 0.55, 14, 0.06, rng)


def _door(scene: Scene) -> None:
    """A white door with a coat on its hook, at the right edge."""
    white, metal = _paint(scene, "ddd8cc", "9a9488", gloss=0.12)
    coat = scene.material(Material(rgb("33455f"), plaster("33455f", 0.25, 9)))
    box(scene, white, (1.42, -0.2, 0.0), (1.5, 2.3, 0.05))
    box(scene, white, (1.5, -0.2, 0.0), (2.5, 2.22, 0.02))
    for low, high in ((0.2, 1.0), (1.15, 2.05)):
        box(scene, white, (1.62, low, 0.02), (2.2, high, 0.03))
    ball(scene, metal, (1.58, 1.06, 0.07), (0.03, 0.03, 0.03))
    for i, (x, z) in enumerate(((1.68, 0.1), (1.75, 0.13), (1.82, 0.11))):
        tube(scene, coat, (x, 0.85 + 0.03 * i, z), 0.95 - 0.03 * i, 0.085, 0.045)


def _floor_lamp(scene: Scene) -> None:
    shade_low, at = 1.5, (0.31, 0.22)

    def glow(points: Array) -> Array:
        return np.asarray((rgb("ffcf94") * 0.75)[:, None] * (0.4 + 0.6 * np.exp(-(((points[1] - 1.6) / 0.1) ** 2))))

    shade = scene.material(Material(rgb("cbb391"), glow=glow))
    iron, = _paint(scene, "2e2c2a", gloss=0.2)
    limb(scene, iron, (at[0], 0.0, at[1]), (at[0], 1.55, at[1]), 0.012)
    tube(scene, shade, (at[0], shade_low, at[1]), 0.22, 0.15, 0.11, "shade", shadow=False)
    scene.lights.append(Lamp(np.array([at[0], 1.6, at[1]], np.float32), 0.05, rgb("ffcc98") * 0.7))


def home_office(frame: Frame, samples: int) -> Array:
    """Window and cabinet at the left, pinboard, a full shelf and a door at the right; linear light."""
    rng = np.random.default_rng(7)
    scene = Scene(ambient=rgb("a8a29a") * 0.3)
    _walls(scene)
    _on_the_sill(scene, rng)
    _cabinet(scene, rng)
    _pinboard(scene, rng)
    _shelf(scene, rng)
    _door(scene)
    _floor_lamp(scene)
    scene.lights.append(Panel(np.array([0.6, 2.6, 3.2], np.float32), np.array([1.5, 0, 0], np.float32),
                              np.array([0, 0.4, 0.6], np.float32), rgb("fff1e0") * 2.6))
    linear = render(scene, Camera((0.0, 1.36, 3.3), (0.0, 1.34, 0.0), 0.285), frame.scaled(0.5), samples, 1)
    seen = resize(defocus(despeckle(linear), 0.0045 * linear.shape[0]), frame)
    grey = seen @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    return vignette(filmic(mix(grey[:, :, None], seen, 0.72), 1.75), 0.2)
