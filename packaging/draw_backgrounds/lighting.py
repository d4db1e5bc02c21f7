"""Follows light through a scene: from lamps, windows and the sun, and between surfaces.

A plain path tracer. It keeps the light that arrives straight from lamps apart from the light that
other surfaces pass on: the latter changes slowly over a surface, so its grain can be smoothed away
(see `smoothing`) without losing the edges of shadows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from canvas import Array, Frame
from geometry import FAR, World
from scene import Camera, Scene
from smoothing import Layers, merge

CHUNK = 32_000  # fewer than 32,767, the longest row OpenCV looks up in a texture
BOUNCES = 4
SURVIVAL = 0.65
BRIGHTEST = 12.0


@dataclass
class _Surface:
    """What is known about the points where rays ended."""

    points: Array
    normals: Array
    albedo: Array
    glow: Array
    gloss: Array
    shininess: Array
    thin: Array


def _inspect(scene: Scene, world: World, points: Array, way: Array, number: Array) -> _Surface:
    normals = world.normals(points, number)
    count = number.size
    surface = _Surface(
        points,
        normals,
        np.zeros((3, count), np.float32),
        np.zeros((3, count), np.float32),
        np.zeros(count, np.float32),
        np.ones(count, np.float32),
        np.zeros(count, bool),
    )
    kinds = world.materials[number]
    for kind in np.unique(kinds):
        here, material = np.flatnonzero(kinds == kind), scene.materials[kind]
        surface.albedo[:, here] = material.albedo(points[:, here])
        if material.glow is not None:
            surface.glow[:, here] = material.glow(points[:, here])
        if material.relief is not None:
            normals[:, here] += material.relief(points[:, here])
        surface.gloss[here], surface.shininess[here] = material.gloss, material.shininess
        surface.thin[here] = material.thin
    normals *= np.where((normals * way).sum(axis=0) > 0.0, -1.0, 1.0) / np.linalg.norm(normals, axis=0)
    return surface


def _direct(scene: Scene, world: World, at: _Surface, way: Array, rng: np.random.Generator) -> Array:
    """Light reflected from one randomly chosen lamp, window or sun per point."""
    total = np.zeros_like(at.points)
    choice = rng.integers(len(scene.lights), size=at.points.shape[1])
    for i, light in enumerate(scene.lights):
        here = np.flatnonzero(choice == i)
        to, distance, arriving = light.sample(at.points[:, here], rng)
        cosine = (at.normals[:, here] * to).sum(axis=0)
        # A thin leaf lets part of the light from behind through.
        cosine = np.where(at.thin[here], np.maximum(cosine, -0.55 * cosine), np.maximum(cosine, 0.0))
        lit = np.flatnonzero(cosine > 0.0)
        here, to, distance = here[lit], to[:, lit], distance[lit]
        start = at.points[:, here] + to * np.where(at.thin[here], 8e-3, 1.5e-3)
        free = ~world.blocked(start, to, distance)
        half = to - way[:, here]
        half = half / np.linalg.norm(half, axis=0)
        shine = np.maximum((half * at.normals[:, here]).sum(axis=0), 0.0) ** at.shininess[here]
        shine *= at.gloss[here] * (at.shininess[here] + 2.0) / 8.0
        total[:, here] = (at.albedo[:, here] + shine) * arriving[:, lit] * (cosine[lit] * free / np.pi)
    return total * len(scene.lights)


def _scatter(normals: Array, rng: np.random.Generator) -> Array:
    """Random directions off a matt surface."""
    ball = rng.normal(size=normals.shape)
    way = normals + ball / np.linalg.norm(ball, axis=0) * 0.999
    return np.asarray(way / np.linalg.norm(way, axis=0), np.float32)


@dataclass
class _Path:
    """Rays under way: which pixel they belong to, what share of light they carry, where they go."""

    pixels: Array
    weight: Array
    origin: Array
    way: Array


def _first(scene: Scene, world: World, path: _Path, layers: Layers, rng: np.random.Generator) -> _Path:
    """What the camera sees straight on, and where light goes from there."""
    distance, number = world.first(path.origin, path.way)
    missed = number < 0
    if scene.sky is not None:
        layers.glow[:, path.pixels[missed]] += scene.sky(path.way[:, missed])
    path = _Path(path.pixels[~missed], path.weight[:, ~missed], path.origin[:, ~missed], path.way[:, ~missed])
    distance = distance[~missed]
    at = _inspect(scene, world, path.origin + path.way * distance, path.way, number[~missed])
    straight = np.minimum(_direct(scene, world, at, path.way, rng), BRIGHTEST)
    layers.direct[:, path.pixels] += straight
    layers.glow[:, path.pixels] += at.glow
    layers.albedo[:, path.pixels] += at.albedo
    layers.normal[:, path.pixels] += at.normals
    layers.depth[0, path.pixels] += distance
    layers.indirect[:, path.pixels] += scene.ambient[:, None]
    # The indirect layer is kept without the first surface's colour, which is multiplied in later.
    return _onward(path, at, np.ones(at.gloss.shape, bool), rng)


def _onward(path: _Path, at: _Surface, kept: Array, rng: np.random.Generator) -> _Path:
    start = at.points[:, kept] + at.normals[:, kept] * 1.5e-3
    return _Path(path.pixels[kept], path.weight[:, kept], start, _scatter(at.normals[:, kept], rng))


def _bounce(scene: Scene, world: World, path: _Path, layers: Layers, rng: np.random.Generator) -> _Path:
    """One more surface on the way: the light it passes back, and the rays going on from it."""
    distance, number = world.first(path.origin, path.way)
    met = number >= 0
    path = _Path(path.pixels[met], path.weight[:, met], path.origin[:, met], path.way[:, met])
    points = path.origin + path.way * np.minimum(distance[met], FAR)
    at = _inspect(scene, world, points, path.way, number[met])
    gained = path.weight * (_direct(scene, world, at, path.way, rng) + at.albedo * scene.ambient[:, None])
    layers.indirect[:, path.pixels] += np.minimum(gained, BRIGHTEST / 6)
    path.weight = path.weight * at.albedo / SURVIVAL
    return _onward(path, at, rng.random(path.pixels.size) < SURVIVAL, rng)


def _trace(
    scene: Scene,
    world: World,
    camera: Camera,
    frame: Frame,
    pixels: Array,
    layers: Layers,
    rng: np.random.Generator,
) -> None:
    """Follows one path from each of the given pixels."""
    origin, way = camera.rays(frame, pixels, rng)
    path = _first(scene, world, _Path(pixels, np.ones_like(way), origin, way), layers, rng)
    for _ in range(BOUNCES - 1):
        path = _bounce(scene, world, path, layers, rng)


def render(scene: Scene, camera: Camera, frame: Frame, samples: int, seed: int) -> Array:
    """The scene in linear light, averaged over `samples` paths per pixel."""
    world = World(scene.shapes)
    rng = np.random.default_rng(seed)
    layers = Layers.empty(frame.width * frame.height)
    for first in range(0, frame.width * frame.height, CHUNK):
        pixels = np.arange(first, min(first + CHUNK, frame.width * frame.height))
        for _ in range(samples):
            _trace(scene, world, camera, frame, pixels, layers, rng)
    return merge(layers, frame, samples)
