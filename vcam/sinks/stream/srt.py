"""SRT: a transport stream to whoever listens, or for whoever calls.

SRT itself drops what is too late for its latency, so a bad line costs pictures and never adds delay.
"""

from __future__ import annotations

from typing import Any

from vcam.address import parse_address
from vcam.errors import SinkError, VcamError
from vcam.frame import Rendered
from vcam.libsrt import Connection, SrtError, check_srt, is_listener, library
from vcam.sinks import OutputFormat
from vcam.sinks.stream.base import StreamSink
from vcam.sinks.stream.udp import TransportWay


class SrtSink(StreamSink):
    """Calls a listener or, with ``?mode=listener``, lets players call.

    Args:
        argument: ``//host:port`` with ``?latency=MS``, ``passphrase``, ``pbkeylen``, ``streamid`` and ``mode``.

    Raises:
        UsageError: not of that form.
    """

    def __init__(self, argument: str) -> None:
        self._address = parse_address("srt", argument, "srt://127.0.0.1:9000", needs_host=False)
        check_srt(self._address)
        self._callers: _Callers | None = None
        super().__init__(self._address.shown)

    def connect(self, output: OutputFormat, with_sound: bool) -> TransportWay:
        try:
            library()
        except VcamError as error:
            raise SinkError(error.message, error.hint) from error
        if is_listener(self._address):
            carrier: Any = _Callers(Connection.listening(self._address))
            self._callers = carrier
        else:
            carrier = Connection.called(self._address)
        try:
            return TransportWay(self, carrier, output, with_sound)
        except BaseException:
            carrier.close()
            raise

    def send(self, picture: Rendered) -> None:
        if self._callers is not None and self._callers.welcome():
            self.wants_keyframe = True
        super().send(picture)

    @property
    def watchers(self) -> int | None:
        """Who calls can be counted; of a listener elsewhere nobody can tell."""
        return len(self._callers) if self._callers is not None else None

    @property
    def note(self) -> str:
        return f"SRT players can call {self.name}" if self._callers is not None and self._way else super().note

    def close(self) -> None:
        self._callers = None
        super().close()


class _Callers:
    """Sends to all who have called; one that is lost is forgotten."""

    def __init__(self, listener: Connection) -> None:
        self._listener = listener
        self._callers: list[Connection] = []

    def __len__(self) -> int:
        return len(self._callers)

    def welcome(self) -> bool:
        """Let in who waits; whether there was anybody."""
        before = len(self._callers)
        while (caller := self._listener.accepted()) is not None:
            self._callers.append(caller)
        return len(self._callers) > before

    def send(self, message: bytes) -> None:
        for caller in tuple(self._callers):
            try:
                caller.send(message)
            except SrtError:
                self._callers.remove(caller)
                caller.close()

    def close(self) -> None:
        for connection in (*self._callers, self._listener):
            connection.close()
