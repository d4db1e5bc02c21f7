"""Lived-in rooms: the living room with the bookshelf."""

from __future__ import annotations

import numpy as np
from canvas import Array, Frame, defocus, filmic, mix, resize, rgb, vignette
from lighting import render
from plants import shrub, trailing
from props import ball, books, box, leaning_book, picture, pile, tube, vase
from scene import Camera, Lamp, Material, Panel, Scene
from surfaces import Texture, plaster, wood

TALL_VASE = [(0, 0.04), (0.06, 0.075), (0.14, 0.06), (0.19, 0.028), (0.23, 0.034)]
ROUND_VASE = [(0, 0.035), (0.05, 0.07), (0.11, 0.07), (0.15, 0.03), (0.18, 0.036)]
SHELF = (-1.92, -0.62)
LEVELS = (0.42, 0.80, 1.17, 1.53, 1.90, 2.27)
SPINES = (
    "6b2f2a",
    "2f4a5c",
    "8c6b3f",
    "d8c9a8",
    "3d4f3a",
    "a4583c",
    "1f2d3a",
    "b99f74",
    "5b4038",
    "77858a",
    "c7bca6",
    "43303f",
    "2e5350",
    "9c8467",
    "e0d6c2",
    "74452f",
)


def picked(
    linear: Array, frame: Frame, blur: float, exposure: float, corner: float, colour: float = 0.88
) -> Array:
    """Lens blur (a fraction of the height), film curve, corners: what follows every rendering.

    `colour` scales the saturation, which the film curve raises.
    """
    seen = resize(defocus(linear, blur * linear.shape[0]), frame)
    grey = seen @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    return vignette(filmic(mix(grey[:, :, None], seen, colour), exposure), corner)


def _lampshade(middle: float, half: float, code: str, strength: float) -> Material:
    """Cloth lit from inside, brightest at the height of the bulb."""
    colour = rgb(code) * strength

    def glow(points: Array) -> Array:
        return np.asarray(colour[:, None] * (0.35 + 0.65 * np.exp(-(((points[1] - middle) / half) ** 2))))

    return Material(rgb("cbb391"), glow=glow)


def shade_profile(cosine: Array) -> Array:
    """A shaded lamp sends most light up and down and a little through its cloth."""
    steep = np.clip((np.abs(cosine) - 0.55) / 0.2, 0.0, 1.0)
    return np.asarray(0.3 + 0.7 * steep * steep * (3 - 2 * steep), np.float32)


def _bookcase(scene: Scene, rng: np.random.Generator) -> None:
    oak = scene.material(Material(rgb("957a5e"), wood("957a5e", 3), gloss=0.03))
    upright = scene.material(Material(rgb("957a5e"), wood("8f7459", 4, along=1), gloss=0.03))
    left, right = SHELF
    back = scene.material(Material(rgb("7a634d"), wood("735d49", 5, along=1)))
    box(scene, back, (left, 0.0, 0.0), (right, 2.5, 0.012))
    for x in (left, (left + right) / 2, right):
        box(scene, upright, (x - 0.012, 0.0, 0.0), (x + 0.012, 2.5, 0.31))
    for y in LEVELS:
        box(scene, oak, (left, y - 0.024, 0.0), (right, y, 0.305))
    _fill(scene, rng)


def _fill(scene: Scene, rng: np.random.Generator) -> None:
    palette = [scene.material(Material(rgb(code), gloss=0.02)) for code in SPINES]
    label = scene.material(Material(rgb("bfa878")))
    decor = _Decor(scene)
    for row, low in enumerate(LEVELS[:-1]):
        for column in range(2):
            x = SHELF[0] + 0.014 + column * (SHELF[1] - SHELF[0]) / 2
            room = LEVELS[row + 1] - low - 0.03
            share = rng.uniform(0.42, 0.56) if (row + column) % 2 else rng.uniform(0.78, 0.97)
            end = books(scene, palette, label, (x, low, 0.03), room, 0.24, 0.61 * share, rng)
            if share < 0.7:
                lean = 0.22
                leaning_book(
                    scene, int(rng.choice(palette)), (end + 0.085, low, 0.03), (0.024, room * 0.72, 0.2), lean
                )
                decor.place((row, column), (end + 0.18, low, 0.16), palette, rng)


class _Decor:
    """The things standing between the books."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.clay = scene.material(Material(rgb("b8754f"), gloss=0.05))
        self.white = scene.material(Material(rgb("d9d2c5"), gloss=0.15))
        self.brass = scene.material(Material(rgb("8f6a30"), gloss=0.9, shininess=60))
        self.leaves = [
            scene.material(Material(rgb(c), gloss=0.06, thin=True)) for c in ("4c6b35", "5d7a3e", "3c5a31")
        ]
        self.wood = scene.material(Material(rgb("5a4630")))

    def place(
        self,
        cell: tuple[int, int],
        at: tuple[float, float, float],
        palette: list[int],
        rng: np.random.Generator,
    ) -> None:
        """Puts one of several things at the free spot of a compartment."""
        x, y, z = at
        choice = (cell[0] * 2 + cell[1]) % 5
        if choice in (0, 3):
            tube(self.scene, self.white, (x, y, z), 0.1, 0.045, 0.06)
            trailing(self.scene, self.leaves, self.wood, (x, y + 0.1, z + 0.03), 0.34, 13, 0.06, rng, 0.75)
        elif choice == 1:
            vase(self.scene, self.clay, at, TALL_VASE)
        elif choice == 2:
            top = pile(self.scene, palette, (x - 0.07, y, z - 0.09), 0.19, 0.2, 4, rng)
            ball(self.scene, self.brass, (x + 0.02, top + 0.045, z), (0.045, 0.045, 0.045))
        else:
            vase(self.scene, self.white, at, ROUND_VASE)


def _sideboard(scene: Scene, rng: np.random.Generator) -> None:
    oak = scene.material(Material(rgb("8f7256"), wood("8f7256", 8), gloss=0.05))
    box(scene, oak, (0.66, 0.2, 0.02), (2.6, 0.83, 0.46))
    palette = [scene.material(Material(rgb(code))) for code in ("d8c9a8", "5c2e28", "324553", "b99f74")]
    pile(scene, palette, (0.72, 0.83, 0.12), 0.22, 0.2, 3, rng)
    pot = scene.material(Material(rgb("cfc6b8"), gloss=0.1))
    leaves = [scene.material(Material(rgb(c), gloss=0.1, thin=True)) for c in ("36532f", "456536", "2f4a2c")]
    tube(scene, pot, (1.62, 0.83, 0.2), 0.2, 0.09, 0.12)
    shrub(
        scene, leaves, scene.material(Material(rgb("4d3d2a"))), (1.62, 1.03, 0.2), 0.75, 0.26, 11, rng, 4, 0.3
    )


def _table_lamp(scene: Scene, at: tuple[float, float, float]) -> None:
    x, y, z = at
    stem = scene.material(Material(rgb("7f6a55"), gloss=0.2))
    vase(scene, stem, at, [(0, 0.06), (0.05, 0.1), (0.15, 0.1), (0.25, 0.035), (0.34, 0.016)])
    shade = scene.material(_lampshade(y + 0.46, 0.11, "ffd3a0", 1.7))
    tube(scene, shade, (x, y + 0.33, z), 0.26, 0.2, 0.15, "shade", shadow=False)
    scene.lights.append(
        Lamp(np.array([x, y + 0.46, z], np.float32), 0.05, rgb("ffcc98") * 2.7, shade_profile)
    )


def _hills(middle: tuple[float, float], size: float, codes: tuple[str, str, str, str]) -> Texture:
    """A print of a plain landscape: paper, a disc of sun, two hills."""
    paper, sun, far, near = (rgb(code)[:, None] for code in codes)

    def texture(points: Array) -> Array:
        x, y = (points[0] - middle[0]) / size, (points[1] - middle[1]) / size
        picture = np.where(np.hypot(x - 0.12, y - 0.22) < 0.2, sun, paper)
        picture = np.where(y < 0.08 + 0.2 * np.sin(2.6 * x + 0.9), far, picture)
        return np.asarray(np.where(y < -0.2 + 0.16 * np.sin(3.4 * x - 1.9), near, picture))

    return texture


def _prints(scene: Scene) -> None:
    """Two framed prints above the sideboard."""
    rim = scene.material(Material(rgb("3b2d22"), gloss=0.1))
    mount = scene.material(Material(rgb("d8cfbd")))
    warm, cool = ("d3bd98", "b86f45", "a98a66", "6f5a45"), ("cfc8b4", "c79a5b", "8a9c8f", "4f685f")
    for x, y, wide, high, codes in ((0.7, 1.84, 0.34, 0.46, warm), (1.3, 1.92, 0.46, 0.36, cool)):
        art = scene.material(Material(rgb(codes[0]), _hills((x, y), 0.3, codes)))
        picture(scene, rim, mount, art, (x, y, 0.001), (wide, high))


def living_room(frame: Frame, samples: int) -> Array:
    """A bookshelf at the left, a calm wall, a lit lamp on a sideboard at the right."""
    rng = np.random.default_rng(20)
    scene = Scene(ambient=rgb("a8988a") * 0.3)
    wall = scene.material(Material(rgb("a8a08c"), plaster("a89d88", 0.03, 2)))
    box(scene, wall, (-4, -0.2, -0.2), (4, 3.2, 0.0))
    _bookcase(scene, rng)
    _sideboard(scene, rng)
    _table_lamp(scene, (1.12, 0.83, 0.22))
    _prints(scene)
    day = Panel(
        np.array([-2.2, 2.0, 3.4], np.float32),
        np.array([-0.9, 0, -0.5], np.float32),
        np.array([0, 0.9, 0], np.float32),
        rgb("f6f0e8") * 6.0,
    )
    scene.lights.append(day)
    camera = Camera((0.1, 1.37, 3.55), (0.02, 1.4, 0.0), 0.285)
    linear = render(scene, camera, frame.scaled(0.5), samples, 1)
    return picked(linear, frame, 0.0075, 1.3, 0.2)
