"""GStreamer's RTSP server, on loopback, as a process of its own."""

from __future__ import annotations

import socket
import subprocess
from functools import cache
from pathlib import Path

from tests.servers.nginx import Server, free_port

_PYTHON = Path("/usr/bin/python3")
_PARTS = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"


@cache
def missing() -> str:
    """What keeps the server from running here, or empty."""
    if not _PYTHON.exists() or subprocess.run([_PYTHON, "-c", _PARTS], capture_output=True, check=False).returncode:
        return "not installed: python3-gi, gir1.2-gst-rtsp-server-1.0"
    for package, part in (("gstreamer1.0-plugins-good", "rtph264depay"), ("gstreamer1.0-plugins-bad", "mpegtsmux")):
        if subprocess.run(["gst-inspect-1.0", part], capture_output=True, check=False).returncode:
            return f"not installed: {package}"
    return ""


class RtspServer(Server):
    """Takes a recording at ``/vcam`` or, with sound, ``/sounding``, which can be watched at ``watched`` and heard at
    ``heard``; plays ``fed`` at ``/camera``.

    Args:
        account: name and password that whoever records must know.
    """

    def __init__(self, folder: Path, account: tuple[str, ...] = ()) -> None:
        super().__init__(folder)
        self._forward = free_port(socket.SOCK_DGRAM)
        self._account = account

    @property
    def watched(self) -> str:
        return f"udp://127.0.0.1:{self._forward}"

    @property
    def heard(self) -> str:
        return f"udp://127.0.0.1:{self._forward + 2}"

    @property
    def fed(self) -> str:
        return f"udp://127.0.0.1:{self._forward + 1}"

    def command(self) -> list[str]:
        program = Path(__file__).with_name("rtsp_program.py")
        return [str(_PYTHON), str(program), str(self.port), str(self._forward), *self._account]
