"""A contact sheet of a cut-out: for each of a few moments what was seen, and the person on a chequered ground."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from vcam.cutting.work import Unwritable
from vcam.frame import Pixels
from vcam.wholefile import write_whole

MOMENTS = 8
_SQUARE = 10
_LIGHT, _DARK = 236, 206
_GROUND, _GAP = 28, 8
_COLUMNS = 2
_QUALITY = 90


def write_sheet(target: Path, thumbs: Sequence[Path]) -> None:
    """Write ``target`` (JPEG) from pictures that hold, side by side, a frame and its cut-out's colours, with the matte
    as alpha.

    Raises:
        Unwritable: it cannot be written.
    """
    tiles = [_tile(np.asarray(cv2.imread(str(path), cv2.IMREAD_UNCHANGED), np.uint8)) for path in thumbs]
    while len(tiles) % _COLUMNS and len(tiles) > 1:
        tiles.append(np.full_like(tiles[0], _GROUND))
    columns = min(_COLUMNS, len(tiles))
    rows = [np.hstack(tiles[start:start + columns]) for start in range(0, len(tiles), columns)]
    data = cv2.imencode(".jpg", np.vstack(rows), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1]
    try:
        write_whole(target, data.tobytes())
    except OSError as error:
        raise Unwritable(f"'{target}' cannot be written: {error.strerror}", "choose another place") from error


def _tile(pair: Pixels) -> Pixels:
    half = pair.shape[1] // 2
    seen, colours, alpha = pair[:, :half, :3], pair[:, half:, :3], pair[:, half:, 3]
    share = alpha.astype(np.float32) / 255
    person = cv2.blendLinear(np.ascontiguousarray(colours), _chequers(*alpha.shape), share, 1 - share)
    tile = np.hstack([seen, person])
    return cv2.copyMakeBorder(tile, _GAP, 0, _GAP, 0, cv2.BORDER_CONSTANT, value=(_GROUND,) * 3)


def _chequers(height: int, width: int) -> Pixels:
    rows, columns = np.arange(height)[:, None] // _SQUARE, np.arange(width) // _SQUARE
    grey = np.where((rows + columns) % 2, _LIGHT, _DARK).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)
