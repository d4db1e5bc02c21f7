"""vcam itself as a process of its own, headless, with the film for a camera."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[2]


def environment(folder: Path) -> dict[str, str]:
    """Kept apart from the user's own vcam, and with a plugin that brings the source ``film:``."""
    plugin = folder / "plugins" / "vcam_film-1.dist-info"
    plugin.mkdir(parents=True, exist_ok=True)
    (plugin / "METADATA").write_text("Metadata-Version: 2.1\nName: vcam-film\nVersion: 1\n")
    (plugin / "entry_points.txt").write_text("[vcam.sources]\nfilm = tests.servers.film:film\n")
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(plugin.parent), str(PROJECT))),
            "VCAM_STATE_FOLDER": str(folder / "state"), "VCAM_SOCKET_FOLDER": str(folder / "run"),
            "VCAM_CONFIG": str(folder / "none.toml")}


class Product:
    """``vcam run --headless`` with these words behind it."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.folder = folder
        self._environment = environment(folder)
        (folder / "none.toml").touch()
        with (folder / "vcam.log").open("w") as log:
            self.process = subprocess.Popen([sys.executable, "-m", "vcam", "run", "--headless", "--panel", "off",
                                             *words], cwd=PROJECT, env=self._environment, stdout=log, stderr=log,
                                            start_new_session=True)

    def state(self) -> dict[str, Any]:
        """What ``vcam status --json`` says."""
        from vcam.control import remote

        before = {name: os.environ.get(name) for name in self._environment}
        os.environ.update(self._environment)
        try:
            return remote.status()
        finally:
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value

    def wait_until_live(self, seconds: float = 60) -> dict[str, Any]:
        """Wait until every sink is sent pictures."""
        from vcam.errors import VcamError

        deadline = time.monotonic() + seconds
        while True:
            try:
                state = self.state()
                if state["run"]["sinks"] and all(sink["sent"] for sink in state["run"]["sinks"]):
                    return state
            except VcamError:
                pass
            assert time.monotonic() < deadline and self.process.poll() is None, self.log()
            time.sleep(0.1)

    def usage(self) -> dict[str, float]:
        """Memory (MiB), processor time (s), descriptors and threads."""
        root = Path(f"/proc/{self.process.pid}")
        lines = dict(line.split(":", 1) for line in (root / "status").read_text().splitlines())
        ticks = (root / "stat").read_text().rpartition(")")[2].split()
        return {"rss_mb": int(lines["VmRSS"].split()[0]) / 1024, "threads": int(lines["Threads"]),
                "fds": len(list((root / "fd").iterdir())),
                "cpu_s": (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")}

    def log(self) -> str:
        return (self.folder / "vcam.log").read_text()

    def stop(self) -> int:
        """As a service manager does; the exit code."""
        self.process.terminate()
        return self.process.wait(60)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
