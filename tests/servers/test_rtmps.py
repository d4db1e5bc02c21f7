"""RTMP inside TLS, and certificates that are not to be trusted."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading  # noqa: TID251
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.servers.film import SMALL, Film, shown
from tests.servers.stage import Stage
from tests.servers.test_streams import good, running, wait_until
from tests.servers.watch import Viewer
from vcam.errors import SinkError
from vcam.sinks import make_sink


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    key, found = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={name}",
                    "-addext", f"subjectAltName=IP:{name}", "-keyout", str(key), "-out", str(found)],
                   check=True, capture_output=True)
    return key, found


class Tunnel:
    """Takes TLS at a port, and passes what is inside on to another port."""

    def __init__(self, to: int, key: Path, found: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(found, key)
        self._listener = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True)
        self.port = int(self._listener.getsockname()[1])
        self._to = to
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                inner, _ = self._listener.accept()
            except ssl.SSLError:
                continue
            except OSError:
                return
            outer = socket.create_connection(("127.0.0.1", self._to))
            for source, target in ((inner, outer), (outer, inner)):
                threading.Thread(target=_pump, args=(source, target), daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def tunnel(stage_of: Callable[..., Stage], tmp_path: Path) -> Iterator[tuple[Tunnel, Stage, Path]]:
    stage = stage_of("rtmp")
    assert stage.server is not None
    key, found = certificate(tmp_path, "127.0.0.1")
    made = Tunnel(stage.server.port, key, found)
    yield made, stage, found
    made.close()


def test_a_stream_goes_through_tls(tunnel: tuple[Tunnel, Stage, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    made, stage, found = tunnel
    monkeypatch.setenv("SSL_CERT_FILE", str(found))
    with running(shown(Film(SMALL), [make_sink(f"rtmps://127.0.0.1:{made.port}/live/key")])) as run:
        wait_until(run, lambda sink: sink.sent > 10, "the stream begins")
        assert len(good(Viewer(stage.watched, 2).result())) > 20


def test_a_certificate_of_nobody_is_refused(tunnel: tuple[Tunnel, Stage, Path]) -> None:
    made, _, _ = tunnel
    sink = make_sink(f"rtmps://127.0.0.1:{made.port}/live/key")
    with pytest.raises(SinkError, match=r"is not to be trusted: .*certificate – .*SSL_CERT_FILE"):
        sink.open(Film(SMALL).output)
