"""Publishing on an RTMP server: handshake, commands, and answers to what it asks (RTMP 1.0, sections 5.2 and 7)."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Mapping

from vcam.address import Address
from vcam.errors import SinkError
from vcam.sinks.stream.amf import Value, decoded, encoded
from vcam.sinks.stream.rtmp_chunks import CHUNK_BYTES, Assembler, Kind, Message, cut
from vcam.sinks.stream.wire import CONNECT_SECONDS, Wire

_CONTROL, _COMMANDS, _MEDIA = 2, 3, 4  # channels
_VERSION, _HANDSHAKE_BYTES = 3, 1536
_WINDOW = 2_500_000
_PING, _PONG = 6, 7
_PRODUCT = "FMLE/3.0 (compatible; vcam)"


class Session:
    """Connects, and is publishing once it is made.

    Args:
        address: its path is the application and, behind the last slash, the stream key.

    Raises:
        SinkError: the server refuses; says in its words why.
        OSError: nobody answers.
        ValueError: what answers does not speak RTMP.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._application, _, self._key = address.target.lstrip("/").rpartition("/")
        if "?" in address.target:  # a slash in the query is none of the path
            path, _, query = address.target.partition("?")
            self._application, _, key = path.lstrip("/").rpartition("/")
            self._key = f"{key}?{query}"
        self._assembler = Assembler()
        self._acknowledged = 0
        self._window = _WINDOW
        self._turn = 0
        self._stream = 0
        self._answers: dict[float, list[Value]] = {}
        self._status: Mapping[str, Value] = {}
        self._wire = Wire(address, encrypted=address.scheme == "rtmps")
        try:
            self._shake_hands()
            self._publish()
        except BaseException:
            self._wire.close()
            raise

    def send(self, messages: list[Message]) -> None:
        """Send pictures and sound, after reading what the server says.

        Raises:
            SinkError: the server has ended the stream.
            OSError: the connection is lost.
        """
        self._listen(self._wire.received())
        if self._status.get("level") == "error":
            raise self._refused(self._status)
        self._wire.send(b"".join(cut(Message(message.kind, message.data, self._stream, message.milliseconds), _MEDIA)
                                 for message in messages))

    def close(self) -> None:
        """Say good-bye, and hang up."""
        try:
            self._command("FCUnpublish", None, self._key)
            self._command("deleteStream", None, self._stream)
        except OSError:
            return
        finally:
            self._wire.close()

    def _shake_hands(self) -> None:
        ours = bytes(8) + os.urandom(_HANDSHAKE_BYTES - 8)
        self._wire.send(bytes([_VERSION]) + ours)
        told = b""
        while len(told) < 1 + 2 * _HANDSHAKE_BYTES:
            told += self._wire.receive()
            if told[0] != _VERSION:
                raise ValueError("what answers there does not speak RTMP")
        self._wire.send(told[1:1 + _HANDSHAKE_BYTES])
        self._listen(told[1 + 2 * _HANDSHAKE_BYTES:])

    def _publish(self) -> None:
        address = self._address
        self._control(Kind.CHUNK_SIZE, struct.pack(">I", CHUNK_BYTES))
        location = f"{address.scheme}://{address.authority}/{self._application}"
        self._ask("connect", {"app": self._application, "type": "nonprivate", "flashVer": _PRODUCT, "tcUrl": location})
        self._control(Kind.WINDOW, struct.pack(">I", _WINDOW))
        self._command("releaseStream", None, self._key)
        self._command("FCPublish", None, self._key)
        answer = self._ask("createStream", None)
        self._stream = int(answer[-1]) if answer and isinstance(answer[-1], float) else 1
        self._command("publish", None, self._key, "live", stream=self._stream)
        deadline = time.monotonic() + CONNECT_SECONDS
        while not self._status:
            self._wait_for_more(deadline)
        if self._status.get("level") == "error":
            raise self._refused(self._status)

    def _ask(self, command: str, *arguments: Value) -> list[Value]:
        """Send a command and wait for its answer."""
        turn = self._command(command, *arguments)
        deadline = time.monotonic() + CONNECT_SECONDS
        while turn not in self._answers:
            self._wait_for_more(deadline)
        return self._answers.pop(turn)

    def _command(self, command: str, *arguments: Value, stream: int = 0) -> float:
        self._turn += 1
        data = encoded(command, self._turn, *arguments)
        self._wire.send(cut(Message(Kind.COMMAND, data, stream), _COMMANDS))
        return float(self._turn)

    def _control(self, kind: Kind, data: bytes) -> None:
        self._wire.send(cut(Message(kind, data), _CONTROL))

    def _wait_for_more(self, deadline: float) -> None:
        if time.monotonic() > deadline:
            raise TimeoutError("the server does not answer")
        self._listen(self._wire.receive())

    def _listen(self, data: bytes) -> None:
        for message in self._assembler.take(data):
            if message.kind == Kind.COMMAND:
                self._hear(decoded(message.data))
            elif message.kind == Kind.WINDOW:
                self._window = max(int.from_bytes(message.data[:4], "big"), 1)
            elif message.kind == Kind.USER_CONTROL and int.from_bytes(message.data[:2], "big") == _PING:
                self._control(Kind.USER_CONTROL, struct.pack(">H", _PONG) + message.data[2:6])
        if self._assembler.received - self._acknowledged > self._window // 2:
            self._acknowledged = self._assembler.received
            self._control(Kind.ACKNOWLEDGEMENT, struct.pack(">I", self._acknowledged % (1 << 32)))

    def _hear(self, words: list[Value]) -> None:
        told = next((word for word in reversed(words) if isinstance(word, Mapping)), {})
        turn = words[1] if len(words) > 1 and isinstance(words[1], float) else 0.0
        if words[:1] == ["_error"]:
            if self._is_needed(turn):
                raise self._refused(told)
        elif words[:1] == ["_result"]:
            self._answers[turn] = words[2:]
        elif words[:1] == ["onStatus"]:
            self._status = told

    def _is_needed(self, turn: float) -> bool:
        """Whether an error counts: many servers do not know ``releaseStream`` and ``FCPublish``."""
        return turn not in (2.0, 3.0)

    def _refused(self, told: Mapping[str, Value]) -> SinkError:
        words = " ".join(str(told[name]) for name in ("code", "description") if told.get(name))
        return SinkError(f"{self._address.shown} refuses the stream: {words or 'it does not say why'}",
                         "check the application and the stream key in the address")
