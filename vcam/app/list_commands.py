"""``vcam devices`` and ``vcam backgrounds``: what there is to choose from."""

from __future__ import annotations

import dataclasses
import json as json_module
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from vcam.app.console import explained, out
from vcam.config import resolve

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@explained
def devices(json: Json = False) -> None:
    """Show cameras, virtual cameras, processors, networks, and what can be a source or a sink."""
    found = _devices()
    if json:
        _print_json(found)
        return
    _cameras(found["cameras"])
    _lines("Virtual cameras", found["virtual_cameras"] or [found["virtual_camera_hint"]])
    _lines("Processing", [f"CPU: {found['cpu']}", f"GPU: {found['gpu']}"])
    _lines("Runtimes", [f"{name} {number}" for name, number in found["runtimes"].items()])
    for role in ("sources", "sinks"):
        _parts(role, found[role])


def _devices() -> dict[str, Any]:
    from vcam import sinks, sources
    from vcam.ops.probe import cpu_name, gpu_status, nvidia_gpus
    from vcam.sinks.virtualcam import available
    from vcam.sources.camera import list_cameras, list_virtual_devices

    usable, reason = gpu_status()
    gpus = ", ".join(nvidia_gpus())
    return {
        "cameras": [dataclasses.asdict(camera) for camera in list_cameras()],
        "virtual_cameras": [f"{device.path}  {device.name}" for device in list_virtual_devices()],
        "virtual_camera_hint": available()[1],
        "cpu": cpu_name(),
        "gpu": reason if usable else f"{gpus or 'none found'}; not used: {reason}",
        "runtimes": _runtimes(),
        "sources": [dataclasses.asdict(part) for part in sources.REGISTRY.parts()],
        "sinks": [dataclasses.asdict(part) for part in sinks.REGISTRY.parts()],
    }


def _runtimes() -> dict[str, str]:
    found = {}
    for package, title in (("onnxruntime", "ONNX Runtime"), ("onnxruntime-gpu", "ONNX Runtime (GPU)"),
                           ("ai-edge-litert", "LiteRT"), ("mediapipe", "MediaPipe")):
        try:
            found[title] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _cameras(cameras: list[dict[str, Any]]) -> None:
    if not cameras:
        _lines("Cameras", ["none found; plug one in, or use --source FILE, --source demo:"])
        return
    table = Table("camera", "name", "modes", title="Cameras", title_justify="left", box=None)
    for camera in cameras:
        modes = ", ".join(camera["modes"][:6]) + (" …" if len(camera["modes"]) > 6 else "")
        table.add_row(f"camera:{camera['index']}", escape(camera["name"]), modes)
    out.print(table)


def _lines(title: str, lines: list[str]) -> None:
    out.print(f"[bold]{title}[/]")
    for line in lines:
        out.print(f"  {escape(line)}", highlight=False)


def _parts(role: str, parts: list[dict[str, Any]]) -> None:
    out.print(f"[bold]{role.capitalize()}[/]")
    for part in parts:
        entry, problem = part["entry"], part["problem"]
        told = f"[red]{escape(problem)}[/]" if problem else escape(entry["help"])
        out.print(f"  {escape(entry['example'] or entry['scheme'] + ':'):<26} {told}", highlight=False)


@explained
def backgrounds(
    folder: Annotated[Path | None, typer.Option("--folder", help="Your own backgrounds, instead of the configured "
                                                "folder.", metavar="FOLDER")] = None,
    json: Json = False,
) -> None:
    """List the backgrounds that can be named: yours and those that come with vcam."""
    from vcam.backdrops.library import items, user_folder

    chosen = folder or resolve({}).settings.backgrounds_folder
    found = items(chosen, check=True)
    if json:
        _print_json([dataclasses.asdict(item) | {"path": str(item.path)} for item in found])
        return
    for item in found:
        told = f"[red]cannot be used: {escape(item.problem)}[/]" if item.problem else f"[dim]{item.origin}[/]"
        out.print(f"  {escape(item.name):<26} {told}", highlight=False)
    out.print("  also: blur, blur:80, colour:#204060, green, slideshow:FOLDER, none", highlight=False)
    out.print(f"[dim]your own go into {escape(str(user_folder(chosen)))}[/]", highlight=False)


def _print_json(value: object) -> None:
    sys.stdout.write(json_module.dumps(value, indent=1) + "\n")
