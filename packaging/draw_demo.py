"""Makes the two pictures of the demo source: the person, cut out of a public-domain portrait, and a cluttered room.

    python packaging/draw_demo.py astronaut.png vcam/assets [--samples 40]

`astronaut.png` (512 × 512) is NASA's portrait of Eileen Collins as distributed with scikit-image; see
vcam/assets/NOTICE.md. The room is drawn by the same light tracer as the bundled backgrounds.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from draw_demo_room import Frame, develop, home_office
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[Any]

PORTRAIT_SHA256 = "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5"
BOTTOM = 350  # below this row of the portrait a helmet hides the suit
LEFT, RIGHT = 12, 378
ZOOM = 2
# Her contour in the portrait, traced by hand, from the lower left corner over the head to the lower right one.
CONTOUR = """
25,356 25.4,350 25,345 26,340 29,336 30.3,331 32,325 33.5,318 37,310 39.5,304 40,296 42,290 44,285 47,278 51,270 56,260
62,250 69,243 76,236 82,232 90,227 98,221 102,215 107,210 111,206 113,204 113,200 115,197 114,193 112,190 112,187
114,185.6 118,186 119,182 121,178 123,172 126,167 130,161 136,156 144,152 152,150 160,149 170,148 178,148 184.8,149.5
183.5,143 182,137 181,132 177,131 173,126 171,120 169,117.5 164.5,112.5 161,108.3 157.5,103 155.5,98 154.5,90 153.5,80
153,70
154.5,63 157,58 161,54 166,49 171,45 177,42 184,38 190,34 192,30 197,26 203,23 210,20 218,18 226,16.5 232,15.8 240,16.5
248,18 256,21.5 263,25.5 270,29 277,32.5 283,37 287,42 290,48 293,54 296,61 298,68 300,75 301,82 301.3,88 299.8,95
298,101 296,107 292,113 287,119 282.5,123.7 279,128 278,131 275,135 271,136.6 268,136 267,142 265,148 262,153 258.5,158
257,163 256,168 255.3,173 260,176 268,182 275,188 282,195 288,203 294,212 299,221 302,229 304,234 310,238 316,241
321,244 326,248 331,252 337,257 341,263 344,269 346,275 348,282 351,284.5 353,290 355,297 357,304 357.5,312 357.5,320
359,325 360,329 360.5,332 360.5,334.5 360.7,340 363,346 365,349 367,356
"""


def traced(shape: tuple[int, int]) -> Array:
    """The inside of the contour as 0 … 1, its edge as soft as a pixel of the portrait."""
    points = np.array([[float(v) for v in pair.split(",")] for pair in CONTOUR.split()])
    points = ((points + 0.5 - [LEFT, 0]) * ZOOM - 0.5) * 16
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.rint(points).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 0.55 * ZOOM), np.float32) / 255


def spread(image: Array, weight: Array, sigma: float) -> Array:
    """Colours carried from where `weight` is into its surroundings."""
    coarse = cv2.GaussianBlur(weight, (0, 0), 3 * sigma) + 1e-6
    far = cv2.GaussianBlur(image * weight[:, :, None], (0, 0), 3 * sigma) / coarse[:, :, None]
    near = cv2.GaussianBlur(weight, (0, 0), sigma)[:, :, None]
    return np.asarray((cv2.GaussianBlur(image * weight[:, :, None], (0, 0), sigma) + 1e-3 * far) / (near + 1e-3))


def cut_out(portrait: Array) -> Array:
    """Her picture (height, width, 4), straight alpha, without a trace of the studio behind her."""
    image = cv2.resize(portrait[:BOTTOM, LEFT:RIGHT], None, fx=ZOOM, fy=ZOOM, interpolation=cv2.INTER_LANCZOS4)
    image = image.astype(np.float32)
    edge = traced(image.shape[:2])
    inside = np.asarray(edge > 0.5, np.uint8)
    inner = cv2.erode(inside, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (4 * ZOOM + 1,) * 2)).astype(np.float32)
    outer = cv2.dilate(inside, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5 * ZOOM + 1,) * 2)).astype(np.float32)
    own, behind = spread(image, inner, 2.0 * ZOOM), spread(image, 1 - outer, 2.5 * ZOOM)
    contrast = own - behind
    power = (contrast**2).sum(axis=2)
    measured = ((image - behind) * contrast).sum(axis=2) / np.maximum(power, 1)
    trust = np.clip((np.sqrt(power) - 60) / 60, 0, 0.75)
    band = np.where(inner > 0, 1, np.where(outer > 0, trust * np.clip(measured, 0, 1) + (1 - trust) * edge, 0))
    # Three quarters measured; the traced edge bounds it on both sides.
    alpha = np.clip(np.clip(band, edge * 1.6 - 0.6, edge * 2.2), 0, 1)
    alpha = np.clip((alpha - 0.12) / 0.82, 0, 1)
    # Where the studio shines through, her own colours from further inside; the wall behind her was lighter than she.
    depth = cv2.GaussianBlur(cv2.erode(alpha, np.ones((3, 3))), (0, 0), 0.7 * ZOOM)[:, :, None]
    clean = own + (image - own) * np.clip((depth - 0.55) / 0.4, 0, 1)
    return np.clip(np.rint(np.dstack([clean, alpha * 255])), 0, 255).astype(np.uint8)


def main() -> None:
    """Reads the portrait, writes demo_person.webp and demo_room.jpg."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("portrait", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--samples", type=int, default=20, help="light paths per pixel of the room")
    asked = parser.parse_args()
    data = asked.portrait.read_bytes()
    if hashlib.sha256(data).hexdigest() != PORTRAIT_SHA256:
        parser.error(f"{asked.portrait} is not the expected astronaut.png")
    person = cut_out(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR))
    asked.folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(cv2.cvtColor(person, cv2.COLOR_BGRA2RGBA)).save(
        asked.folder / "demo_person.webp", quality=90, alpha_quality=100, method=6)
    room = develop(home_office(Frame(1920, 1080), asked.samples))
    Image.fromarray(room).save(asked.folder / "demo_room.jpg", quality=88, optimize=True)


if __name__ == "__main__":
    main()
