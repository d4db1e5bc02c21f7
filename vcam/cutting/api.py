"""``vcam.cutout``: the cut-out as one call, for programs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from vcam.backdrops import Fit
from vcam.cutting.looking import Quality
from vcam.cutting.service import cut_out
from vcam.cutting.wishes import Note, Progress, Result, Wishes
from vcam.engine.batch import LocalEngine, cores


def cutout(path: str | Path, output: str | Path | None = None, *, format: str = "", background: str = "",
           fit: str = "cover", quality: str = "best", model: str = "", runtime: str = "auto", trim: bool = False,
           overwrite: bool = False, keep_empty: bool = False, keep_metadata: bool = False,
           preview: bool = False, processes: int = 0,
           report: Callable[[Progress | Note], None] = lambda event: None) -> Result:
    """Cut the person out of a video or a picture.

    Args:
        path: the file.
        output: a file, or a folder for it; without it ``talk.mp4`` becomes ``talk.cutout.webm`` beside it.
        format: webm, mov, mp4, ffv1, alpha, bundle, png, apng, webp, gif; for pictures png, webp, avif, jpeg, alpha.
            Without it the output's ending tells.
        background: what to show behind the person, as for ``vcam run``; without it nothing.
        fit: how a background of another shape fills the frame: cover, contain or stretch.
        quality: best or fast.
        model: the network; without it all that are here, as the quality allows.
        runtime: what runs it.
        trim: of pictures, cut off what is empty.
        overwrite: replace an output that is there.
        keep_empty: write an output although nobody is in the picture.
        keep_metadata: keep what the file says of place, time and device.
        preview: also write a contact sheet of a video, beside the output.
        processes: 0: as many as there are processors.
        report: hears of progress.

    Returns:
        The output, and how much of the picture is person where most is (0–1).

    Raises:
        UsageError: an option does not fit.
        VcamError: the file cannot be read, nobody is in it, or the output cannot be written.
    """
    wishes = Wishes(format, background, Fit(fit), Quality(quality), model, runtime, trim, overwrite, keep_empty,
                    keep_metadata, preview)
    with LocalEngine(processes or cores()) as engine:
        return cut_out(Path(path), Path(output) if output is not None else None, wishes, engine, report)
