"""The preview's page in a real browser (Chromium)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest

from tests.pictures import BARS, bars_rendered
from vcam.frame import Colour, Size
from vcam.sinks import OutputFormat
from vcam.sinks.preview import PreviewSink

SIZE = Size(640, 360)
OUTPUT = OutputFormat(SIZE, Fraction(30), Colour.BT601)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run"]
BAR_PIXELS = """() => {
  const picture = document.querySelector("canvas"), context = picture.getContext("2d");
  return [...Array(8).keys()].map((bar) => {
    const [red, green, blue] = context.getImageData(picture.width * (bar + .5) / 8, picture.height / 2, 1, 1).data;
    return [blue, green, red];
  });
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("neither chromium nor google-chrome is installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def sink() -> Iterator[PreviewSink]:
    sink = PreviewSink("0")
    sink.open(OUTPUT)
    yield sink
    sink.close()


@pytest.fixture
def page(browser: Any, sink: PreviewSink) -> Iterator[Any]:
    """The open page; whatever it complains about fails the test."""
    complaints: list[str] = []
    page = browser.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(sink.url)
    yield page
    page.close()
    assert not [text for text in complaints if "ERR_" not in text]  # ERR_…: the sink was closed


def send(sink: PreviewSink, page: Any, pictures: int) -> None:
    for seq in range(pictures):
        sink.send(bars_rendered(SIZE, Colour.BT601, seq))
        page.wait_for_timeout(33)


def test_the_pixels_arrive(page: Any, sink: PreviewSink) -> None:
    assert page.get_by_text("Waiting for the first picture").is_visible()
    send(sink, page, 10)
    assert page.get_by_role("status").inner_text() == "Live"
    assert page.get_by_text("Waiting for the first picture").is_hidden()
    found = page.evaluate(BAR_PIXELS)
    worst = max(abs(a - b) for bar, sent in zip(found, BARS, strict=True) for a, b in zip(bar, sent, strict=True))
    assert worst <= 4


def test_it_tells_size_rate_and_state(page: Any, sink: PreviewSink) -> None:
    send(sink, page, 70)
    size, rate = page.locator("#facts").inner_text().split(" · ")
    assert size == "640 × 360"
    assert 3 <= int(rate.removesuffix(" fps")) <= 32
    page.get_by_text("No new picture").wait_for()
    send(sink, page, 3)
    page.get_by_role("status").get_by_text("Live", exact=True).wait_for()


def test_it_waits_for_vcam_and_comes_back(page: Any, sink: PreviewSink) -> None:
    send(sink, page, 3)
    address = sink.url.removeprefix("http://").rstrip("/")
    sink.close()
    page.get_by_text("vcam has stopped").wait_for()
    again = PreviewSink(address)
    again.open(OUTPUT)
    again.send(bars_rendered(SIZE, Colour.BT601))
    page.get_by_role("status").get_by_text("Live", exact=True).wait_for()
    again.close()


def test_everything_has_a_name(page: Any, sink: PreviewSink) -> None:
    send(sink, page, 2)
    assert page.get_by_role("img", name="Live picture of the virtual camera").is_visible()
    assert page.get_by_role("button", name="Full screen").is_enabled()
    assert page.get_by_role("heading", name="vcam preview").is_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Save snapshot").click()
    assert download.value.suggested_filename == "vcam-snapshot.jpg"


def test_full_screen(page: Any, sink: PreviewSink) -> None:
    send(sink, page, 2)
    page.get_by_role("button", name="Full screen").click()
    page.wait_for_function("document.fullscreenElement?.id === 'stage'")


def test_without_scripts_the_picture_still_shows(browser: Any, sink: PreviewSink) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(sink.url, wait_until="commit")
    send(sink, page, 5)
    assert page.locator("noscript img").bounding_box()["width"] > 100
    context.close()


@pytest.mark.parametrize("width", [320, 400, 1280])
def test_nothing_overflows(page: Any, sink: PreviewSink, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    send(sink, page, 2)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
