"""The virtual camera on Linux: v4l2loopback, its version and how it is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from vcam.control.doctor import loopback
from vcam.control.doctor.distribution import install_loopback, rebuild_loopback
from vcam.control.doctor.finding import Finding, Topic
from vcam.control.doctor.secure_boot import secure_boot
from vcam.control.doctor.system import System

TOPIC: Final = "Virtual camera"
_ONE_READER: Final = (0, 13)
_YES: Final = ("Y", "1")


def module(system: System) -> Iterator[Finding]:
    """Whether the module is loaded, and if not, what is in the way."""
    if loopback.is_loaded(system):
        told = loopback.version(system)
        yield Finding(TOPIC, "v4l2loopback", "ok", f"loaded{f', version {told}' if told else ''}")
    else:
        found, fix = _why_not_loaded(system)
        yield Finding(TOPIC, "v4l2loopback", "problem", found, fix)


def _why_not_loaded(system: System) -> tuple[str, tuple[str, ...]]:
    kernel = system.kernel()
    if loopback.files(system, kernel):
        return f"built for kernel {kernel}, but not loaded", (loopback.LOAD,)
    if not system.path("/proc/modules").exists():
        return f"kernel {kernel} loads no modules, so it cannot have one{loopback.instead()}", ()
    if not system.path(f"/lib/modules/{kernel}").is_dir():
        return f"the modules of the running kernel {kernel} have gone (updated since the start?)", ("sudo reboot",)
    others = sorted({path.relative_to(system.path("/lib/modules")).parts[0] for path in loopback.files(system, "*")})
    if others:
        return (f"built for kernel {', '.join(others)}, but not for the running one, {kernel}",
                (*rebuild_loopback(system), loopback.LOAD))
    if loopback.version(system):
        return (f"version {loopback.version(system)} is installed, but not built for kernel {kernel}",
                (*rebuild_loopback(system), loopback.LOAD))
    install = install_loopback(system)
    where = "" if install else "; see https://github.com/v4l2loopback/v4l2loopback for how to install it"
    return f"not installed: apps see no virtual camera{where}", (*install, loopback.LOAD)


def devices(system: System) -> Iterator[Finding]:
    """The devices that the module made."""
    if not loopback.is_loaded(system):
        return
    nodes = system.virtual_nodes()
    if not nodes:
        yield Finding(TOPIC, "devices", "problem", "v4l2loopback is loaded without any device",
                      loopback.reload(system))
    for node in nodes:
        name = system.text(f"/sys/devices/virtual/video4linux/{node}/name")
        if system.path(f"/dev/{node}").exists():
            yield Finding(TOPIC, f"/dev/{node}", "ok", f"apps list it as “{name}”" if name else "present")
        else:
            yield Finding(TOPIC, f"/dev/{node}", "problem", "the module has it, but it is missing under /dev",
                          ("sudo udevadm trigger --subsystem-match=video4linux",))


def exclusive_caps(system: System) -> Iterator[Finding]:
    """Chrome and what is built on it list only devices that do not offer to be written to."""
    nodes = system.virtual_nodes()
    values = loopback.parameter(system, "exclusive_caps", max(1, len(nodes)))
    if not values:
        return
    without = [node for node, value in zip(nodes, values, strict=False) if value not in _YES]
    if not any(value in _YES for value in values):
        yield Finding(TOPIC, "exclusive_caps", "problem", "not set: Chrome and apps built on it do not list the camera",
                      loopback.reload(system))
    elif without:
        yield Finding(TOPIC, "exclusive_caps", "warning", f"not set for {', '.join(without)}: Chrome and apps built on "
                      "it do not list that one", loopback.reload(system))
    else:
        yield Finding(TOPIC, "exclusive_caps", "ok", "set, as Chrome and apps built on it need it")


def version(system: System) -> Iterator[Finding]:
    """What is known to go wrong with this version."""
    if not loopback.is_loaded(system):
        return
    told = loopback.version(system)
    if loopback.is_old(system):
        yield _too_old(system, told)
    elif loopback.number(told) >= _ONE_READER:
        yield Finding(TOPIC, "viewers", "ok", f"one app at a time can watch a device of version {told}; for several "
                      "apps load v4l2loopback with devices=2 and feed both: --sink virtualcam:/dev/videoN")


def _too_old(system: System, told: str) -> Finding:
    old = told if told and loopback.number(told) < loopback.FIRST_WITH_VERSION else "older than 0.13"
    nodes = system.virtual_nodes()
    values = loopback.parameter(system, "exclusive_caps", max(1, len(nodes)))
    if not any(value in _YES for value in values):
        return Finding(TOPIC, "version", "ok", f"{old}: with exclusive_caps=1 its devices work once only; "
                       "from 0.13 on they work again and again")
    upgrade = install_loopback(system)
    return Finding(TOPIC, "version", "warning", f"{old}: once virtualcam: has stopped, the device is dead until the "
                   f"module is loaded again; from 0.13 on it is not{loopback.other_sink()}",
                   (*upgrade, *loopback.reload(system)))


def at_start(system: System) -> Iterator[Finding]:
    """Whether the module is there again after a restart."""
    built = loopback.files(system, system.kernel())
    if not built and not loopback.is_loaded(system):
        return
    lists = [*system.glob("/etc/modules-load.d/*.conf"), *system.glob("/usr/lib/modules-load.d/*.conf"),
             *system.glob("/run/modules-load.d/*.conf"), system.path("/etc/modules")]
    named = any("v4l2loopback" in line.split("#")[0] for path in lists if path.is_file()
                for line in path.read_text(encoding="utf-8", errors="replace").splitlines())
    if named:
        yield Finding(TOPIC, "at start-up", "ok", "loaded by itself")
    else:
        yield Finding(TOPIC, "at start-up", "warning", "after a restart the virtual camera will be missing",
                      loopback.keep(system))


KERNEL = Topic(TOPIC, (module, secure_boot, devices, exclusive_caps, version, at_start), ("linux",),
               "v4l2loopback is for Linux")
