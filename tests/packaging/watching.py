"""A program under strace, in a home of its own: whom it speaks to, and what it leaves behind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.packaging.conftest import ROOT

# Looking a name up needs one of these.
_NAMES = ("/etc/resolv.conf", "/etc/hosts", "/nscd/socket", "io.systemd.Resolve", "/avahi-daemon/socket")
_CALL = re.compile(r"^\d+ +(?:<\.\.\. )?(\w+)")
# Where a reporting library would be silent, a test would prove nothing.
_SILENCING = ("CI", "ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS", "DO_NOT_TRACK", "NO_PROXY")


@dataclass(frozen=True)
class Watched:
    """What was seen. ``contacts``: lines of strace; ``left``: files in the home, relative to it."""

    returncode: int
    stderr: str
    contacts: list[str]
    left: list[str]


def watch(*command: str, folder: Path, seconds: float = 300, before: tuple[str, ...] = ()) -> Watched:
    """Run Python with ``command``; it may listen on this machine, but call nobody."""
    log, home = folder / "calls", folder / "home"
    home.mkdir()
    environment = {name: value for name, value in os.environ.items()
                   if name not in _SILENCING and not name.startswith("XDG_") and not name.lower().endswith("_proxy")}
    done = subprocess.run(
        [*before, "strace", "-f", "-qq", "-e", "trace=%network,open,openat", "-e", "signal=none", "-s", "200", "-o",
         str(log), sys.executable, *command], cwd=ROOT, env={**environment, "HOME": str(home)}, capture_output=True,
        text=True, timeout=seconds, check=False)
    contacts = [line for line in log.read_text(errors="replace").splitlines() if _is_contact(line)]
    left = sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file())
    return Watched(done.returncode, done.stderr, contacts, left)


def _is_contact(line: str) -> bool:
    call = _CALL.match(line)
    if call is None:
        return False
    if any(name in line for name in _NAMES):
        return True
    return call[1] in ("connect", "sendto", "sendmsg", "sendmmsg") and "AF_INET" in line
