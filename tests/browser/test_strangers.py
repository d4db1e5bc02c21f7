"""Pages of other sites, in a real browser that is told to visit them: they cannot see, use or frame the panel."""

from __future__ import annotations

import shutil
import threading  # noqa: TID251
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.app.web.visiting import Visit, visit
from tests.browser.test_preview import FLAGS

PANIC = """async (panel) => {
  const post = (path, options) => fetch(panel + path, { method: "POST", body: "{}", ...options }).catch(() => 0);
  await post("commands/panic", { mode: "no-cors" });
  await post("commands/panic", { mode: "no-cors", headers: { "Content-Type": "text/plain" } });
  await post("backgrounds?name=theirs.png", { mode: "no-cors" });
  await post("commands/panic", { headers: { "Content-Type": "application/json" } });
  const form = document.createElement("form");
  const where = { method: "post", action: panel + "commands/panic", target: "nowhere", enctype: "text/plain" };
  Object.assign(form, where);
  document.body.append(form);
  form.submit();
}"""


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Elsewhere</title><iframe name=nowhere></iframe>")

    def log_message(self, *words: object) -> None: ...


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """The address of a page of another site."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://elsewhere.example:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One for which every name under ``example`` is this machine, as after DNS rebinding."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("neither chromium nor google-chrome is installed")
    with playwright.sync_playwright() as driver:
        flags = [*FLAGS, "--host-resolver-rules=MAP *.example 127.0.0.1",
                 "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests"]
        browser = driver.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    with pytest.MonkeyPatch.context() as patch, visit(patch, tmp_path_factory.mktemp("panel")) as made:
        yield made


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    page = browser.new_page()
    page.set_default_timeout(15000)
    yield page
    page.close()


def test_a_name_that_was_pointed_at_this_machine_gets_nothing(page: Any, at: Visit) -> None:
    answer = page.goto(f"http://rebound.example:{at.port}/")
    assert answer.status == 403
    assert page.evaluate("() => fetch('/state').then((answer) => answer.status)") == 403
    assert page.evaluate("() => fetch('/commands/panic', { method: 'POST', body: '{}', headers: "
                         "{ 'Content-Type': 'application/json' } }).then((answer) => answer.status)") == 403
    assert at.desk.controller.state().privacy == "live"


def test_a_page_elsewhere_can_do_nothing(page: Any, at: Visit, elsewhere: str) -> None:
    page.goto(elsewhere)
    with page.expect_response(lambda answer: "commands/panic" in answer.url and answer.request.resource_type
                              == "document") as formed:
        page.evaluate(PANIC, at.panel.url)
    assert formed.value.status in (403, 415)
    assert at.desk.controller.state().privacy == "live"
    assert not (at.folder / "own").exists() or not list((at.folder / "own").iterdir())


@pytest.mark.parametrize("path", ["snapshot.jpg", "view/picture?width=320", "backgrounds/golden-bokeh/thumbnail"])
def test_a_page_elsewhere_shows_no_picture(page: Any, at: Visit, elsewhere: str, path: str) -> None:
    page.goto(elsewhere)
    seen = page.evaluate("""(address) => new Promise((done) => {
      const picture = new Image();
      picture.onload = () => done(picture.naturalWidth);
      picture.onerror = () => done(0);
      picture.src = address;
    })""", at.panel.url + path)
    assert seen == 0


def test_a_page_elsewhere_cannot_frame_it(page: Any, at: Visit, elsewhere: str) -> None:
    """Clickjacking."""
    page.goto(elsewhere)
    page.evaluate("""(address) => new Promise((done) => {
      const frame = document.createElement("iframe");
      frame.onload = done;
      frame.src = address;
      document.body.append(frame);
    })""", at.panel.url)
    assert [frame.locator("#phase").count() for frame in page.frames] == [0, 0, 0]
