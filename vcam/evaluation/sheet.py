"""Contact sheets: the worst moments of every clip, side by side, for eyes that want to see all of it at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from vcam.compose.lettering import line
from vcam.evaluation.moments import COUNT, Moment, fitted
from vcam.evaluation.report import in_words
from vcam.evaluation.run import Result
from vcam.evaluation.scoring import Row
from vcam.frame import Pixels
from vcam.wholefile import write_whole

_TILE_HEIGHT, _TILE_WIDEST = 180, 320
_GAP, _LABEL = 8, 44
_WIDTH = (_TILE_WIDEST + _GAP) * 2 * COUNT + _GAP
_GROUND = (30, 26, 24)  # BGR
_INK, _FAINT = (236, 240, 244), (158, 168, 178)  # RGB
_ROWS = 16  # on a sheet; with many more it would be too tall to be looked at
_QUALITY = 88


def write_sheets(folder: Path, results: Sequence[Result]) -> list[Path]:
    """Write as many sheets as it takes; returns their paths.

    Raises:
        OSError: they cannot be written.
    """
    rows = list(_rows([_block(result) for result in results]))
    pages = [np.vstack(rows[start:start + _ROWS]) for start in range(0, len(rows), _ROWS)]
    paths = [folder / ("contact-sheet.jpg" if len(pages) == 1 else f"contact-sheet-{number}.jpg")
             for number in range(1, len(pages) + 1)]
    for path, page in zip(paths, pages, strict=True):
        write_whole(path, cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes())
    return paths


def _rows(blocks: Sequence[Pixels]) -> Iterator[Pixels]:
    """The blocks from left to right, in as many rows as they need; all of the same width."""
    row: list[Pixels] = []
    for block in blocks:
        if row and sum(b.shape[1] for b in row) + block.shape[1] > _WIDTH:
            yield _row(row)
            row = []
        row.append(block)
    yield _row(row)


def _row(blocks: Sequence[Pixels]) -> Pixels:
    height = max(block.shape[0] for block in blocks)
    joined = np.hstack([_extended(block, height, block.shape[1]) for block in blocks])
    return _extended(joined, height, _WIDTH)


def _block(result: Result) -> Pixels:
    """A clip's moments, each beside its error map, with a label above."""
    tiles = [tile for moment in result.moments for tile in _tiles(moment)]
    height = max(tile.shape[0] for tile in tiles) + _GAP
    strip = np.hstack([_bordered(tile, height) for tile in tiles])
    return np.vstack([_label(result.row, strip.shape[1]), strip])


def _tiles(moment: Moment) -> Iterator[Pixels]:
    for data in (moment.cutout, moment.error_map):
        if data is not None:
            picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
            yield fitted(np.asarray(picture, np.uint8), _TILE_WIDEST, _TILE_HEIGHT)


def _bordered(tile: Pixels, height: int) -> Pixels:
    return cv2.copyMakeBorder(tile, 0, height - tile.shape[0], _GAP, 0, cv2.BORDER_CONSTANT, value=_GROUND)


def _extended(picture: Pixels, height: int, width: int) -> Pixels:
    """With dark ground below and to the right."""
    return cv2.copyMakeBorder(picture, 0, height - picture.shape[0], 0, width - picture.shape[1], cv2.BORDER_CONSTANT,
                              value=_GROUND)


def _label(row: Row, width: int) -> Pixels:
    image = Image.new("RGB", (width, _LABEL), _GROUND[::-1])
    draw = ImageDraw.Draw(image)
    line(draw, row.clip.name, (_GAP, 12), 15, _INK, width - _GAP, "lm")
    line(draw, in_words(row), (_GAP, 32), 14, _FAINT, width - _GAP, "lm")
    return np.ascontiguousarray(np.asarray(image)[..., ::-1])
