"""Draws the bundled background pictures.

From a checkout, with nothing installed but numpy and OpenCV:

    python packaging/draw_backgrounds [--out backgrounds] [--only NAME ...] [--size 1920x1080]

(Not `python -m packaging...`: a library named `packaging` may be installed and found first.)

The rooms are followed ray by ray and take two or three minutes each; `--samples 3` is enough for
a look at them. The same size and samples give the same picture again.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
from abstract import silk_waves, studio_canvas, teal_glow
from bokeh import city_night, golden_bokeh
from canvas import Array, Frame, develop
from daylight import plaster_shelves, scandinavian_room
from loft import brick_loft
from nature import misty_mountains
from rooms import living_room

QUALITY = 90


def pictures(samples: int) -> dict[str, Callable[[Frame], Array]]:
    """The pictures by file name."""
    return {
        "living-room-bookshelf": partial(living_room, samples=samples),
        "scandinavian-room": partial(scandinavian_room, samples=samples),
        "plaster-wall-shelves": partial(plaster_shelves, samples=samples),
        "brick-loft-evening": partial(brick_loft, samples=samples),
        "city-lights-night": city_night,
        "golden-bokeh": golden_bokeh,
        "misty-mountains-dawn": misty_mountains,
        "studio-canvas-grey": studio_canvas,
        "deep-teal-glow": teal_glow,
        "silk-waves-rose": silk_waves,
    }


def _frame(text: str) -> Frame:
    width, _, height = text.partition("x")
    return Frame(int(width), int(height))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="draw_backgrounds", description="Draws the bundled background pictures."
    )
    parser.add_argument("--out", type=Path, default=Path("backgrounds"), help="folder for the pictures")
    parser.add_argument(
        "--only", nargs="+", choices=sorted(pictures(1)), metavar="NAME", help="draw only these"
    )
    parser.add_argument(
        "--size", type=_frame, default=Frame(1920, 1080), help="size in pixels, such as 1920x1080"
    )
    parser.add_argument("--samples", type=int, default=12, help="light paths per pixel in the rooms")
    return parser.parse_args()


def _save(path: Path, linear: Array) -> None:
    """Writes a picture as a progressive JPEG."""
    options = [
        cv2.IMWRITE_JPEG_QUALITY,
        QUALITY,
        cv2.IMWRITE_JPEG_OPTIMIZE,
        1,
        cv2.IMWRITE_JPEG_PROGRESSIVE,
        1,
    ]
    image = cv2.cvtColor(develop(linear), cv2.COLOR_RGB2BGR)
    if not cv2.imwrite(str(path), image, options):
        raise OSError(f"cannot write {path}")


def main() -> None:
    """Draws what the command line asks for."""
    arguments = _arguments()
    cv2.setNumThreads(1)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, draw in pictures(arguments.samples).items():
        if arguments.only and name not in arguments.only:
            continue
        start = time.monotonic()
        path = arguments.out / f"{name}.jpg"
        _save(path, draw(arguments.size))
        print(f"{path}: {path.stat().st_size // 1024} KiB, {time.monotonic() - start:.1f} s", flush=True)


if __name__ == "__main__":
    main()
