"""Commands on a real run: what they change is seen in the emitted pixels, what fails changes nothing."""

from __future__ import annotations

import threading  # noqa: TID251
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.control.desk import Desk, background_of, desk
from tests.parts import KnowingSegmenter, MemorySink
from vcam.control import wiring
from vcam.control.memory import Choice
from vcam.errors import (
    BackdropError,
    ConfigError,
    ModelError,
    SegmenterError,
    SinkError,
    SourceError,
    UsageError,
    VcamError,
)
from vcam.sinks import Delivery, OutputFormat


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy this machine is: a card means a gap, not a late picture."""
    monkeypatch.setattr("vcam.engine.output.STALL_SECONDS", 60)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, colour in (("one", (255, 0, 0)), ("two", (255, 255, 255))):
        Image.new("RGB", (64, 48), colour).save(tmp_path / f"{name}.png")
    (tmp_path / "torn.jpg").write_bytes(b"\xff\xd8\xff torn")
    return tmp_path


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[Desk]:
    with desk(monkeypatch, folder, sink=MemorySink(Delivery.EVERY)) as made:
        yield made


def test_large_pictures_are_loaded_while_the_old_one_stays_on(at: Desk, folder: Path) -> None:
    """Between 4K pictures that are hard to decode, nothing is ever shown but one of them."""
    noise = np.random.default_rng(1).integers(0, 9, (2160, 3840, 3), np.uint8)
    for name, colour in (("large-red", (246, 0, 0)), ("large-white", (246, 246, 246))):
        Image.fromarray(noise + np.array(colour, np.uint8)).save(folder / f"{name}.png", compress_level=1)
    begun = len(at.sink.pictures)
    for name in ("large-white", "large-red", "large-white", "colour:navy"):
        at.obey("bg", name=name)
        at.later(2)
    shown = [background_of(picture) for picture in at.sink.pictures[begun:]]
    assert set(at.sink.kinds[begun:]) == {"composite"}
    turns = [after for before, after in pairwise(["navy", *shown]) if before != after]
    assert turns == ["white", "red", "white", "navy"]


def test_loading_never_holds_up_a_frame(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new background is only there once ten more pictures with the old one are out."""
    load = wiring.load_backdrop

    def slow(*arguments: Any) -> Any:
        at.later(10)
        return load(*arguments)

    monkeypatch.setattr(wiring, "load_backdrop", slow)
    begun = len(at.sink.pictures)
    at.obey("bg", name="one")
    at.later()
    shown = [background_of(picture) for picture in at.sink.pictures[begun:]]
    change = shown.index("red")
    assert change >= 10
    assert shown == ["navy"] * change + ["red"] * (len(shown) - change)
    assert set(at.sink.kinds[begun:]) == {"composite"}


@pytest.mark.parametrize(("name", "error", "told"), [
    ("torn", BackdropError, "cannot be read"), ("nothing-like-it", UsageError, "neither a file nor a known"),
    ("blur:900", UsageError, "blur strength"), ("slideshow:/no/such/folder", UsageError, "does not exist")])
def test_a_background_that_fails_leaves_the_old_one_on(at: Desk, name: str, error: type[VcamError], told: str) -> None:
    with pytest.raises(error, match=told):
        at.obey("bg", name=name)
    assert at.shown() == "navy"
    state = at.controller.state()
    assert state.settings["background"] == "colour:navy"
    assert [problem.about for problem in state.problems] == ["background"]
    assert told in state.problems[0].text
    assert state.recent == ()
    assert at.obey("bg", name="one").problems == (), "a success takes the problem back"


def test_a_background_that_cannot_make_pictures_is_never_shown(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing:
        name, replaces = "failing", True

        def pixels(self, scene: Any) -> Any:
            raise ZeroDivisionError("inside")

        def close(self) -> None:
            """Nothing is held."""

    monkeypatch.setattr(wiring, "load_backdrop", lambda *arguments: Failing())
    with pytest.raises(BackdropError, match="ZeroDivisionError"):
        at.obey("bg", name="one")
    at.later()
    assert at.controller.state().run.failed == 0
    assert at.shown() == "navy"


def test_next_and_previous_pass_over_what_is_broken(at: Desk) -> None:
    seen = [at.obey("bg", name="next", category="yours").settings["background"] for _ in range(3)]
    assert seen == ["one", "two", "one"], "torn.jpg is not shown"
    assert at.obey("bg", name="previous", category="yours").settings["background"] == "two"
    assert at.shown() == "white"
    assert at.controller.state().recent[:2] == ("two", "one")


def test_if_all_are_broken_the_old_one_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "torn.jpg").write_bytes(b"torn")
    with desk(monkeypatch, tmp_path) as at:
        with pytest.raises(BackdropError, match=r"torn\.jpg"):
            at.obey("bg", name="next", category="yours")
        assert at.shown() == "navy"


def test_a_picture_that_changed_on_disk_is_read_again(at: Desk, folder: Path) -> None:
    at.obey("bg", name="one")
    assert at.shown() == "red"
    at.obey("bg", name="two")
    Image.new("RGB", (64, 48), (0, 0, 128)).save(folder / "one.png")
    at.obey("bg", name="one")
    assert at.shown() == "navy"


def test_mirror_fit_and_blur(at: Desk) -> None:
    assert at.obey("mirror").settings["mirror"] is True
    assert at.obey("mirror", to="on").settings["mirror"] is True
    assert at.obey("mirror").settings["mirror"] is False
    assert at.assembly.run.parts.pipeline.settings.mirror is False
    assert at.obey("fit", how="contain").settings["fit"] == "contain"
    assert at.obey("blur", strength=35).run.background == "blur 35"
    assert "nothing" in at.shown()


def test_mirroring_is_seen(at: Desk) -> None:
    at.obey("bg", name="none")
    at.later()
    plain = at.sink.pictures[-1][172:200]
    at.obey("mirror", to="on")
    at.later()
    mirrored = at.sink.pictures[-1][172:200]
    assert np.abs(plain[:, ::-1].astype(int) - mirrored).mean() < 12
    assert np.abs(plain.astype(int) - mirrored).mean() > 30


def test_another_network_takes_over_or_the_old_one_stays(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    other = KnowingSegmenter()
    other.name = "other"
    monkeypatch.setattr(wiring, "make_segmenter", lambda *arguments: other)
    assert at.obey("set", name="model", value="landscape").model == "other"
    at.later()
    assert other.calls > 2

    def missing(*arguments: Any) -> Any:
        raise ModelError("its file is missing", "fetch it")

    def broken(call: int) -> None:
        raise SegmenterError(f"broken {call}", "")

    for factory, error in ((missing, ModelError), (lambda *a: KnowingSegmenter(broken), SegmenterError)):
        monkeypatch.setattr(wiring, "make_segmenter", factory)
        with pytest.raises(error):
            at.obey("set", name="model", value="general")
        assert at.controller.state().model == "other"
        assert at.controller.state().settings["model"] == "landscape"
    assert at.shown() == "navy"


def test_another_source_keeps_the_size(at: Desk) -> None:
    begun = len(at.sink.pictures)
    state = at.obey("camera", name="demo:")
    assert (state.source, state.run.source, state.run.size) == ("demo:", "demo", "320x240")
    at.later()
    assert set(at.sink.kinds[begun:]) == {"composite"}
    with pytest.raises(SourceError, match="camera 97"):
        at.obey("camera", name="97")
    with pytest.raises(UsageError, match="neither a file nor a known source"):
        at.obey("set", name="source", value="missing.mp4")
    assert at.shown() == "navy"
    assert at.controller.state().source == "demo:"


def test_another_size_reaches_source_and_sinks(at: Desk) -> None:
    state = at.obey("set", name="size", value="640x480")
    assert state.run.size == "640x480"
    at.sink.wait_for(lambda s: s.pictures[-1].shape == (480, 640, 3))
    assert at.assembly.run.parts.source.info.size.width == 640
    assert at.obey("set", name="size", value="").run.size == "1280x720", "the source's own"
    at.sink.wait_for(lambda s: s.pictures[-1].shape == (720, 1280, 3))


def test_a_size_that_a_sink_cannot_take_is_an_error_and_the_old_one_stays(monkeypatch: pytest.MonkeyPatch,
                                                                          folder: Path) -> None:
    class Fixed(MemorySink):
        def open(self, output: OutputFormat) -> None:
            if output.size.width != 320:
                raise SinkError(f"virtual camera is fixed to 320x240, not {output.size}", "--size 320x240")
            super().open(output)

    with desk(monkeypatch, folder, sink=Fixed()) as at:
        for value in ("640x480", ""):
            with pytest.raises(SinkError, match="fixed to 320x240"):
                at.obey("set", name="size", value=value)
            state = at.controller.state()
            assert (state.settings["size"], state.run.size) == ("320x240", "320x240")
            assert at.assembly.run.parts.source.info.size.width == 320
            assert at.shown() == "navy"


def test_a_source_that_does_not_come_back_takes_the_size_with_it(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    choose = wiring.choose_source

    def gone(settings: Any, *arguments: Any) -> Any:
        if settings.size is not None and settings.size.width == 640:
            raise SourceError("the camera is gone", "plug it in")
        return choose(settings, *arguments)

    monkeypatch.setattr(wiring, "choose_source", gone)
    with pytest.raises(SourceError, match="is gone"):
        at.obey("set", name="size", value="640x480")
    assert at.controller.state().run.size == "320x240"
    assert at.shown() == "navy"
    assert at.sink.pictures[-1].shape == (240, 320, 3)


def test_sinks_start_and_stop(at: Desk, tmp_path: Path) -> None:
    film = str(tmp_path / "film.mkv")
    assert at.obey("sink start", sink=film).sinks == ("null:", "memory:", film)
    at.later(10)
    assert len(at.controller.state().run.sinks) == 3
    assert at.obey("sink stop", sink=film).sinks == ("null:", "memory:")
    assert Path(film).stat().st_size > 1000
    assert at.obey("sink stop", sink="null").sinks == ("memory:",)
    for word, sink, told in (("sink stop", "memory:", "the only sink"), ("sink stop", "null:", "not fed"),
                             ("sink start", "memory:", "fed already"), ("sink start", "nul:", "did you mean 'null:'")):
        with pytest.raises(UsageError, match=told):
            at.obey(word, sink=sink)
    at.later()
    assert "sink" not in at.director.remembered.choices, "a recording must not begin by itself"


def test_settings_of_every_part_can_change(at: Desk, folder: Path) -> None:
    for name, value in (("away_text", "Lunch"), ("always_on", False), ("slideshow_seconds", 5), ("fps", 15),
                        ("backgrounds_folder", str(folder)), ("loop", False), ("runtime", "litert"),
                        ("away_picture", str(folder / "one.png")), ("require_background", True)):
        assert at.obey("set", name=name, value=value).settings[name] == value
    with pytest.raises(UsageError, match="require_background"):
        at.obey("bg", name="none")
    with pytest.raises(ConfigError, match="did you mean 'mirror'"):
        at.obey("set", name="miror", value=True)
    with pytest.raises(ConfigError, match="'fps'"):
        at.obey("set", name="fps", value="fast")
    at.obey("pause")
    at.sink.wait_for(lambda s: background_of(s.pictures[-1]) == "red")


def test_nobody_sees_the_room_when_none_is_forbidden_too_late(at: Desk) -> None:
    at.obey("bg", name="none")
    with pytest.raises(UsageError, match="require_background"):
        at.obey("set", name="require_background", value=True)
    assert at.controller.state().settings["require_background"] is False


def test_profiles_set_everything_at_once(at: Desk) -> None:
    at.obey("bg", name="one")
    at.obey("mirror", to="on")
    assert at.obey("profile save", name="work").profile == "work"
    at.obey("bg", name="two")
    state = at.obey("mirror", to="off")
    assert (state.profile, state.profiles) == ("", ("work",))
    begun = len(at.sink.pictures)
    state = at.obey("profile use", name="work")
    assert (state.profile, state.settings["background"], state.settings["mirror"]) == ("work", "one", True)
    at.later()
    assert {background_of(picture) for picture in at.sink.pictures[begun:]} <= {"red", "white"}
    assert at.shown() == "red"
    assert at.obey("profile delete", name="work").profiles == ()


def test_a_profile_that_cannot_be_followed_changes_nothing(at: Desk, folder: Path) -> None:
    at.obey("bg", name="one")
    at.obey("mirror", to="on")
    at.obey("profile save", name="work")
    (folder / "one.png").unlink()
    at.obey("bg", name="two")
    at.obey("mirror", to="off")
    with pytest.raises(UsageError, match="neither a file"):
        at.obey("profile use", name="work")
    state = at.controller.state()
    assert (state.settings["background"], state.settings["mirror"], state.profile) == ("two", False, "")
    assert not at.assembly.run.parts.pipeline.settings.mirror
    (folder / "profiles.toml").write_text('[odd]\nmiror = true\n')
    with pytest.raises(ConfigError, match="in profile 'odd'"):
        at.obey("profile use", name="odd")


def test_choices_are_remembered_but_not_the_room(at: Desk) -> None:
    at.obey("bg", name="one")
    at.obey("bg", name="none")
    at.obey("mirror", to="on")
    assert at.director.remembered.choices == {"background": Choice("one"), "mirror": Choice(True)}


def test_the_configuration_is_followed_where_it_changed(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    path = folder / "config.toml"
    monkeypatch.setenv("VCAM_CONFIG", str(path))
    path.write_text('mirror = false\nfit = "cover"\n')
    with desk(monkeypatch, folder) as at:
        at.obey("mirror", to="on")
        at.obey("fit", how="contain")
        assert at.director.remembered.choices["mirror"] == Choice(True, False)
        path.write_text('mirror = false\nfit = "stretch"\nbackground = "green"\n')
        state = at.obey("reload")
        assert state.settings["fit"] == "stretch", "the line is newer than the choice"
        assert state.settings["mirror"] is True, "the choice is newer than the line"
        assert state.settings["background"] == "colour:navy", "a flag wins"
        assert set(at.director.remembered.choices) == {"mirror"}
        path.write_text("mirror = sideways")
        with pytest.raises(ConfigError, match="not TOML"):
            at.obey("reload")
        path.write_text('fit = "stretch"\nbackgrounds_folder = "/elsewhere"\nmodel = "generl"\nruntime = "litert"\n')
        monkeypatch.undo()
        monkeypatch.setenv("VCAM_CONFIG", str(path))
        with pytest.raises(VcamError, match="did you mean 'general'"):
            at.obey("reload")
        path.write_text('fit = "cover"\nmirror = true\n')
        assert at.obey("reload").settings["fit"] == "cover", "what could not be followed is not lost sight of"


def test_work_on_the_pipeline_is_done_between_frames(at: Desk) -> None:
    names: list[str] = []
    at.director.between_frames(lambda pipeline: names.append(threading.current_thread().name))
    assert names == ["vcam process"]
