"""``vcam bench``: what a frame costs on this machine."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress
from rich.table import Table

from vcam.app.console import err, explained, out
from vcam.wholefile import check_target, write_whole

if TYPE_CHECKING:
    from vcam.control.bench import Row


@explained
def bench(
    size: Annotated[list[str] | None, typer.Option("--size", help="Sizes to measure.", metavar="WxH",
                                                   show_default="720p and 1080p")] = None,
    background: Annotated[list[str] | None, typer.Option("--background", "-b", help="Backgrounds to measure.",
                                                         metavar="BACKGROUND",
                                                         show_default="a picture and blur")] = None,
    source: Annotated[str, typer.Option("--source", "-s", help="Where the frames come from.",
                                        metavar="SOURCE")] = "demo:",
    tier: Annotated[str, typer.Option("--tier", help="light or default.", metavar="TIER")] = "default",
    model: Annotated[str, typer.Option("--model", "-m", help="Network; without it: the tier's.",
                                       metavar="MODEL")] = "",
    runtime: Annotated[str, typer.Option("--runtime", help="What runs it.", metavar="RUNTIME")] = "auto",
    device: Annotated[str, typer.Option("--device", help="Where pixels are processed.", metavar="DEVICE")] = "auto",
    frames: Annotated[int, typer.Option("--frames", min=1, help="Frames of each.", metavar="N")] = 200,
    json: Annotated[Path | None, typer.Option("--json", help="Write the rows as JSON.", metavar="FILE")] = None,
) -> None:
    """Measure what a frame costs: CPU and wall time by stage, beside the time of copying the frame once."""
    from vcam.backdrops.library import bundled_folder
    from vcam.control.bench import BLOCK
    from vcam.control.bench import bench as measure
    from vcam.frame import Size
    from vcam.ops import pick
    from vcam.segmenters import make_segmenter
    from vcam.segmenters.tiers import find_tier

    if json is not None:
        check_target(json)
    sizes = [Size.parse(text) for text in size or ["1280x720", "1920x1080"]]
    picture = next(iter(sorted(bundled_folder().glob("*.jpg"))), None)
    backgrounds = background or [picture.stem if picture else "colour:#204060", "blur"]
    chosen = find_tier(tier)
    ops = pick(device)
    with Progress(console=err, transient=True) as progress:
        task = progress.add_task("measuring", total=-(-frames // BLOCK))
        rows = measure(source, sizes, backgrounds, lambda: (ops, make_segmenter(model or chosen.model, ops, runtime)),
                       frames, lambda: progress.advance(task), chosen.second_look)
    _print(rows)
    if json is not None:
        _write(json, rows)


def _print(rows: list[Row]) -> None:
    table = Table("size", "background", "stage", box=None)
    for name in ("CPU ms", "wall ms", "× memcpy"):
        table.add_column(name, justify="right")
    for row in rows:
        style = "bold" if row.stage == "total" else ""
        table.add_row(row.size, row.background, row.stage, f"{row.cpu_ms:.2f}", f"{row.wall_ms:.2f}",
                      f"{row.cpu_ms / max(row.memcpy_cpu_ms, 1e-4):.1f}", style=style, end_section=bool(style))
    out.print(table)


def _write(path: Path, rows: list[Row]) -> None:
    write_whole(path, json_module.dumps([row.as_dict() for row in rows], indent=1).encode())
    out.print(f"rows are in {path}", highlight=False)
