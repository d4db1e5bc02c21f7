"""The v4l2loopback module: where it is, and how it is loaded."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from vcam.control.doctor.system import System

MODULE: Final = "/sys/module/v4l2loopback"
_OPTIONS: Final = "exclusive_caps=1 card_label=vcam"
LOAD: Final = f"sudo modprobe v4l2loopback {_OPTIONS}"
UNLOAD: Final = "sudo modprobe -r v4l2loopback"
FIRST_WITH_VERSION: Final = (0, 13)


def is_loaded(system: System) -> bool:
    return system.path(MODULE).is_dir()


def files(system: System, kernel: str) -> list[Path]:
    """The module's files for a kernel release (``*``: any)."""
    return system.glob(f"/lib/modules/{kernel}/**/v4l2loopback.ko*")


def version(system: System) -> str:
    """Version of the loaded module, else of its source; empty if neither is known.

    Before 0.13 the module did not tell its version: then only the name of the source's folder does.
    """
    told = system.text(f"{MODULE}/version")
    if told:
        return told
    sources = system.glob("/var/lib/dkms/v4l2loopback/[0-9]*") + system.glob("/usr/src/v4l2loopback-[0-9]*")
    return sources[-1].name.removeprefix("v4l2loopback-") if sources else ""


def number(told: str) -> tuple[int, ...]:
    """``v0.12.7-2-gabc`` as (0, 12, 7)."""
    match = re.search(r"\d+(\.\d+)+", told)
    return tuple(map(int, match[0].split("."))) if match else ()


def is_old(system: System) -> bool:
    """Whether the loaded module is from before 0.13."""
    told = system.text(f"{MODULE}/version")
    return number(told) < FIRST_WITH_VERSION if told else is_loaded(system)


def parameter(system: System, name: str, count: int) -> list[str]:
    """A parameter's values for the first ``count`` devices."""
    told = system.text(f"{MODULE}/parameters/{name}")
    return told.split(",")[:count] if told else []


def reload(system: System) -> tuple[str, ...]:
    """Commands that load the module again as vcam needs it, with as many devices as there are, of the same numbers."""
    return UNLOAD, f"sudo modprobe v4l2loopback {_options(system)}"


def keep(system: System) -> tuple[str, ...]:
    """Commands that load it so at every start."""
    return (f"echo 'options v4l2loopback {_options(system)}' | sudo tee /etc/modprobe.d/v4l2loopback.conf",
            "echo v4l2loopback | sudo tee /etc/modules-load.d/v4l2loopback.conf")


def _options(system: System) -> str:
    nodes = system.virtual_nodes()
    if len(nodes) < 2:
        return _OPTIONS
    numbers = ",".join(name.removeprefix("video") for name in nodes)
    return f"devices={len(nodes)} video_nr={numbers} exclusive_caps={','.join('1' * len(nodes))}"


def instead() -> str:
    """The way around the kernel, where this version of vcam has it; begins with a semicolon."""
    from vcam.sinks import REGISTRY

    if "pipewire" in REGISTRY.entries():
        return "; without any module: vcam run --sink pipewire:"
    return "; without it, preview: and recordings work"


def other_sink() -> str:
    """The sink that old modules survive, where this version of vcam has it; begins with a semicolon."""
    from vcam.sinks import REGISTRY

    return "; or use --sink v4l2:" if "v4l2" in REGISTRY.entries() else ""
