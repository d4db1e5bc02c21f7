"""What a scene is made of: materials, lamps, windows, the sun, and the camera."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from canvas import Array, Frame
from geometry import Shape


@dataclass(frozen=True)
class Material:
    """How a surface looks: a colour or a texture of the place, some gloss, a glow of its own."""

    colour: Array
    texture: Callable[[Array], Array] | None = None
    relief: Callable[[Array], Array] | None = None
    glow: Callable[[Array], Array] | None = None
    gloss: float = 0.0
    shininess: float = 40.0
    thin: bool = False

    def albedo(self, points: Array) -> Array:
        """Reflected share of the light at these points, (3, n)."""
        if self.texture is None:
            return np.repeat(self.colour[:, None], points.shape[1], axis=1)
        return self.texture(points)


@dataclass(frozen=True)
class Lamp:
    """A small luminous ball; `profile` scales its light by the cosine of the angle from 'up'."""

    place: Array
    radius: float
    power: Array
    profile: Callable[[Array], Array] | None = None

    def sample(self, points: Array, rng: np.random.Generator) -> tuple[Array, Array, Array]:
        """Direction, distance and light arriving from one random spot of the lamp."""
        spot = rng.normal(size=points.shape).astype(np.float32)
        spot *= self.radius / np.linalg.norm(spot, axis=0)
        way = self.place[:, None] + spot - points
        distance = np.linalg.norm(way, axis=0)
        way = way / distance
        light = self.power[:, None] / np.maximum(distance, 0.05) ** 2
        return way, distance, light if self.profile is None else light * self.profile(-way[1])


@dataclass(frozen=True)
class Panel:
    """A luminous rectangle (a window, a soft box) given by its centre and half-edges.

    It shines to the side that `right` × `up` points to.
    """

    centre: Array
    right: Array
    up: Array
    radiance: Array

    def sample(self, points: Array, rng: np.random.Generator) -> tuple[Array, Array, Array]:
        """Direction, distance and light arriving from one random spot of the panel."""
        a, b = rng.uniform(-1.0, 1.0, (2, points.shape[1])).astype(np.float32)
        spot = self.centre[:, None] + self.right[:, None] * a + self.up[:, None] * b
        way = spot - points
        distance = np.linalg.norm(way, axis=0)
        way = way / distance
        facing = np.maximum(-np.cross(self.right, self.up) @ way, 0.0) * 4.0
        return way, distance, self.radiance[:, None] * facing / np.maximum(distance, 0.1) ** 2


@dataclass(frozen=True)
class Sun:
    """Light from one direction, softened by `spread` radians; only what passes openings arrives."""

    towards: Array
    spread: float
    light: Array

    def sample(self, points: Array, rng: np.random.Generator) -> tuple[Array, Array, Array]:
        """Direction, distance and light arriving from one random spot of the sun's face."""
        way = self.towards[:, None] + self.spread * rng.normal(size=points.shape)
        way = way / np.linalg.norm(way, axis=0)
        distance = np.full(points.shape[1], 50.0, np.float32)
        return way.astype(np.float32), distance, np.repeat(self.light[:, None], points.shape[1], axis=1)


@dataclass
class Scene:
    """Shapes, their materials, the lights, and what lies behind everything."""

    shapes: list[Shape] = field(default_factory=list)
    materials: list[Material] = field(default_factory=list)
    lights: list[Lamp | Panel | Sun] = field(default_factory=list)
    ambient: Array = field(default_factory=lambda: np.zeros(3, np.float32))
    sky: Callable[[Array], Array] | None = None

    def material(self, material: Material) -> int:
        """Registers a material and returns its number."""
        self.materials.append(material)
        return len(self.materials) - 1


@dataclass(frozen=True)
class Camera:
    """Where the picture is taken from; `view` is the tangent of half the vertical angle."""

    place: tuple[float, float, float]
    target: tuple[float, float, float]
    view: float

    def rays(self, frame: Frame, pixels: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """Origins and directions through random spots of the given pixels."""
        jitter = rng.uniform(0.0, 1.0, (2, pixels.size))
        x = ((pixels % frame.width + jitter[0]) * 2.0 - frame.width) / frame.height
        y = 1.0 - (pixels // frame.width + jitter[1]) * 2.0 / frame.height
        ahead = np.subtract(self.target, self.place)
        ahead = ahead / np.linalg.norm(ahead)
        right = np.cross(ahead, [0.0, 1.0, 0.0])
        right = right / np.linalg.norm(right)
        up = np.cross(right, ahead)
        way = ahead[:, None] + self.view * (right[:, None] * x + up[:, None] * y)
        way = (way / np.linalg.norm(way, axis=0)).astype(np.float32)
        return np.repeat(np.array(self.place, np.float32)[:, None], pixels.size, axis=1), way
