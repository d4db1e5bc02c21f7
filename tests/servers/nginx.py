"""nginx with its RTMP module, on loopback, as a process of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

MODULE = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")

_CONFIGURATION = """
load_module {module};
daemon off; master_process off; worker_processes 1; user root;
error_log {folder}/error.log info; pid {folder}/nginx.pid;
events {{ worker_connections 64; }}
rtmp {{ server {{ listen 127.0.0.1:{port}; chunk_size 4096;
    application live {{ live on; wait_key on; wait_video on; }} }} }}
"""


def missing() -> str:
    """What keeps the server from running here, or empty."""
    absent = [package for package, there in (("nginx-light", shutil.which("nginx")),
                                             ("libnginx-mod-rtmp", MODULE.exists())) if not there]
    return f"not installed: {', '.join(absent)}" if absent else ""


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port of 127.0.0.1 that nobody had a moment ago."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, seconds: float = 10) -> None:
    """Wait until somebody listens there."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < deadline, f"nobody listens on {port}"
            time.sleep(0.02)
        else:
            return


class Server:
    """A process that listens on a port. Subclasses say which."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = folder
        self.port = port or free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def start(self) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(self.command(), stdout=log, stderr=log, start_new_session=True)
        wait_for_port(self.port)

    def kill(self) -> None:
        """As in a crash."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        """It keeps its connections, and does nothing."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)


class RtmpServer(Server):
    """Takes streams in the application ``live`` and hands them out again."""

    def command(self) -> list[str]:
        file = self.folder / "nginx.conf"
        file.write_text(_CONFIGURATION.format(module=MODULE, folder=self.folder, port=self.port))
        return ["nginx", "-p", str(self.folder), "-e", str(self.folder / "error.log"), "-c", str(file)]
