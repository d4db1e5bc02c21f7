"""Small evaluation sets, drawn: a disc of known outline that wanders over a textured ground."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from vcam.evaluation.index import Clip, TruthKind
from vcam.frame import Pixels, Size

SIZE = Size(96, 64)


def write_video(path: Path, pictures: Sequence[Pixels], rate: int = 25) -> Path:
    """Lossless video of BGR pictures, or of grey ones."""
    container: Any = av.open(str(path), "w")
    stream: Any = container.add_stream("ffv1", rate=rate)
    stream.height, stream.width = pictures[0].shape[:2]
    stream.pix_fmt = "gray" if pictures[0].ndim == 2 else "bgr0"
    for picture in pictures:
        frame = av.VideoFrame.from_ndarray(picture, format="gray" if picture.ndim == 2 else "bgr24")
        container.mux(stream.encode(frame if picture.ndim == 2 else frame.reformat(format="bgr0")))
    container.mux(stream.encode())
    container.close()
    return path


def mattes(count: int, size: Size = SIZE, step: float = 2.0) -> list[Pixels]:
    """Soft discs, ``step`` pixels further to the right in each."""
    y, x = np.mgrid[:size.height, :size.width].astype(np.float32)
    centre = size.width * 0.35
    return [_soft(np.hypot(x - centre - step * number, y - size.height / 2), size.height * 0.3)
            for number in range(count)]


def _soft(distance: np.ndarray, radius: float) -> Pixels:
    return np.clip((radius - distance) * 64 + 128, 0, 255).astype(np.uint8)


def pictures(truth: Sequence[Pixels], step: int = 2) -> list[Pixels]:
    """BGR: what the mattes cut out has a texture that moves along, the ground another that stands still."""
    height, width = truth[0].shape
    ground, body = texture(1, height, width), texture(2, height, width)
    shown = []
    for number, matte in enumerate(truth):
        share = matte[..., None] / 255
        shown.append((np.roll(body, number * step, axis=1) * share + ground * (1 - share)).astype(np.uint8))
    return shown


def texture(seed: int, height: int, width: int) -> Pixels:
    """Smooth BGR noise of full contrast."""
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    smooth = cv2.GaussianBlur(noise, (0, 0), 2.5)
    return cv2.normalize(smooth, np.empty_like(smooth), 0, 255, cv2.NORM_MINMAX)


def entry(name: str, **values: object) -> dict[str, object]:
    """A clip as an index has it; ``values`` replace or add keys."""
    return {"name": name, "kind": "composite", "file": f"{name}.mkv", "gt": f"{name}_pha.mkv", "gt_kind": "exact",
            "size": [SIZE.width, SIZE.height], "fps": 25, "frames": 6} | values


def write_index(folder: Path, *entries: dict[str, object]) -> Path:
    """An index of the entries; ``file``s of its own are not written."""
    path = folder / "index.json"
    path.write_text(json.dumps({"set": "drawn", "clips": entries}))
    return path


def write_set(folder: Path) -> Path:
    """An index with one clip of every kind, and its files."""
    truth = mattes(6)
    shown = pictures(truth)
    hard = [((matte > 127) * 255).astype(np.uint8) for matte in truth]
    for name, other in (("moving_pha", truth), ("masked_pha", hard), ("real_ref", hard)):
        write_video(folder / f"{name}.mkv", other)
    for name in ("moving", "masked", "real", "bare"):
        write_video(folder / f"{name}.mkv", shown)
    cv2.imwrite(str(folder / "photo.png"), shown[0])
    cv2.imwrite(str(folder / "photo_pha.png"), truth[0])
    nothing = {"gt": None, "gt_kind": None}
    return write_index(
        folder, entry("moving", notes="a disc <moving>", source="drawn", licence="none needed"),
        entry("masked", gt_kind="mask (by hand)"), entry("real", kind="real", ref="real_ref.mkv", **nothing),
        entry("bare", kind="real", **nothing),
        entry("photo", kind="still", file="photo.png", gt="photo_pha.png", gt_kind="pseudo (Drawn)", fps=None,
              frames=1))


def clip(folder: Path, name: str = "moving", **values: Any) -> Clip:
    """A clip with exact truth, whatever its files hold; ``values`` replace what it says."""
    wanted: dict[str, Any] = {
        "name": name, "file": folder / f"{name}.mkv", "is_still": False, "truth_kind": TruthKind.EXACT,
        "truth": folder / f"{name}_pha.mkv", "reference": None, "size": SIZE, "fps": Fraction(25), "frames": 6}
    return Clip(**wanted | values)
