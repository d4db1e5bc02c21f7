"""Solid shapes and what a ray of light meets first among them.

Each shape is a unit solid (box, ball, cone-like tube, leaf) put in place by three half-axes and a
centre, in metres: x to the right, y up, z towards the viewer. Rays are kept as (3, n) arrays, and
a tree of bounding boxes spares most rays most shapes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from canvas import Array

NEAR = 1e-4
FAR = np.float32(1e9)
LEAF_SIZE = 3
BULKY = 0.5  # a shape this large a part of its node is tested there, and not handed down


@dataclass(frozen=True)
class Shape:
    """A unit solid under an affine map: columns of `axes` are its half-axes in the world."""

    kind: str
    centre: Array
    axes: Array
    material: int
    taper: float = 0.0
    shadow: bool = True

    def inverse(self) -> Array:
        """World to unit-solid directions."""
        return np.asarray(np.linalg.inv(self.axes.astype(np.float64)), np.float32)

    def bounds(self) -> tuple[Array, Array]:
        """Corners of the enclosing box."""
        wide = 1.0 + abs(self.taper)
        reach = np.abs(self.axes) @ np.array([wide, 1.0, wide]) + 1e-4
        return self.centre - reach, self.centre + reach


def _slabs(a: Array, b: Array) -> tuple[Array, Array]:
    """Where rays enter and leave a box, from the distances to its two planes per axis."""
    low, high = np.minimum(a, b), np.maximum(a, b)
    near = np.maximum(np.maximum(low[0], low[1]), low[2])
    return near, np.minimum(np.minimum(high[0], high[1]), high[2])


def _dot(a: Array, b: Array) -> Array:
    return np.asarray(a[0] * b[0] + a[1] * b[1] + a[2] * b[2])


def _box(o: Array, d: Array, taper: float) -> Array:
    inverse = 1.0 / d
    near, far = _slabs((-1.0 - o) * inverse, (1.0 - o) * inverse)
    t = np.where(near > NEAR, near, far)
    return np.where((far >= near) & (t > NEAR), t, FAR)


def _ball(o: Array, d: Array, taper: float) -> Array:
    a, b, c = _dot(d, d), _dot(o, d), _dot(o, o) - 1.0
    root = np.sqrt(np.maximum(b * b - a * c, 0.0))
    near, far = (-b - root) / a, (-b + root) / a
    t = np.where(near > NEAR, near, far)
    return np.where((b * b > a * c) & (t > NEAR), t, FAR)


def _side(o: Array, d: Array, taper: float) -> Array:
    """The mantle of a tube whose radius is 1 + taper·y."""
    radius = 1.0 + taper * o[1]
    a = d[0] ** 2 + d[2] ** 2 - (taper * d[1]) ** 2
    b = o[0] * d[0] + o[2] * d[2] - taper * d[1] * radius
    c = o[0] ** 2 + o[2] ** 2 - radius**2
    inside = b * b - a * c
    root = np.sqrt(np.maximum(inside, 0.0))
    best = np.full(a.shape, FAR)
    for t in ((-b - root) / a, (-b + root) / a):
        good = (inside > 0.0) & (t > NEAR) & (np.abs(o[1] + t * d[1]) <= 1.0)
        best = np.where(good & (t < best), t, best)
    return best


def _tube(o: Array, d: Array, taper: float) -> Array:
    best = _side(o, d, taper)
    for end in (-1.0, 1.0):
        t = (end - o[1]) / d[1]
        good = (t > NEAR) & ((o[0] + t * d[0]) ** 2 + (o[2] + t * d[2]) ** 2 <= (1.0 + taper * end) ** 2)
        best = np.where(good & (t < best), t, best)
    return best


def _leaf(o: Array, d: Array, taper: float) -> Array:
    """A flat blade along x, pointed at both ends; `taper` moves its belly towards the stalk."""
    t = -o[1] / d[1]
    x, z = o[0] + t * d[0], o[2] + t * d[2]
    blade = np.abs(z) <= (1.0 - x * x) * (1.0 - taper * x)
    return np.where(blade & (np.abs(x) <= 1.0) & (t > NEAR), t, FAR)


SOLIDS: dict[str, Callable[[Array, Array, float], Array]] = {
    "box": _box,
    "ball": _ball,
    "tube": _tube,
    "shade": _side,
    "leaf": _leaf,
}


@dataclass
class Node:
    """A bounding box with either two halves or a few shapes (by number) in it."""

    low: Array
    high: Array
    members: list[int] = field(default_factory=list)
    halves: tuple[Node, ...] = ()

    def touched(self, o: Array, inverse: Array, limit: Array) -> Array:
        """Which rays enter the box before their present limit."""
        near, far = _slabs((self.low[:, None] - o) * inverse, (self.high[:, None] - o) * inverse)
        return np.asarray((far >= np.maximum(near, 0.0)) & (near < limit))


class World:
    """All shapes of a scene, ready for rays."""

    def __init__(self, shapes: list[Shape]) -> None:
        """Sorts the shapes into trees: one of all of them, one of those that cast shadows."""
        self.shapes = shapes
        self.inverses = np.stack([shape.inverse() for shape in shapes])
        self.centres = np.stack([shape.centre for shape in shapes]).astype(np.float32)
        self.materials = np.array([shape.material for shape in shapes])
        self.kinds = np.array([shape.kind for shape in shapes])
        self.tapers = np.array([shape.taper for shape in shapes], np.float32)
        self._seen = self._build(list(range(len(shapes))))
        self._opaque = self._build([i for i, shape in enumerate(shapes) if shape.shadow])

    def _build(self, members: list[int]) -> Node:
        bounds = [self.shapes[i].bounds() for i in members]
        low = np.min([b[0] for b in bounds], axis=0).astype(np.float32)
        high = np.max([b[1] for b in bounds], axis=0).astype(np.float32)
        if len(members) <= LEAF_SIZE:
            return Node(low, high, members)
        large = BULKY * np.max(high - low)
        bulky = [i for i, b in zip(members, bounds, strict=True) if np.ptp(b, axis=0).max() > large]
        if 0 < len(bulky) < len(members):
            rest = self._build([i for i in members if i not in bulky])
            return Node(low, high, bulky, (rest,))
        middles = np.array([b[0] + b[1] for b in bounds])
        order = np.argsort(middles[:, int(np.argmax(np.ptp(middles, axis=0)))], kind="stable")
        ranked = [members[i] for i in order]
        half = len(ranked) // 2
        return Node(low, high, [], (self._build(ranked[:half]), self._build(ranked[half:])))

    def first(self, o: Array, d: Array) -> tuple[Array, Array]:
        """Distance to, and number of, the first shape each ray meets (-1: none)."""
        limit = np.full(o.shape[1], FAR, np.float32)
        return self._search(self._seen, o, d, limit)

    def blocked(self, o: Array, d: Array, distance: Array) -> Array:
        """Whether something casts a shadow before `distance`."""
        _, number = self._search(self._opaque, o, d, distance.astype(np.float32) - 2e-3)
        return np.asarray(number >= 0)

    def _search(self, root: Node, o: Array, d: Array, limit: Array) -> tuple[Array, Array]:
        number = np.full(o.shape[1], -1)
        stack = [(root, np.arange(o.shape[1]))]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            inverse = 1.0 / d
            while stack:
                node, rays = stack.pop()
                rays = rays[node.touched(o[:, rays], inverse[:, rays], limit[rays])]
                if rays.size and node.members:
                    self._try(node.members, o[:, rays], d[:, rays], rays, limit, number)
                if rays.size:
                    stack.extend((half, rays) for half in node.halves)
        return limit, number

    def _try(self, members: list[int], o: Array, d: Array, rays: Array, limit: Array, number: Array) -> None:
        """Tests rays against the shapes of one node, lowering their limits where they meet one."""
        for i in members:
            inverse = self.inverses[i]
            local = inverse @ (o - self.centres[i][:, None])
            t = SOLIDS[self.shapes[i].kind](local, inverse @ d, self.shapes[i].taper)
            nearer = t < limit[rays]
            limit[rays[nearer]] = t[nearer]
            number[rays[nearer]] = i

    def normals(self, points: Array, number: Array) -> Array:
        """Outward unit normals at points on the shapes with these numbers."""
        inverse = self.inverses[number].transpose(1, 2, 0)
        local = np.einsum("ijn,jn->in", inverse, points - self.centres[number].T)
        kind = self.kinds[number]
        radial = local * np.array([1.0, 0.0, 1.0])[:, None]
        radial[1] = -self.tapers[number] * (1.0 + self.tapers[number] * local[1])
        largest = np.where(np.abs(local) == np.abs(local).max(axis=0), np.sign(local), 0.0)
        upward = np.zeros_like(local)
        upward[1] = np.where(kind == "leaf", 1.0, np.sign(local[1]))
        cap = (kind == "tube") & (np.abs(local[1]) > 0.9995)
        normal = np.where(kind == "ball", local, np.where(kind == "box", largest, radial))
        normal = np.where((kind == "leaf") | cap, upward, normal)
        world = np.einsum("jin,jn->in", inverse, normal)
        return np.asarray(world / np.maximum(np.linalg.norm(world, axis=0), 1e-9), np.float32)
