"""What is written about an evaluation: JSON, contact sheets, and a page that needs nothing else."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.evaluation.sets import write_set
from tests.evaluation.test_run import make, shifted
from vcam.evaluation.index import read_index
from vcam.evaluation.page import to_html
from vcam.evaluation.report import Subject, to_json
from vcam.evaluation.run import Result, evaluate
from vcam.evaluation.scoring import COLUMNS
from vcam.evaluation.sheet import write_sheets

SUBJECT = Subject("drawn <set>", "live", "general", "tests", "CPU", "1.2.3", "a processor")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[Result]:
    index = read_index(write_set(tmp_path_factory.mktemp("set")))
    return [evaluate(clip, shifted, make) for clip in index.clips]


def test_json_has_a_row_for_every_clip_and_a_mean_for_every_kind(results: list[Result]) -> None:
    report = json.loads(to_json(SUBJECT, [result.row for result in results]))
    assert report["columns"] == [*COLUMNS, "cpu_ms"]
    assert [clip["name"] for clip in report["clips"]] == ["moving", "masked", "real", "bare", "photo"]
    assert [clip["compared_with"] for clip in report["clips"]] == ["truth", "truth", "reference", "nothing", "truth"]
    moving = report["clips"][0]
    assert set(COLUMNS) | {"cpu_ms"} < set(moving)
    assert (moving["gt_kind"], moving["size"], moving["fps"], moving["frames"]) == ("exact", "96x64", 25, 6)
    assert "MAD" not in report["clips"][1]
    assert {kind: mean["clips"] for kind, mean in report["means"].items()} == {"exact": 1, "pseudo": 1, "mask": 1,
                                                                              "none": 2}
    assert report["means"]["exact"]["MAD"] == moving["MAD"] == round(results[0].row.figures["MAD"], 4)
    assert (report["model"], report["mode"], report["set"]) == ("general", "live", "drawn <set>")


class Page(HTMLParser):
    """Collects the texts of elements, addresses, and checks that what is opened is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells: list[list[str]] = []
        self.addresses: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attributes if name in ("src", "href", "srcset", "action")]
        if tag not in ("meta", "img", "line", "polyline", "i", "link", "br"):
            self.open.append(tag)
        if tag == "tr":
            self.cells.append([])

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("i", "line", "polyline"):
            assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """``<line/>``: nothing to keep."""

    def handle_data(self, data: str) -> None:
        if "tr" in self.open and data.strip():
            self.cells[-1].append(data.strip())


def test_the_page_shows_the_figures_and_needs_nothing_else(results: list[Result]) -> None:
    text = to_html(SUBJECT, results)
    page = Page(text)
    assert page.open == []
    row = next(cells for cells in page.cells if cells[0] == "moving")
    assert row[2:-1] == [f"{results[0].row.figures[column]:.2f}" for column in COLUMNS]
    assert all(address.startswith(("data:image/jpeg;base64,", "#")) for address in page.addresses)
    assert not re.search(r"https?:|@import|<script|url\(", text)
    assert "drawn &lt;set&gt;" in text
    assert "a disc &lt;moving&gt;" in text
    assert "prefers-color-scheme: dark" in text


def test_the_page_shows_every_clips_worst_frame_first(results: list[Result]) -> None:
    text = to_html(SUBJECT, results)
    for result in results:
        section = text.partition(f'<section id="{result.row.clip.name}"')[2].partition("</section>")[0]
        pictures = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', section)
        assert len(pictures) == sum(1 + (moment.error_map is not None) for moment in result.moments)
        assert b64decode(pictures[0]) == result.moments[0].cutout
        shown = [float(error) for error in re.findall(r"(?:MAD|100 − IoU|FLK) ([\d.]+)</figcaption>", section)
                 if "every frame" not in error]
        assert shown[-len(result.moments):] == sorted(shown[-len(result.moments):], reverse=True)
    assert "frame 3 · MAD" in text


def test_contact_sheets_show_every_clip(results: list[Result], tmp_path: Path) -> None:
    path, = write_sheets(tmp_path, results)
    assert path.name == "contact-sheet.jpg"
    sheet = cv2.imread(str(path))
    assert sheet is not None
    blue, green, red = (sheet[..., channel].astype(int) for channel in range(3))
    on_green = (green > 140) & (red < 60) & (blue < 110)
    tiles = cv2.connectedComponentsWithStats(on_green.astype(np.uint8))[2][1:]
    assert (tiles[:, cv2.CC_STAT_AREA] > 1500).sum() == sum(len(result.moments) for result in results)


def test_many_clips_are_on_several_sheets(results: list[Result], tmp_path: Path) -> None:
    many = [replace(results[0], moments=results[0].moments * 2)] * 40
    paths = write_sheets(tmp_path, many)
    assert [path.name for path in paths] == ["contact-sheet-1.jpg", "contact-sheet-2.jpg", "contact-sheet-3.jpg"]
    assert sorted(tmp_path.iterdir()) == paths
