"""A cut-out on a web page, in a real browser (Chromium): what is behind the video shows through."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.browser.test_preview import browser  # noqa: F401 (a fixture)
from tests.cutting.films import FAST, SIZE, Film, cut, outline, over, overlap, picture
from vcam.frame import Pixels

_FRAMES = 30
# The first picture and a later one, over magenta and as straight RGBA.
_PAGE = """async (address) => {
  const video = document.createElement("video"), canvas = document.createElement("canvas"), out = [];
  video.muted = true;
  video.src = address;
  await new Promise((done, failed) => {
    video.onloadeddata = done;
    video.onerror = () => failed(video.error.message);
  });
  canvas.width = video.videoWidth; canvas.height = video.videoHeight;
  const context = canvas.getContext("2d", {willReadFrequently: true});
  for (const seconds of [0.02, 0.42]) {
    await new Promise((done) => { video.onseeked = done; video.currentTime = seconds; });
    for (const ground of [null, "#ff00ff"]) {
      context.clearRect(0, 0, canvas.width, canvas.height);
      if (ground) { context.fillStyle = ground; context.fillRect(0, 0, canvas.width, canvas.height); }
      context.drawImage(video, 0, 0);
      out.push(Array.from(context.getImageData(0, 0, canvas.width, canvas.height).data));
    }
  }
  return out;
}"""


@pytest.fixture
def shown(browser: Any, tmp_path: Path) -> Iterator[list[Pixels]]:  # noqa: F811
    """RGBA as the page sees it: of picture 0 alone and over magenta, and of picture 10."""
    source = Film().write(tmp_path / "talk.mp4", [picture(number // 2) for number in range(_FRAMES)])
    data = cut(source, None, replace(FAST, format="webm")).output.read_bytes()
    page = browser.new_page()
    found = page.evaluate(_PAGE, "data:video/webm;base64," + base64.b64encode(data).decode())
    page.close()
    yield [np.array(each, np.uint8).reshape(SIZE.height, SIZE.width, 4) for each in found]


def test_chromium_shows_the_page_behind_the_person(shown: list[Pixels]) -> None:
    for (alone, composed), number in zip((shown[:2], shown[2:]), (0, 5), strict=True):
        assert overlap(alone[..., 3], outline(number)) > 0.95
        sure = (outline(number) == 255) & (alone[..., 3] > 250)
        assert np.abs(alone[..., 2::-1][sure] - picture(number)[sure].astype(int)).mean() < 12
        assert (np.abs(composed[outline(number) == 0].astype(int) - (255, 0, 255, 255)).max(axis=1) < 12).mean() > 0.95
        straight = over(np.dstack([alone[..., 2::-1], alone[..., 3]]), (255, 0, 255))
        assert np.abs(composed[..., 2::-1] - straight).mean() < 3, "it takes alpha for straight"
