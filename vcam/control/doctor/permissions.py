"""Whether this user may open the video devices."""

from __future__ import annotations

import re
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from vcam.control.doctor.finding import Finding, Topic
from vcam.control.doctor.system import System

_TOPIC: Final = "Permissions"
_GROUP: Final = "video"


def video_devices(system: System) -> Iterator[Finding]:
    """Every video node, whoever made it."""
    nodes = sorted((path for path in system.path("/dev").glob("video*") if re.fullmatch(r"video\d+", path.name)),
                   key=lambda path: int(path.name[5:]))
    refused = [node for node in nodes if not system.may_use(node)]
    if not nodes:
        yield Finding(_TOPIC, "video devices", "skipped", "there is no /dev/video* to open")
    elif not refused:
        yield Finding(_TOPIC, "video devices", "ok", f"{_names(nodes)} may be used{_why(system, nodes)}")
    else:
        yield _refused(system, refused)


def _refused(system: System, nodes: list[Path]) -> Finding:
    user = system.user()
    said = f"permission denied for {_names(nodes)}"
    if not any(node.stat().st_mode & stat.S_IRWXG for node in nodes):
        return Finding(_TOPIC, "video devices", "problem", f"{said}: only their owner may use them",
                       tuple(f"sudo chgrp {_GROUP} /dev/{node.name} && sudo chmod 660 /dev/{node.name}"
                             for node in nodes))
    # Takes effect at once, and until the device is plugged in again.
    for_now = tuple(f"sudo setfacl -m u:{shlex.quote(user)}:rw /dev/{node.name}" for node in nodes)
    if _GROUP in system.groups():
        return Finding(_TOPIC, "video devices", "problem", f"{said}, although {user} is in group {_GROUP}", for_now)
    if user in _members(system):
        return Finding(_TOPIC, "video devices", "problem", f"{said}: {user} joined group {_GROUP} after this session "
                       "began; log out and in again, or, for now:", for_now)
    return Finding(_TOPIC, "video devices", "problem", f"{said}: {user} is not in group {_GROUP}; log out and in again "
                   "afterwards", (f"sudo usermod -aG {_GROUP} {shlex.quote(user)}",))


def _why(system: System, nodes: list[Path]) -> str:
    """What lets the user in; an access list of the desktop's session ends with it."""
    world = all(node.stat().st_mode & 0o006 == 0o006 for node in nodes)
    if world or _GROUP in system.groups() or system.user() == "root":
        return ""
    return f", as long as you are logged in at this machine (for services and ssh: group {_GROUP})"


def _members(system: System) -> list[str]:
    for line in system.text("/etc/group").splitlines():
        name, _, rest = line.partition(":")
        if name == _GROUP:
            return rest.rpartition(":")[2].split(",")
    return []


def _names(nodes: list[Path]) -> str:
    return ", ".join(f"/dev/{node.name}" for node in nodes)


PERMISSIONS = Topic(_TOPIC, (video_devices,), ("linux",), "this system asks the user itself when a program opens a "
                    "camera")
