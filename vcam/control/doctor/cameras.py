"""The cameras: which there are, and who holds one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from vcam.control.doctor.finding import Finding, Topic
from vcam.control.doctor.system import System

if TYPE_CHECKING:
    from vcam.sources.cameras import CameraInfo

_TOPIC: Final = "Cameras"
_USB_VIDEO: Final = "0e"
_PRIVACY: Final = {"win32": ("start ms-settings:privacy-webcam",),
                   "darwin": ("open 'x-apple.systempreferences:com.apple.preference.security?Privacy_Camera'",)}


def cameras(system: System) -> Iterator[Finding]:
    """Every camera, with its best mode, or what is in the way of it."""
    virtual = set(system.virtual_nodes())
    found = [camera for camera in system.cameras() if camera.path.removeprefix("/dev/") not in virtual]
    if not found:
        yield _none(system)
    for camera in found:
        yield _judged(system, camera)


def _judged(system: System, camera: CameraInfo) -> Finding:
    name = f"camera:{camera.index}"
    title = camera.name or camera.path
    if camera.path.startswith("/dev/"):
        if not system.may_use(system.path(camera.path)):
            return Finding(_TOPIC, name, "problem", f"{title}: permission denied (see Permissions)")
        holders = _holders(system, camera.path)
        if holders and all(holder.startswith("vcam ") for holder in holders):
            return Finding(_TOPIC, name, "ok", f"{title}, in use by {', '.join(holders)}")
        if holders:
            return Finding(_TOPIC, name, "warning", f"{title} is in use by {', '.join(holders)}; close it before vcam "
                           "takes the camera, or choose another: vcam devices")
        if not camera.modes:
            return Finding(_TOPIC, name, "warning", f"{title} names no modes; plug it in again if it shows nothing")
    return Finding(_TOPIC, name, "ok", f"{title}{_best(camera.modes)}")


def _holders(system: System, path: str) -> list[str]:
    from vcam.sources.cameras import processes_holding

    return list(processes_holding(str(system.path(path)), system.path("/proc")))


def _best(modes: tuple[str, ...]) -> str:
    """The largest mode that is compressed or fast enough, in the words of the driver."""
    def area(mode: str) -> int:
        width, _, height = mode.split(" ", maxsplit=1)[0].partition("x")
        return int(width) * int(height) if width.isdecimal() and height.isdecimal() else 0

    return f", up to {max(modes, key=area)}" if modes else ""


def _none(system: System) -> Finding:
    """No camera: is there one on the wire that no driver took?"""
    orphans = [folder.parent for folder in system.glob("/sys/bus/usb/devices/*/bInterfaceClass")
               if folder.read_text(encoding="ascii", errors="replace").strip() == _USB_VIDEO
               and not (folder.parent / "driver").exists()]
    if orphans:
        return Finding(_TOPIC, "camera", "problem", f"a USB camera is plugged in ({orphans[0].name}), but no driver "
                       "took it", ("sudo modprobe uvcvideo",))
    return Finding(_TOPIC, "camera", "warning", "none found: vcam shows its demo; plug one in, or use a film: "
                   "vcam run --source clip.mp4", _PRIVACY.get(system.platform, ()))


def virtual_camera(system: System) -> Iterator[Finding]:
    """Where the virtual camera is a program's, not the kernel's: Windows and macOS."""
    if system.platform not in ("win32", "darwin"):
        return
    found, told = system.virtual_camera()
    fix = {"win32": "winget install OBSProject.OBSStudio", "darwin": "brew install --cask obs"}[system.platform]
    yield Finding(_TOPIC, "virtual camera", "ok" if found else "problem", told, () if found else (fix,))


CAMERAS = Topic(_TOPIC, (cameras, virtual_camera))
