"""Settings: layers, origins, and errors that name the key and the nearest right one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcam import config, config_file
from vcam.config import fields, resolve
from vcam.errors import ConfigError
from vcam.frame import Size


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "folder" / "config.toml"
    monkeypatch.setenv("VCAM_CONFIG", str(place))
    return place


def write(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)


def test_precedence_is_flag_environment_file_default(file: Path) -> None:
    write(file, 'background = "green"\nfit = "contain"\nmodel = "landscape"\n')
    found = resolve({"background": "none"}, {"VCAM_BACKGROUND": "blur:9", "VCAM_FIT": "stretch"})
    assert (found.settings.background, found.settings.fit, found.settings.model) == ("none", "stretch", "landscape")
    assert found.settings.device == "auto"
    assert [found.origins[n] for n in ("background", "fit", "model", "device")] == ["flag", "environment", "file",
                                                                                     "default"]


def test_every_setting_can_be_set_in_every_layer(file: Path) -> None:
    sample = {"source": "demo:", "size": "640x360", "fps": "25", "mirror": "true", "loop": "false",
              "background": "green", "fit": "contain", "slideshow_seconds": "5", "backgrounds_folder": "/tmp",
              "model": "average", "runtime": "litert", "device": "cpu", "always_on": "true",
              "require_background": "yes", "away_text": "Lunch", "away_picture": "/tmp/me.jpg",
              "sink": "null:,preview:", "stream_bitrate": "4000", "stream_keyframes": "1.5",
              "stream_preset": "fast", "stream_encoder": "software", "stream_audio": "silence",
              "tier": "light", "budget": "15", "subject": "main", "light_match": "40", "light_wrap": "30",
              "panel": "8751", "panel_token": "a-token-of-sixteen"}
    assert set(sample) == set(fields())
    by_environment = resolve({}, {f"VCAM_{name.upper()}": value for name, value in sample.items()}).settings
    for name, value in sample.items():
        config_file.set_value(name, value)
    assert resolve({}, {}).settings == by_environment
    assert by_environment.size == Size(640, 360)
    assert by_environment.sink == ("null:", "preview:")
    assert file.exists()


@pytest.mark.parametrize(("text", "words"), [
    ("backgruond = 'blur'", ["unknown setting 'backgruond'", "did you mean 'background'"]),
    ("fps = 0", ["'fps'", "greater than 0"]),
    ("fps = 'many'", ["'fps'", "number"]),
    ("size = '641x480'", ["'size'", "odd", "640x480"]),
    ("size = '0x0'", ["'size'", "out of range"]),
    ("device = 'tpu'", ["'device'", "'auto', 'cpu' or 'gpu'"]),
    ("mirror = 'perhaps'", ["'mirror'", "boolean"]),
    ("background = ", ["not TOML"]),
    ("[table]\nx = 1", ["unknown setting 'table'"]),
])
def test_mistakes_are_named(file: Path, text: str, words: list[str]) -> None:
    write(file, text)
    with pytest.raises(ConfigError) as caught:
        resolve({}, {})
    for word in words:
        assert word in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_mistake_in_the_environment_says_so() -> None:
    with pytest.raises(ConfigError, match="in the environment"):
        resolve({}, {"VCAM_FPS": "-3"})


def test_a_configuration_that_was_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        resolve({}, {}, tmp_path / "nothing.toml")


def test_comments_stay_and_nothing_is_left_behind(file: Path) -> None:
    write(file, '# my own words\nbackground = "blur"  # soft\n')
    config_file.set_value("background", "green")
    config_file.set_value("fps", "24")
    config_file.unset_value("fps")
    text = file.read_text()
    assert "# my own words" in text
    assert "# soft" in text
    assert 'background = "green"' in text
    assert "fps" not in text
    assert [path.name for path in file.parent.iterdir()] == ["config.toml"]


def test_a_new_file_explains_every_setting(file: Path) -> None:
    config_file.set_value("model", "landscape")
    text = file.read_text()
    for name, field in fields().items():
        assert f"# {name} = " in text
        assert (field.description or "?") in text
    assert resolve({}, {}).settings.model == "landscape"


@pytest.mark.parametrize(("name", "value"), [("modle", "general"), ("fps", "none"), ("size", "big")])
def test_nothing_wrong_gets_into_the_file(file: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigError):
        config_file.set_value(name, value)
    assert not file.exists()


def test_a_file_that_cannot_be_written_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VCAM_CONFIG", "/proc/vcam/config.toml")
    with pytest.raises(ConfigError, match="cannot be written"):
        config_file.set_value("fps", "30")


def test_the_table_is_complete() -> None:
    for field in fields().values():
        assert field.description
        assert config.extra(field, "flags")
        assert config.extra(field, "panel")


@given(st.dictionaries(st.sampled_from(sorted(fields())), st.text(max_size=20), max_size=4))
def test_any_flags_are_settings_or_a_config_error(flags: dict[str, str]) -> None:
    try:
        resolve(flags, {})
    except ConfigError as error:
        assert error.hint
