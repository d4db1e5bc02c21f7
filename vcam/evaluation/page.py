"""The report as one HTML file that needs nothing else: tables, courses over time, and error maps."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from string import Template

from vcam.evaluation.index import TruthKind
from vcam.evaluation.moments import Moment
from vcam.evaluation.report import Subject
from vcam.evaluation.run import Result
from vcam.evaluation.scoring import COLUMNS, Row, means

_KINDS = {TruthKind.EXACT: "exact truth", TruthKind.PSEUDO: "pseudo-truth", TruthKind.MASK: "masks",
          TruthKind.NONE: "no truth"}


def to_html(subject: Subject, results: Sequence[Result]) -> str:
    """The whole page; the clips that went worst come first."""
    template = Template(files("vcam").joinpath("assets/evaluation.html").read_text(encoding="utf-8"))
    ordered = sorted(results, key=lambda result: (list(TruthKind).index(result.row.clip.truth_kind), -_worst(result)))
    return template.substitute(
        set=escape(subject.set), model=escape(subject.model), mode=escape(subject.mode),
        runtime=escape(subject.runtime), device=escape(subject.device), program=escape(subject.program),
        processor=escape(subject.processor), head=_head(), rows=_table([result.row for result in results]),
        clips="\n".join(_clip(result) for result in ordered))


def _worst(result: Result) -> float:
    return result.moments[0].error


def _head() -> str:
    return "".join(f'<th scope="col">{name}</th>' for name in ("clip", "frames", *COLUMNS, "CPU ms"))


def _table(rows: Sequence[Row]) -> str:
    parts = []
    for mean in means(rows):
        kind = _KINDS[mean.truth_kind]
        parts.append(f'<tr class="kind"><th colspan="{len(COLUMNS) + 3}" scope="rowgroup">{kind}</th></tr>')
        for row in rows:
            if row.clip.truth_kind is mean.truth_kind:
                link = f'<a href="#{_anchor(row)}">{escape(row.clip.name)}</a>'
                parts.append(_line(link, row.clip.frames, row.figures, row.cpu_ms))
        parts.append(_line(f"mean of {mean.clips}", "", mean.figures, mean.cpu_ms, "mean"))
    return "\n".join(parts)


def _line(name: str, frames: object, figures: dict[str, float], cpu_ms: float, style: str = "") -> str:
    cells = [f"{figures[column]:.2f}" if column in figures else "–" for column in COLUMNS] + [f"{cpu_ms:.2f}"]
    return (f'<tr class="{style}"><th scope="row">{name}</th><td>{frames}</td>'
            + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")


def _anchor(row: Row) -> str:
    return escape(row.clip.name.replace(" ", "-"))


def _clip(result: Result) -> str:
    row = result.row
    remark = f'<p class="remark">{escape(row.clip.remark)}</p>' if row.clip.remark else ""
    return (f'<section id="{_anchor(row)}"><h2>{escape(row.clip.name)}</h2>'
            f"<p>{_described(row)}</p>{remark}"
            f'{_course(result)}<div class="moments">'
            + "".join(_moment(moment, row) for moment in result.moments) + "</div></section>")


def _described(row: Row) -> str:
    length = "a still" if row.clip.is_still else f"{row.clip.frames} frames at {float(row.clip.fps):g} a second"
    other = " but another program’s matte to compare with" if row.clip.reference else ""
    return f"{row.clip.size}, {length}, {_KINDS[row.clip.truth_kind]}{other}"


def _moment(moment: Moment, row: Row) -> str:
    pictures = [("the person over green", moment.cutout), ("where it is wrong", moment.error_map)]
    shown = "".join(f'<img src="data:image/jpeg;base64,{b64encode(data).decode()}" alt="{what}" loading="lazy">'
                    for what, data in pictures if data is not None)
    when = "" if row.clip.is_still else f"frame {moment.number}"
    error = f"{row.error_name} {moment.error:.1f}" if row.figures else ""
    return f"<figure><div>{shown}</div><figcaption>{' · '.join(filter(None, (when, error)))}</figcaption></figure>"


def _course(result: Result) -> str:
    """How wrong the matte is over time, as a small graph with the moments marked."""
    errors = result.row.errors
    if len(errors) < 3:
        return ""
    top = max(*errors, 1e-9)
    x = [1000 * number / (len(errors) - 1) for number in range(len(errors))]
    y = [96 - 90 * error / top for error in errors]
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
    marks = "".join(f'<line x1="{x[m.number]:.1f}" x2="{x[m.number]:.1f}" y1="0" y2="100"/>' for m in result.moments)
    return (f'<figure class="course"><svg viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" '
            f'aria-label="{result.row.error_name} of every frame">{marks}<polyline points="{points}"/></svg>'
            f"<figcaption>{result.row.error_name} of every frame, 0 to {top:.1f}</figcaption></figure>")
