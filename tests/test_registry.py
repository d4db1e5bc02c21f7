"""Parts by name: lazily, with reasons."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from vcam import registry
from vcam.errors import UsageError, VcamError
from vcam.registry import Entry, Registry, split

BROKEN = Entry("broken", "no.such.module:Part", "", extra="shiny")


@pytest.mark.parametrize(("spec", "parts"), [
    ("camera:0", ("camera", "0")), ("clip.mp4", ("", "clip.mp4")), ("C:\\clip.mp4", ("", "C:\\clip.mp4")),
    ("rtmp://host/live", ("rtmp", "//host/live")), ("camera:USB: 2", ("camera", "USB: 2")), ("-", ("", "-")),
    ("/a/b:c", ("", "/a/b:c")), ("demo:", ("demo", ""))])
def test_specs(spec: str, parts: tuple[str, str]) -> None:
    assert split(spec) == parts


def test_a_part_is_imported_when_it_is_asked_for_and_not_before() -> None:
    sys.modules.pop("vcam.sources.screen", None)
    from vcam.sources import REGISTRY

    assert "screen" in REGISTRY.entries()
    assert "vcam.sources.screen" not in sys.modules
    REGISTRY.load("screen")
    assert "vcam.sources.screen" in sys.modules


def test_a_part_that_does_not_load_is_a_status_with_its_remedy() -> None:
    parts = Registry("sinks", (BROKEN,)).parts()
    assert "No module named" in parts[0].problem
    assert "pip install 'vcam[shiny]'" in parts[0].problem
    with pytest.raises(VcamError, match="does not load"):
        Registry("sinks", (BROKEN,)).load("broken")


def test_plugins_come_by_entry_points_and_never_replace_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("a_plugin")
    module.Part = dict  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "a_plugin", module)

    class Point:
        def __init__(self, name: str) -> None:
            self.name, self.value = name, "a_plugin:Part"

    monkeypatch.setattr(registry, "entry_points", lambda group: [Point("extra"), Point("own")])
    found = Registry("sources", (Entry("own", "vcam.frame:Size", ""),))
    assert found.load("extra") is dict
    assert found.entries()["own"].target == "vcam.frame:Size"


def test_an_unknown_scheme_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'broken:'"):
        Registry("sinks", (BROKEN,)).load("borken")
