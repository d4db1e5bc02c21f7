"""Pages of figures, from what ``vcam bench --json`` and ``vcam eval --json`` wrote."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import fmean
from typing import Any


def performance(folder: Path) -> str:
    """One table for every size, a row for every stage."""
    told = json.loads((folder / "performance.json").read_text(encoding="utf-8"))
    rows: list[dict[str, Any]] = told["rows"]
    lines = ["# Performance", "", f"Made with `vcam bench --json` on {told['machine']}, version {told['version']}. CPU "
             "milliseconds of one frame, typical; where 30 frames come in a second, 10 ms are 30 % of one core.",
             "Yours: `vcam bench`."]
    for size in dict.fromkeys(row["size"] for row in rows):
        here = [row for row in rows if row["size"] == size]
        backgrounds = list(dict.fromkeys(row["background"] for row in here))
        cost = {(row["stage"], row["background"]): row["cpu_ms"] for row in here}
        lines += ["", f"## {size}", "", f"| stage | {' | '.join(backgrounds)} |", "|---" * (len(backgrounds) + 1) + "|"]
        lines += [f"| {stage} | {' | '.join(f'{cost[stage, name]:.2f}' for name in backgrounds)} |"
                  for stage in dict.fromkeys(row["stage"] for row in here)]
        copying = min(row["memcpy_cpu_ms"] for row in here)
        lines += ["", f"Copying the frame once takes {copying:.2f} ms on the same machine."]
    return "\n".join(lines) + "\n"


_TOLD = {
    "MAD": "mean difference of the matte, × 1000; less is better", "MSE": "mean squared difference, × 1000",
    "Grad": "blurred or misplaced edges", "Conn": "holes and islands",
    "dtSSD": "how the error changes from frame to frame", "IoU": "overlap of person and matte, %; more is better",
    "BF": "how much of the outline is within a few pixels, %; more is better",
    "FLK": "change around the outline that the picture's movement does not explain, × 1000",
    "FLKx": "what of it the true matte does not have",
    "cpu_ms": "CPU milliseconds a frame",
}


def quality(folder: Path) -> str:
    """One row for every run that was measured, means over its clips."""
    lines = ["# Quality", "", "Made with `vcam eval --json` on clips whose true matte is known; means over clips. "
             "`vcam eval` measures your own: [command line](reference/commands.md#vcam-eval)."]
    told = json.loads((folder / "quality.json").read_text(encoding="utf-8"))
    rows = told["rows"]
    lines += ["", f"| | {' | '.join(row['way'] for row in rows)} | what it measures |", "|---" * (len(rows) + 2) + "|"]
    lines += [f"| {name} | {' | '.join(f'{row[name]:.2f}' for row in rows)} | {_TOLD[name]} |"
              for name in told["columns"]]
    clips = rows[0]["clips"]
    lines += ["", f"{clips} clips with an exact truth; version {told['version']}, {told['processor']}."]
    return "\n".join(lines) + "\n"


def means(report: Path) -> dict[str, Any]:
    """One row of quality.json from what ``vcam eval --json`` wrote: means of the clips with an exact truth."""
    told = json.loads(report.read_text(encoding="utf-8"))
    clips = [clip for clip in told["clips"] if clip["gt_kind"] == "exact"]
    return {"way": told["mode"], "clips": len(clips),
            **{name: round(fmean(clip[name] for clip in clips), 3) for name in told["columns"]}}
