"""Settings: declared once. The command line, the configuration file and the environment are made from this table.

Precedence: flag > environment (``VCAM_NAME``) > configuration file > default.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_config_path
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from vcam.errors import ConfigError, UsageError
from vcam.frame import Size

# Also the name of the vcam that has this camera.
CAMERA_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
Origin = Literal["default", "file", "environment", "flag"]


def _size(value: object) -> object:
    if isinstance(value, str):
        try:
            return Size.parse(value) if value else None
        except UsageError as error:
            raise ValueError(str(error)) from error
    return value


def _several(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return tuple(value) if isinstance(value, list) else value


def _percent(value: object) -> object:
    if isinstance(value, str):
        return value.strip().removesuffix("%").strip() or None
    return value


def _setting(default: Any, help_text: str, *flags: str, panel: str, metavar: str = "") -> Any:
    return Field(default, description=help_text,
                 json_schema_extra={"flags": list(flags), "panel": panel, "metavar": metavar})


class Settings(BaseModel):
    """Everything a user can choose for a live run."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    source: str = _setting(
        "", "Where frames come from: camera:0, camera:NAME, a video or picture file, demo:, test:, screen:1. "
        "Without it: the first camera, or the demo if there is none.", "--source", "-s", panel="Input",
        metavar="SOURCE")
    size: Annotated[Size | None, BeforeValidator(_size)] = _setting(
        None, "Width and height, for example 1280x720 or 1080p. Without it: what the source gives (cameras are asked "
        "for 1280x720).", "--size", panel="Input", metavar="WxH")
    fps: float | None = Field(
        None, gt=0, le=240, description="Highest frame rate. Without it: the source's.",
        json_schema_extra={"flags": ["--fps"], "panel": "Input", "metavar": "N"})
    mirror: bool = _setting(False, "Mirror the picture left to right.", "--mirror/--no-mirror", panel="Input")
    loop: bool = _setting(True, "Play a video file again and again.", "--loop/--no-loop", panel="Input")
    background: str = _setting(
        "blur", "What to show behind the person: blur, blur:80, the name of a bundled or own picture, a picture or "
        "video file, colour:#204060, green, slideshow:FOLDER, or none (shows the room).", "--background", "-b",
        panel="Picture", metavar="BACKGROUND")
    fit: Literal["cover", "contain", "stretch"] = _setting(
        "cover", "How a background or away picture of another shape fills the frame: cover, contain or stretch.",
        "--fit", panel="Picture", metavar="FIT")
    slideshow_seconds: float = Field(
        30.0, gt=0, description="How long a slideshow shows each picture.",
        json_schema_extra={"flags": ["--slideshow-seconds"], "panel": "Picture", "metavar": "SECONDS"})
    backgrounds_folder: Path | None = _setting(
        None, "Your own backgrounds; without it: the folder 'vcam' in your pictures.", "--backgrounds-folder",
        panel="Picture", metavar="FOLDER")
    tier: Literal["light", "default"] = _setting(
        "default", "How much work goes into a picture: light (batteries, old laptops) or default.", "--tier",
        panel="Processing", metavar="TIER")
    budget: Annotated[float | None, BeforeValidator(_percent)] = Field(
        None, gt=0, le=6400, description="Most that vcam may use of one processor core, in percent: it then chooses "
        "the best tier that fits and holds the frame rate.",
        json_schema_extra={"flags": ["--budget"], "panel": "Processing", "metavar": "PERCENT"})
    model: str = _setting(
        "", "The network that finds the person: general, landscape, average, or one fetched with "
        "`vcam models fetch`. Without it: the tier's.", "--model", "-m", panel="Processing", metavar="MODEL")
    runtime: Literal["auto", "onnx", "litert", "mediapipe"] = _setting(
        "auto", "What runs the network: auto, onnx, litert or mediapipe.", "--runtime", panel="Processing",
        metavar="RUNTIME")
    device: Literal["auto", "cpu", "gpu"] = _setting(
        "auto", "Where pixels are processed: auto, cpu or gpu.", "--device", panel="Processing", metavar="DEVICE")
    always_on: bool = _setting(
        False, "Keep the camera on although nobody watches. Otherwise it is off, and its light with it, until an app "
        "opens the virtual camera (where the virtual camera can tell).", "--always-on/--on-demand", panel="Output")
    require_background: bool = _setting(
        False, "Refuse to start with the background 'none'.", "--require-background/--allow-none", panel="Picture")
    subject: Literal["everyone", "main"] = _setting(
        "everyone", "Who is shown: everyone, or only the main person.", "--subject", panel="Picture", metavar="WHO")
    light_match: int = Field(
        0, ge=0, le=100, description="How much of the background's brightness and tint the person takes on, 0 to 100.",
        json_schema_extra={"flags": ["--light-match"], "panel": "Picture", "metavar": "PERCENT"})
    light_wrap: int = Field(
        0, ge=0, le=100, description="How much of the background's light falls around the person's outline, 0 to 100.",
        json_schema_extra={"flags": ["--light-wrap"], "panel": "Picture", "metavar": "PERCENT"})
    away_text: str = _setting(
        "", "What the card says while you are away (`vcam pause`). Without it: 'Be right back', or nothing over an "
        "away picture.", "--away-text", panel="Picture", metavar="TEXT")
    away_picture: Path | None = _setting(
        None, "A picture of yours that fills the frame while you are away, with the away text, if you give one, over "
        "it.", "--away-picture", panel="Picture", metavar="FILE")
    sink: Annotated[tuple[str, ...], BeforeValidator(_several)] = _setting(
        (), "Where the picture goes, as often as you like: virtualcam:, preview:, a file such as out.mp4, a stream "
        "such as rtmp://host/app/key, - (raw video on standard output), null:. Without it: the virtual camera if there "
        "is one, else the preview.", "--sink", "-o", panel="Output", metavar="SINK")
    stream_bitrate: int = Field(
        0, ge=0, le=200_000, description="Of streams, in kbit/s; 0: what suits size and rate (2500 at 720p30).",
        json_schema_extra={"flags": ["--stream-bitrate"], "panel": "Streams", "metavar": "KBIT"})
    stream_keyframes: float = Field(
        2.0, gt=0, le=60, description="Seconds between the pictures of a stream at which viewers can begin.",
        json_schema_extra={"flags": ["--stream-keyframes"], "panel": "Streams", "metavar": "SECONDS"})
    stream_preset: Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower",
                           "veryslow"] = _setting(
        "veryfast", "How hard x264 tries, from ultrafast to veryslow.", "--stream-preset", panel="Streams",
        metavar="PRESET")
    stream_encoder: Literal["auto", "software", "nvenc", "qsv", "amf", "videotoolbox"] = _setting(
        "auto", "What encodes streams: auto (the graphics card where it has proven that it works), software, nvenc, "
        "qsv, amf or videotoolbox.", "--stream-encoder", panel="Streams", metavar="ENCODER")
    stream_audio: str = _setting(
        "auto", "The sound of streams: auto (silence where servers expect sound), none, silence, or a file that is "
        "played again and again.", "--stream-audio", panel="Streams", metavar="SOUND")
    panel: str = _setting(
        "", "Where the panel (a page to see and control vcam) and its HTTP API are: PORT, HOST:PORT, or off. Without "
        "it: this machine only, port 8750 or the next free one.", "--panel", panel="Panel", metavar="ADDRESS")
    panel_token: str = _setting(
        "", "What visitors of the panel must know, 16 characters or more. Needed where other machines can reach it; "
        "VCAM_PANEL_TOKEN keeps it out of the list of processes.", "--panel-token", panel="Panel", metavar="TOKEN")


@dataclass(frozen=True, slots=True)
class Resolved:
    """Settings with the layer that each value came from."""

    settings: Settings
    origins: dict[str, Origin]


def config_path() -> Path:
    """The configuration file (``VCAM_CONFIG`` overrides the platform's folder)."""
    override = os.environ.get("VCAM_CONFIG")
    return Path(override).expanduser() if override else user_config_path("vcam") / "config.toml"


def fields() -> Mapping[str, FieldInfo]:
    """The table of settings by name."""
    return Settings.model_fields


def extra(field: FieldInfo, key: str) -> Any:
    """What the table says of a setting beside type and help: ``flags``, ``panel`` or ``metavar``."""
    assert isinstance(field.json_schema_extra, dict)
    return field.json_schema_extra[key]


def resolve(flags: Mapping[str, object], environment: Mapping[str, str] | None = None,
            path: Path | None = None, camera: str = "") -> Resolved:
    """Settings from all layers.

    Args:
        flags: values given on the command line (None: not given).
        environment: instead of the process's.
        path: instead of ``config_path``; it must exist.
        camera: one of the file's ``cameras``: its table wins over what stands above the tables.

    Raises:
        ConfigError: a file that is not TOML, an unknown key or camera, a value that does not fit; names key and layer.
    """
    file = _from_file(path)
    tables = _tables(file.pop("camera", {}), path)
    if camera and camera not in tables:
        raise ConfigError(f"there is no camera '{camera}' in {path or config_path()}",
                          f"known: {', '.join(tables)}" if tables else f"begin it: [camera.{camera}]")
    layers: list[tuple[Origin, str, dict[str, object]]] = [
        ("file", str(path or config_path()), file),
        ("file", f"{path or config_path()}, camera '{camera}'", tables.get(camera, {})),
        ("environment", "the environment", _from_environment(os.environ if environment is None else environment)),
        ("flag", "the command line", {name: value for name, value in flags.items() if value not in (None, (), [])})]
    values: dict[str, object] = {}
    origins: dict[str, Origin] = dict.fromkeys(fields(), "default")
    for origin, place, layer in layers:
        _check(layer, place)
        values |= layer
        origins |= dict.fromkeys(layer, origin)
    return Resolved(Settings.model_validate(values), origins)


def cameras(path: Path | None = None) -> tuple[str, ...]:
    """The names of the tables ``[camera.NAME]`` in a configuration file: each is a vcam of its own.

    Raises:
        ConfigError: as ``resolve``.
    """
    return tuple(_tables(_from_file(path).get("camera", {}), path))


def _tables(found: object, path: Path | None) -> dict[str, dict[str, object]]:
    if not isinstance(found, dict) or not all(isinstance(table, dict) for table in found.values()):
        raise ConfigError(f"'camera' in {path or config_path()} is no table", 'write [camera.NAME], and below it '
                          'source = "…" and sink = ["…"]')
    for name, table in found.items():
        if not CAMERA_NAME.fullmatch(name):
            raise ConfigError(f"'{name}' in {path or config_path()} is no name for a camera",
                              "use letters, digits, - and _")
        if "panel" in table or "panel_token" in table:
            raise ConfigError(f"camera '{name}' in {path or config_path()} has a panel of its own",
                              "set it above the cameras: there is one for all")
    return found


def _from_environment(environment: Mapping[str, str]) -> dict[str, object]:
    names = {f"VCAM_{name.upper()}": name for name in fields()}
    return {names[key]: value for key, value in environment.items() if key in names and value}


def _from_file(path: Path | None) -> dict[str, object]:
    file = path or config_path()
    if path is None and not file.exists():
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"configuration {file} cannot be read: {error.strerror}",
                          "vcam config path tells where it is looked for") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"configuration {file} is not TOML: {error}", f"mend or delete {file}") from error


def _check(layer: Mapping[str, object], place: str) -> None:
    for name in layer:
        if name not in fields():
            raise unknown_key(name, place)
    try:
        Settings.model_validate(dict(layer))
    except ValidationError as error:
        raise _explained(error, layer, place) from error


def unknown_key(name: str, place: str) -> ConfigError:
    """The error for a key nobody knows; names the nearest one."""
    close = difflib.get_close_matches(name, fields(), 1)
    meant = f"did you mean '{close[0]}'?" if close else f"known: {', '.join(fields())}"
    return ConfigError(f"unknown setting '{name}' in {place}", meant)


def _explained(error: ValidationError, layer: Mapping[str, object], place: str) -> ConfigError:
    first = error.errors()[0]
    name = str(first["loc"][0])
    reason = str(first["msg"]).removeprefix("Value error, ")
    reason = reason[0].lower() + reason[1:]
    problem = f"setting '{name}' in {place} is '{layer.get(name)}'"
    if " – " in reason:
        what, _, hint = reason.partition(" – ")
        return ConfigError(f"{problem}: {what}", hint)
    return ConfigError(f"{problem}: {reason}", fields()[name].description or "")


def changed(settings: Settings, values: Mapping[str, object], place: str) -> Settings:
    """The settings with some values replaced; ``place`` says in an error where these come from.

    Raises:
        ConfigError: an unknown key, or a value that does not fit.
    """
    _check(values, place)
    return Settings.model_validate({**dict(settings), **values})


def parse_value(name: str, text: str) -> object:
    """The value of a setting as typed, checked, in a form that TOML can hold.

    Raises:
        ConfigError: unknown name or unfit value.
    """
    _check({name: text}, "the command line")
    value = getattr(Settings.model_validate({name: text}), name)
    if isinstance(value, tuple):
        return list(value)
    return value if isinstance(value, bool | int | float) else str(value) if value is not None else ""
