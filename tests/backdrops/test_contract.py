"""One contract for every backdrop: right size, right format, the user's choice seen in the pixels."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from threading import Event  # noqa: TID251

import numpy as np
import pytest
from PIL import Image

from tests.engine.test_demand import wait_until
from tests.parts import SIZE, scene_frame
from tests.pictures import bars, bars_rendered
from vcam.backdrops import REGISTRY, Backdrop, BackdropOptions, Fit, Scene, make_backdrop
from vcam.backdrops.pictures import load_i420
from vcam.errors import BackdropError, UsageError
from vcam.frame import Colour, Frame, Pixels, Size, i420_shape
from vcam.ops import EdgeSettings
from vcam.ops.colour import i420_to_bgr
from vcam.ops.cpu import CpuOps
from vcam.sinks import OutputFormat, make_sink

OPS = CpuOps()


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """A folder with a good picture, a broken one, an empty one, and a two-second video of red, then blue."""
    Image.fromarray(np.full((90, 160, 3), (250, 120, 10), np.uint8)).save(tmp_path / "a-orange.png")
    (tmp_path / "b-broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 this is no picture")
    (tmp_path / "c-empty.png").write_bytes(b"")
    Image.fromarray(np.full((90, 160, 3), (10, 120, 250), np.uint8)).save(tmp_path / "d-blue.png")
    sink = make_sink(str(tmp_path / "film.mp4"))
    sink.open(OutputFormat(Size(160, 90), Fraction(30), Colour.BT601))
    for number in range(60):
        picture = bars_rendered(Size(160, 90), Colour.BT601, number)
        picture.frame.pixels[:90] = 60 if number < 30 else 200
        sink.send(picture)
    sink.close()
    return tmp_path


def scene(seconds: float = 0) -> Scene:
    start = scene_frame()
    frame = Frame(start.pixels, start.format, 0, Fraction(seconds).limit_denominator(1000), 0, start.colour)
    guide = OPS.guide(frame)
    return Scene(frame, guide, OPS.matte(np.zeros(guide.planes.shape[1:], np.float32), guide, 0, EdgeSettings()), OPS)


def shown(backdrop: Backdrop, seconds: float = 0) -> Pixels:
    """BGR of what the backdrop gives."""
    return i420_to_bgr(backdrop.pixels(scene(seconds)), Colour.BT601)


def options(fit: Fit = Fit.COVER, folder: Path | None = None, interval: float = 30) -> BackdropOptions:
    return BackdropOptions(SIZE, Colour.BT601, fit, folder, interval)


@pytest.mark.parametrize("spec", ["blur", "blur:20", "blur:", "colour:#204060", "color:navy", "colour", "green", "none",
                                  "none:", "{}/a-orange.png", "{}/film.mp4", "slideshow:{}", "video:{}/film.mp4"])
def test_contract(media: Path, spec: str) -> None:
    backdrop = make_backdrop(spec.format(media), options())
    given = []
    for seconds in (0, 0.5, 3.2, 0.1):
        pixels = backdrop.pixels(scene(seconds))
        assert pixels.shape == i420_shape(SIZE)
        assert pixels.dtype == np.uint8
        given.append((pixels, pixels.copy()))
    assert all((pixels == before).all() for pixels, before in given), "a device may remember it by identity"
    assert backdrop.name
    assert backdrop.replaces is not spec.startswith("none")
    backdrop.close()
    backdrop.close()


def test_every_registered_backdrop_loads() -> None:
    assert [part.problem for part in REGISTRY.parts()] == [""] * len(REGISTRY.parts())


@pytest.mark.parametrize(("spec", "bgr"), [("colour:#ff8000", (0, 128, 255)), ("green", (64, 177, 0)),
                                           ("colour:rgb(10,20,200)", (200, 20, 10))])
def test_colours_are_those_asked_for(spec: str, bgr: tuple[int, int, int]) -> None:
    assert shown(make_backdrop(spec, options()))[7, 9].astype(int) == pytest.approx(bgr, abs=3)


def test_fits(media: Path) -> None:
    Image.fromarray(bars(Size(320, 90))[..., ::-1]).save(media / "wide.png")
    path = str(media / "wide.png")
    cover, contain, stretch = (shown(make_backdrop(path, options(fit))) for fit in Fit)
    edge = bars(Size(320, 90))[0, 0].astype(int)
    assert stretch[120, 3].astype(int) == pytest.approx(edge, abs=6)
    assert np.abs(cover[120, 3] - edge).max() > 60, "cover cuts the first bar off"
    assert contain[4, 160].max() <= 3, "contain leaves black above"
    assert contain[120, 3].astype(int) == pytest.approx(edge, abs=6)


def test_a_turned_photograph_stands_upright(tmp_path: Path) -> None:
    picture = Image.fromarray(np.vstack([np.full((60, 80, 3), 250, np.uint8), np.full((60, 80, 3), 5, np.uint8)]))
    exif = Image.Exif()
    exif[274] = 3
    picture.save(tmp_path / "turned.jpg", exif=exif)
    seen = shown(make_backdrop(str(tmp_path / "turned.jpg"), options()))
    assert seen[10].mean() < 40
    assert seen[-10].mean() > 200


def test_transparent_and_deep_pictures_load(tmp_path: Path) -> None:
    Image.fromarray(np.full((40, 40, 4), (200, 200, 200, 0), np.uint8)).save(tmp_path / "clear.png")
    Image.fromarray(np.full((40, 40), 40000, np.uint16)).save(tmp_path / "deep.png")
    assert shown(make_backdrop(str(tmp_path / "clear.png"), options())).max() <= 3
    assert shown(make_backdrop(str(tmp_path / "deep.png"), options())).mean() == pytest.approx(255, abs=110)


@pytest.mark.parametrize(("name", "reason"), [("b-broken.jpg", "damaged"), ("c-empty.png", "empty")])
def test_a_broken_picture_is_named_with_its_reason(media: Path, name: str, reason: str) -> None:
    with pytest.raises(BackdropError) as caught:
        make_backdrop(str(media / name), options())
    assert name in caught.value.message
    assert reason in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("spec", ["no-such-picture", "bluur:50", "blur:0", "blur:101", "blur:much", "colour:nocolour",
                                  "none:x", "slideshow:/no/such/folder", "/no/such/file.jpg"])
def test_what_cannot_be_meant_is_a_usage_error(spec: str) -> None:
    with pytest.raises(UsageError) as caught:
        make_backdrop(spec, options())
    assert caught.value.exit_code == 2
    assert caught.value.hint


def test_the_nearest_name_is_offered(media: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'a-orange'"):
        make_backdrop("a-ornge", options(folder=media))
    assert make_backdrop("a-orange", options(folder=media)).name == "a-orange"


def test_a_video_plays_at_its_own_speed_and_loops(media: Path) -> None:
    backdrop = make_backdrop(str(media / "film.mp4"), options())
    luma = [float(shown(backdrop, 5 + k / 30).mean()) for k in range(130)]
    dark = [value < 100 for value in luma]
    changes = [k for k in range(1, len(dark)) if dark[k] != dark[k - 1]]
    assert changes == pytest.approx([30, 60, 90, 120], abs=3)


def test_a_slideshow_skips_broken_pictures_and_fades(media: Path, caplog: pytest.LogCaptureFixture) -> None:
    backdrop = make_backdrop(f"slideshow:{media}", options(interval=4))
    orange = shown(backdrop, 0)[5, 5].astype(int)
    assert orange == pytest.approx((10, 120, 250), abs=4)
    begun = fading_from(backdrop, 4.1)
    between = shown(backdrop, begun + 0.5)[5, 5].astype(int)
    assert 60 < between[0] < 220
    assert shown(backdrop, begun + 1.5)[5, 5].astype(int) == pytest.approx((250, 120, 10), abs=4)
    assert "b-broken.jpg" in caplog.text
    assert "c-empty.png" in caplog.text


def fading_from(backdrop: Backdrop, seconds: float) -> float:
    """When, from ``seconds`` on, the next picture begins to be seen; pictures come quickly until then."""
    first, times = shown(backdrop, seconds), (seconds + turn / 100 for turn in range(1, 100_000))
    reached = [seconds]

    def changes() -> bool:
        reached.append(next(times))
        return not np.array_equal(shown(backdrop, reached[-1]), first)

    wait_until(changes)
    return reached[-1]


def test_a_slideshow_waits_for_no_disk(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release = Event()

    def slow(path: Path, wanted: BackdropOptions) -> Pixels:
        assert path.name != "d-blue.png" or release.wait(60)
        return load_i420(path, wanted)

    monkeypatch.setattr("vcam.backdrops.slideshow.load_i420", slow)
    backdrop = make_backdrop(f"slideshow:{media}", options(interval=4))
    orange = shown(backdrop)
    assert np.array_equal(shown(backdrop, 100), orange), "the next one is not there yet"
    release.set()
    fading_from(backdrop, 200)
    backdrop.close()


def test_a_slideshow_of_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(BackdropError, match="no usable picture"):
        make_backdrop(f"slideshow:{tmp_path}", options())
