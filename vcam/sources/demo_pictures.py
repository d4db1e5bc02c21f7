"""The pictures of the demo source, made ready to be laid over each other."""

from __future__ import annotations

from importlib.resources import as_file, files

import cv2
import numpy as np
from PIL import Image

from vcam.errors import SourceError
from vcam.frame import FloatArray, Pixels, Size
from vcam.ops.fitting import filled

GRAIN = 3  # luma steps: the most that the sensor noise adds or takes


def _asset(name: str) -> Image.Image:
    with as_file(files("vcam") / "assets" / name) as path:
        try:
            with Image.open(path) as image:
                image.load()
                return image
        except OSError as error:
            raise SourceError(f"the demo's picture {name} cannot be read: {error}",
                              "pip install --force-reinstall vcam") from error


def room(size: Size) -> Pixels:
    """The room as BGR, filling ``size``."""
    return np.ascontiguousarray(filled(np.asarray(_asset("demo_room.jpg").convert("RGB")), size)[:, :, ::-1])


def person(scale: float) -> FloatArray:
    """Her picture at the size it is shown in: red, green, blue, each weighted by alpha (0–1), and alpha."""
    picture = np.asarray(_asset("demo_person.webp").convert("RGBA"), np.float32)
    picture[:, :, :3] *= picture[:, :, 3:] / 255
    picture[:, :, 3] /= 255
    rows, columns = (max(2, round(side * scale / 2) * 2) for side in picture.shape[:2])
    resized = cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    resized[:, :, 3] = resized[:, :, 3].clip(0, 1)
    return np.asarray(resized, np.float32)


def layers(portrait: FloatArray, matrix: FloatArray) -> tuple[list[Pixels], list[Pixels]]:
    """(alpha, Y) of (rows, columns), and (alpha, U, V) of half of both; the colours are weighted by alpha."""
    alpha = portrait[:, :, 3]
    luma, *chroma = (portrait[:, :, :3] @ row[:3] + row[3] * alpha for row in matrix)
    half = (alpha.shape[1] // 2, alpha.shape[0] // 2)
    small = [cv2.resize(plane, half, interpolation=cv2.INTER_AREA) for plane in (alpha * 255, *chroma)]
    dimmed = np.maximum(luma - GRAIN * alpha, 16 * alpha)  # the noise is added to it
    return [_bytes(plane) for plane in (alpha * 255, dimmed)], [_bytes(np.asarray(plane)) for plane in small]


def _bytes(plane: FloatArray) -> Pixels:
    return np.clip(np.rint(plane), 0, 255).astype(np.uint8)
