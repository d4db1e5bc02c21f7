"""vcam's own installation: packages that get in each other's way, native libraries, configuration, networks."""

from __future__ import annotations

import importlib
import platform
import shlex
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from vcam import __version__
from vcam.control.doctor.finding import Finding, Topic
from vcam.control.doctor.system import System
from vcam.errors import ConfigError, ModelError

_TOPIC: Final = "Installation"


@dataclass(frozen=True, slots=True)
class _Shared:
    """A folder that several packages bring; two of them overwrite each other, and removing one breaks the other."""

    module: str
    keep: tuple[str, ...]
    others: tuple[str, ...]


# Of those to keep, the first one that is installed stays; none: the last one is installed.
_CV2: Final = _Shared("cv2", ("opencv-python-headless",),
                      ("opencv-python", "opencv-contrib-python", "opencv-contrib-python-headless"))
_ONNX: Final = _Shared("onnxruntime", ("onnxruntime-gpu", "onnxruntime"),
                       ("onnxruntime-directml", "onnxruntime-openvino", "onnxruntime-rocm", "onnxruntime-silicon"))
# What is compiled, and so can fail to load: module, package.
_NATIVE: Final = (("cv2", "opencv-python-headless"), ("numpy", "numpy"), ("numba", "numba"), ("av", "av"),
                  ("PIL", "pillow"), ("pyvirtualcam", "pyvirtualcam"))


def pip(system: System) -> str:
    """The pip of the running Python, whichever is first on the path."""
    return "python -m pip" if system.platform == "win32" else f"{shlex.quote(sys.executable)} -m pip"


def versions(system: System) -> Iterator[Finding]:
    """vcam and Python."""
    yield Finding(_TOPIC, "vcam", "ok", f"{__version__} on Python {platform.python_version()}, {system.platform}")


def one_owner_each(system: System) -> Iterator[Finding]:
    """Two wheels that own the same folder, side by side."""
    packages = system.packages()
    for shared in (_CV2, _ONNX):
        present = [name for name in (*shared.keep, *shared.others) if name in packages]
        if len(present) > 1:
            stays = next((name for name in shared.keep if name in present), shared.keep[-1])
            yield Finding(_TOPIC, shared.module, "problem", f"{' and '.join(present)} overwrite each other",
                          (f"{pip(system)} uninstall -y {' '.join(present)}",
                           f"{pip(system)} install {_pinned(stays, packages)}"))
        elif present:
            yield Finding(_TOPIC, shared.module, "ok", f"from {present[0]} {packages[present[0]]} alone")


def _pinned(name: str, packages: Mapping[str, str]) -> str:
    """The version that was there: pip would otherwise bring the newest."""
    return f"{name}=={packages[name]}" if name in packages else name


def native_libraries(system: System) -> Iterator[Finding]:
    """Whether compiled packages load. Linux does without pyvirtualcam: packages of distributions leave it out."""
    broken = False
    absent = {"pyvirtualcam"} - set(system.packages()) if system.platform == "linux" else set[str]()
    wanted = [(module, package) for module, package in _NATIVE if package not in absent]
    for module, package in wanted:
        try:
            importlib.import_module(module)
        except Exception as error:
            broken = True
            yield Finding(_TOPIC, module, "problem", f"does not load: {type(error).__name__}: {error}",
                          (f"{pip(system)} install --force-reinstall --no-deps {package}",))
    if not broken:
        yield Finding(_TOPIC, "native libraries", "ok", ", ".join(module for module, _ in wanted) + " load")


def configuration(system: System) -> Iterator[Finding]:
    """The configuration file and the environment, as ``vcam run`` would read them."""
    from vcam.config import config_path, resolve

    try:
        resolve({})
    except ConfigError as error:
        yield Finding(_TOPIC, "configuration", "problem", str(error),
                      (f"{'notepad' if system.platform == 'win32' else '${EDITOR:-nano}'} "
                       f"{shlex.quote(str(config_path()))}",))
        return
    there = config_path().exists()
    yield Finding(_TOPIC, "configuration", "ok", str(config_path()) if there else "none, so every default applies")


def networks(system: System) -> Iterator[Finding]:
    """Whether every network that is here is the published file, byte for byte."""
    from vcam.segmenters.models import catalogue, load

    intact = []
    for model in catalogue().values():
        for file in model.files.values() if model.present or model.bundled else ():
            try:
                load(file, model.name)
                intact.append(file.name)
            except ModelError as error:
                fix = (f"{pip(system)} install --force-reinstall --no-deps vcam" if model.bundled
                       else f"vcam models fetch {model.name} --force")
                yield Finding(_TOPIC, f"network {model.name}", "problem", error.message, (fix,))
    if intact:
        yield Finding(_TOPIC, "networks", "ok", f"{len(intact)} files intact (SHA-256)")


INSTALLATION = Topic(_TOPIC, (versions, one_owner_each, native_libraries, configuration, networks))
