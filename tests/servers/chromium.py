"""Headless Chromium as a viewer of WebRTC."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.browser.test_preview import FLAGS
from tests.servers.watch import PATIENCE_S, Watched, milliseconds

# The test's server is on this machine: its addresses need no hiding, and no click is waited for.
_OPEN = ["--disable-features=WebRtcHideLocalIpsWithMdns", "--autoplay-policy=no-user-gesture-required"]


def missing() -> str:
    """What keeps the browser from running here, or empty."""
    try:
        import playwright  # noqa: F401
    except ImportError:
        return "not installed: playwright"
    return "" if shutil.which("chromium") else "not installed: chromium"


@contextmanager
def viewing(url: str) -> Iterator[Any]:
    """The open page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=[*FLAGS, *_OPEN])
        try:
            page = browser.new_page()
            page.goto(url)
            yield page
        finally:
            browser.close()


def watch(url: str, seconds: float) -> Watched:
    """What the page sees for that long from its first readable picture on. The stream's time line is that of seeing
    and hearing, in milliseconds."""
    with viewing(url) as page:
        deadline = time.monotonic() + PATIENCE_S
        while not page.evaluate("seen.clocks.some(Boolean)"):
            problem = page.evaluate("seen.problem")
            assert time.monotonic() < deadline and not problem, problem or "nothing is seen"
            page.wait_for_timeout(50)
        page.wait_for_timeout(seconds * 1000)
        told = page.evaluate("seen")
    ahead = time.time_ns() / 1e6 - milliseconds()  # of the page's clock
    first = next(turn for turn, clock in enumerate(told["clocks"]) if clock)
    arrived = [at - ahead for at in told["arrived"][first:]]
    return Watched(told["clocks"][first:], [round(at) for at in arrived], arrived, size=told["size"],
                   beeps=[at - ahead for at in told["beeps"]], problem=told["problem"])
