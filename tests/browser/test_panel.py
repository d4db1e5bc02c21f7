"""The panel in a real browser (Chromium): what is done there is proven on the pixels that leave the sink."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.app.web.visiting import TOKEN, Visit, visit
from tests.browser.test_preview import FLAGS
from tests.engine.test_demand import wait_until

CORNER = """() => {
  const picture = document.querySelector("canvas"), context = picture.getContext("2d");
  const [red, green, blue] = context.getImageData(picture.width * .03, picture.height * .55, 1, 1).data;
  return [blue, green, red];
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
def at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Visit]:
    with visit(monkeypatch, tmp_path) as made:
        yield made


@pytest.fixture
def page(browser: Any, at: Visit) -> Iterator[Any]:
    """The open page; whatever it complains about fails the test, but for refusals that it shows."""
    complaints: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.set_default_timeout(15000)
    page.goto(at.panel.url)
    page.get_by_role("status").get_by_text("Live", exact=True).wait_for()
    yield page
    page.close()
    assert not [text for text in complaints if "ERR_" not in text and "status of 4" not in text]


def picture_of(folder: Path, name: str, bgr: tuple[int, int, int]) -> Path:
    cv2.imwrite(str(folder / name), np.full((90, 160, 3), bgr, np.uint8))
    return folder / name


def test_an_upload_is_shown_at_once(page: Any, at: Visit, tmp_path: Path) -> None:
    page.locator("#file").set_input_files(picture_of(tmp_path, "my wall.png", (0, 0, 255)))
    page.get_by_role("button", name="My wall").and_(page.locator("[aria-pressed=true]")).wait_for()
    assert at.desk.shown() == "red"
    page.wait_for_function(f"() => {{ const [b, g, r] = ({CORNER})(); return r > 200 && b < 60; }}")


def test_a_dropped_file_is_taken_and_nonsense_is_told(page: Any, at: Visit) -> None:
    page.evaluate("""() => {
      const files = new DataTransfer();
      files.items.add(new File(["nonsense"], "broken.png", { type: "image/png" }));
      dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
    }""")
    page.locator("#uploads .wrong").get_by_text("cannot be read").wait_for()
    assert at.desk.shown() == "navy"


def test_a_tile_switches_the_background(page: Any, at: Visit) -> None:
    page.get_by_role("button", name="Golden bokeh").click()
    page.get_by_role("button", name="Golden bokeh").and_(page.locator("[aria-pressed=true]")).wait_for()
    assert at.desk.shown().startswith("nothing known")
    assert at.desk.controller.state().settings["background"] == "golden-bokeh"


def test_a_slider_acts_while_it_is_dragged(page: Any, at: Visit) -> None:
    page.get_by_role("slider", name="Blur").fill("5")
    wait_until(lambda: at.desk.controller.state().settings["background"] == "blur:5")
    sharp = contrast(at)
    page.get_by_role("slider", name="Blur").fill("100")
    wait_until(lambda: at.desk.controller.state().settings["background"] == "blur:100")
    assert contrast(at) < sharp / 2
    page.get_by_role("slider", name="Match the light").fill("70")
    wait_until(lambda: at.desk.controller.state().settings["light_match"] == 70)


def contrast(at: Visit) -> float:
    """How much neighbours differ, left of the person."""
    at.desk.later(6)
    room = cv2.cvtColor(at.desk.sink.pictures[-1], cv2.COLOR_BGR2GRAY)[:, :60].astype(int)
    return float(np.abs(np.diff(room, axis=1)).max())


@pytest.mark.parametrize(("how", "word"), [("Panic", "panic"), ("Pause", "away"), ("x", "panic"), ("p", "away")])
def test_privacy_hides_the_user_until_they_go_live(page: Any, at: Visit, how: str, word: str) -> None:
    if len(how) == 1:
        page.keyboard.press(how)
    else:
        page.get_by_role("button", name=how).click()
    wait_until(lambda: at.desk.controller.state().privacy == word)
    at.desk.sink.wait_for(lambda sink: sink.kinds[-1] == "card")
    seen = len(at.desk.sink.kinds)
    at.desk.later(4)
    assert set(at.desk.sink.kinds[seen:]) == {"card"}
    page.get_by_role("button", name="Go live").click()
    at.desk.sink.wait_for(lambda sink: sink.kinds[-1] == "composite")


def test_freeze_lets_the_picture_stand_still(page: Any, at: Visit) -> None:
    page.get_by_role("button", name="Freeze").click()
    page.get_by_role("status").get_by_text("Frozen").wait_for()
    at.desk.later(2)
    first = at.desk.sink.pictures[-1]
    at.desk.later(3)
    assert np.array_equal(first, at.desk.sink.pictures[-1])


def test_the_room_is_shown_only_after_a_yes(page: Any) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("radio", name="Before / after").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert not [url for url in asked if "split" in url]
    page.get_by_role("radio", name="Before / after").click()
    page.get_by_role("dialog").get_by_role("button", name="Show it here").click()
    page.wait_for_function("() => document.querySelector('canvas').dataset.shows === 'split'")
    assert page.get_by_text("only on this computer").is_visible()
    page.get_by_role("slider", name="Where before ends").fill("0")
    page.wait_for_function(f"() => {{ const [b, g, r] = ({CORNER})(); return b > 90 && g < 40 && r < 40; }}")
    page.get_by_role("slider", name="Where before ends").fill("100")
    page.wait_for_function(f"() => {{ const [b, g, r] = ({CORNER})(); return !(b > 90 && g < 40 && r < 40); }}")


def test_the_matte_view(page: Any) -> None:
    page.get_by_role("radio", name="Matte").click()
    page.wait_for_function("() => document.querySelector('canvas').dataset.shows === 'matte'")


def test_another_front_end_is_followed(page: Any, at: Visit) -> None:
    at.desk.obey("bg", name="silk-waves-rose")
    page.get_by_role("button", name="Silk waves rose").and_(page.locator("[aria-pressed=true]")).wait_for(timeout=2000)
    at.desk.obey("panic")
    page.get_by_role("status").get_by_text("Panic: hidden").wait_for(timeout=2000)


def test_keys_step_through_the_backgrounds(page: Any, at: Visit) -> None:
    page.keyboard.press("ArrowRight")
    wait_until(lambda: at.desk.controller.state().settings["background"] == "brick-loft-evening")
    page.keyboard.press("ArrowLeft")
    wait_until(lambda: at.desk.controller.state().settings["background"] != "brick-loft-evening")


def test_a_refusal_is_told(page: Any, at: Visit) -> None:
    page.get_by_label("Name of a new profile").fill("-work")
    page.get_by_role("button", name="Save as it is now").click()
    page.locator("#toast.shown").get_by_text("'-work' is no name for a profile").wait_for()
    page.get_by_label("Name of a new profile").fill("work")
    page.get_by_role("button", name="Save as it is now").click()
    page.get_by_role("button", name="Use profile work").wait_for()
    assert at.desk.controller.state().profiles == ("work",)


def test_a_hidden_page_costs_nothing(page: Any, at: Visit) -> None:
    wait_until(lambda: at.panel.looks.watchers == 1)
    page.evaluate("""() => {
      Object.defineProperty(document, "hidden", { value: true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }""")
    wait_until(lambda: at.panel.looks.watchers == 0)


@pytest.mark.parametrize("width", [320, 400, 800, 1280, 1900])
def test_nothing_overflows(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.get_by_role("button", name="Check").click()
    page.locator("#findings li").first.wait_for(timeout=60000)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_everything_has_a_name(page: Any) -> None:
    nameless = page.evaluate("""() => [...document.querySelectorAll("button, input, select, a, [role=img]")]
      .filter((one) => one.checkVisibility() && !(one.ariaLabel || one.textContent.trim() || one.labels?.length))
      .map((one) => one.outerHTML)""")
    assert nameless == []


def test_a_stranger_is_asked_for_the_token(browser: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with visit(monkeypatch, tmp_path, "0.0.0.0", TOKEN) as at:
        page = browser.new_page()
        page.goto(at.panel.url)
        page.get_by_role("textbox", name="Token").fill("wrong")
        page.get_by_role("button", name="Enter").click()
        page.get_by_text("the token is wrong").wait_for()
        page.get_by_role("textbox", name="Token").fill(TOKEN)
        page.get_by_role("button", name="Enter").click()
        page.get_by_role("status").get_by_text("Live", exact=True).wait_for()
        page.wait_for_function("() => document.querySelector('.tile img')?.naturalWidth > 0")
        page.close()
