"""``vcam run --headless`` as a service manager sees it: a process, its signals, its words and its exit code."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers.nginx import free_port
from vcam.app import service as service_module
from vcam.app.service import HUNG_SECONDS, Manager, Pulse
from vcam.engine.status import Phase, RunStatus

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="services are systemd's here")


class Service:
    """vcam, started as systemd starts it: a socket to tell how it goes, and standard error to the journal."""

    def __init__(self, folder: Path, configuration: str = "") -> None:
        self.folder = folder
        self._home = tempfile.TemporaryDirectory(prefix="vcam-")  # a socket's path must be short
        self.told: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(f"{self._home.name}/notify")
        self._socket.settimeout(0.1)
        self._log = (folder / "journal").open("w+")
        self.configuration = folder / "config.toml"
        self.configuration.write_text(configuration)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *words: str) -> None:
        found = os.fstat(self._log.fileno())
        environment = {**os.environ, "NOTIFY_SOCKET": f"{self._home.name}/notify", "WATCHDOG_USEC": "30000000",
                       "JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}", "VCAM_CONFIG": str(self.configuration),
                       "VCAM_STATE_FOLDER": f"{self._home.name}/state", "VCAM_SOCKET_FOLDER": f"{self._home.name}/run"}
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS"):
            environment.pop(name, None)
        self.process = subprocess.Popen([sys.executable, "-m", "vcam", "run", "--headless", *words], stderr=self._log,
                                        stdout=self._log, env=environment, start_new_session=True)

    def wait_for(self, word: str, found: Callable[[], str]) -> str:
        deadline = time.monotonic() + 60
        while not re.search(word, found()):
            assert time.monotonic() < deadline, f"'{word}' never came: {found()}"
            time.sleep(0.05)
        return found()

    def words(self) -> str:
        """What the manager has been told."""
        try:
            while True:
                self.told.append(self._socket.recv(4096).decode())
        except TimeoutError:
            return "\n".join(self.told)

    def journal(self) -> str:
        return (self.folder / "journal").read_text()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(30)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._socket.close()
        self._log.close()
        self._home.cleanup()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path)
    yield made
    made.close()


def test_the_manager_is_told_of_a_whole_life(service: Service) -> None:
    recording = service.folder / "out.mkv"
    service.configuration.write_text(
        f'source = "test:"\nsize = "320x180"\nbackground = "blur"\nsink = ["{recording}"]\n')
    service.start()
    service.wait_for("READY=1", service.words)
    service.wait_for(r"WATCHDOG=1\nSTATUS=live, \d+ fps", service.words)
    service.configuration.write_text(service.configuration.read_text().replace("blur", "green"))
    assert service.process is not None
    service.process.send_signal(signal.SIGHUP)
    service.wait_for(r"RELOADING=1\nMONOTONIC_USEC=\d+", service.words)
    service.wait_for("the configuration was read again", service.journal)
    service.wait_for("→ green screen", service.journal)
    service.wait_for(r"RELOADING=1[\s\S]*READY=1", service.words)
    assert service.stop() == 0
    assert service.words().splitlines()[-1] == "STOPPING=1"
    assert recording.exists()


def test_every_line_of_the_journal_has_a_priority(service: Service) -> None:
    service.start("--source", "test:", "--size", "320x180", "--sink", "null:",
                  "--sink", f"rtmp://127.0.0.1:{free_port()}/live/SECRET")
    service.wait_for("→ blur", service.journal)
    assert service.stop(signal.SIGINT) == 1  # the stream never began
    lines = service.journal().splitlines()
    problem = next(line for line in lines if "Connection refused" in line)
    assert problem.startswith("<4>stream to rtmp://127.0.0.1")
    assert "SECRET" not in service.journal()
    assert "SECRET" not in service.words()
    assert all(re.match(r"<\d>\S", line) for line in lines), lines
    assert "\x1b" not in service.journal()


def test_a_configuration_that_is_wrong_is_told_and_not_followed(service: Service) -> None:
    service.configuration.write_text('source = "test:"\nsize = "320x180"\nsink = ["null:"]\n')
    service.start()
    service.wait_for("STATUS=live", service.words)
    service.configuration.write_text('source = "test:"\nsize = "320x180"\nsink = ["null:"]\nbackgruond = "green"\n')
    assert service.process is not None
    service.process.send_signal(signal.SIGHUP)
    service.wait_for("<3>the configuration is not followed: unknown setting 'backgruond'", service.journal)
    service.wait_for(r"RELOADING=1[\s\S]*READY=1", service.words)
    assert service.stop() == 0


def test_a_camera_that_is_not_there_yet_is_waited_for(service: Service) -> None:
    service.start("--source", f"http://127.0.0.1:{free_port()}/stream.mjpg", "--size", "320x180", "--sink", "null:")
    service.wait_for("Connection refused; waiting for it", service.journal)
    service.wait_for("READY=1", service.words)
    service.wait_for("WATCHDOG=1", service.words)
    assert service.stop() == 0


@pytest.mark.parametrize(("words", "code", "told"), [
    (["--source", "test:"], 2, "a headless run needs a sink"),
    (["--source", "test:", "--sink", "nonsense:"], 2, "unknown sink"),
    (["--source", "test:", "--sink", "udp://host"], 2, "names no port"),
    (["--source", "test:", "--sink", "/proc/out.mkv"], 1, "Permission denied|cannot be written")])
def test_the_exit_code_tells_whether_trying_again_may_help(service: Service, words: list[str], code: int,
                                                           told: str) -> None:
    service.start(*words)
    assert service.process is not None
    assert service.process.wait(60) == code
    assert re.search(told, service.journal().replace("\n", " "))
    assert "Traceback" not in service.journal()


def test_a_manager_that_reads_nothing_hangs_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(prefix="vcam-") as folder, \
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf:
        deaf.bind(f"{folder}/notify")
        monkeypatch.setenv("NOTIFY_SOCKET", f"{folder}/notify")
        monkeypatch.setattr(service_module, "_PATIENCE_SECONDS", 0.001)
        for _ in range(2000):
            Manager().alive("fine" * 100)


def snapshot(phase: Phase, captured: int, rendered: int) -> RunStatus:
    return RunStatus(phase, "", "s", "b", "1x1", 0, captured, rendered, 0, 0, 0, 0)


def test_a_hung_run_has_no_pulse_and_a_lost_camera_is_no_hang() -> None:
    pulse, step = Pulse(), HUNG_SECONDS / 10
    assert all(pulse.beats(snapshot(Phase.LIVE, n, n), n * step) for n in range(5))
    lost = [pulse.beats(snapshot(Phase.CARD, 5, 5), (5 + n) * step) for n in range(30)]
    assert all(lost)
    hung = [pulse.beats(snapshot(Phase.CARD, 6 + n, 5), (40 + n) * step) for n in range(30)]
    assert hung[0]
    assert not hung[-1]
    assert pulse.beats(snapshot(Phase.LIVE, 60, 6), 90 * step), "it works again"
    assert all(pulse.beats(snapshot(Phase.AWAY, 60 + n, 6), (100 + n) * step) for n in range(30)), "the user is away"
