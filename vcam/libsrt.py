"""SRT through the system's libsrt, as far as vcam needs it: live messages as a caller or as a listener.

PyAV's wheels come without SRT. On Debian the library is the package libsrt1.5-gnutls (srt-tools brings it).
"""

from __future__ import annotations

import ctypes
import ctypes.util
import socket
import struct
import sys
from functools import cache
from typing import Any

from vcam.address import Address
from vcam.errors import UsageError, VcamError

MESSAGE_BYTES = 7 * 188
_NAMES = ("libsrt-gnutls.so.1.5", "libsrt-openssl.so.1.5", "libsrt.so.1.5", "libsrt-gnutls.so.1.4",
          "libsrt-openssl.so.1.4", "libsrt.so.1.4", "libsrt.1.5.dylib", "srt.dll")
_FAILED = -1
_AGAIN = (6001, 6002)  # nothing can be sent, nothing has come
_TIMED_OUT = 6003
_QUIET = 2  # critical, as syslog counts

# Options of a socket, by libsrt's numbers.
_SEND_WAITS, _RECEIVE_WAITS, _LINGER, _SEND_PATIENCE, _RECEIVE_PATIENCE = 1, 2, 7, 13, 14
_LATENCY, _PASSPHRASE, _KEY_BYTES, _CONNECT_PATIENCE, _STREAM_NAME, _IDLE_PATIENCE = 23, 26, 27, 36, 46, 55
PATIENCE_MS = 4000
DEFAULT_LATENCY_MS = 120
_KNOWN = ("mode", "latency", "passphrase", "pbkeylen", "streamid")


class SrtError(OSError):
    """SRT's own word for what went wrong."""


class _Linger(ctypes.Structure):
    _fields_ = (("on", ctypes.c_int), ("seconds", ctypes.c_int))


@cache
def library() -> Any:
    """The library, started.

    Raises:
        VcamError: it is not on this machine (says what to install).
    """
    for name in (*_NAMES, ctypes.util.find_library("srt") or "", ctypes.util.find_library("srt-gnutls") or ""):
        try:
            found = ctypes.CDLL(name) if name else None
        except OSError:
            continue
        if found is not None:
            found.srt_getlasterror_str.restype = found.srt_rejectreason_str.restype = ctypes.c_char_p
            found.srt_startup()
            found.srt_setloglevel(_QUIET)
            return found
    raise VcamError("SRT needs the library libsrt, which is not on this machine",
                    "sudo apt install libsrt1.5-gnutls" if sys.platform == "linux" else "install srt (libsrt)")


def check_srt(address: Address) -> None:
    """Raise UsageError unless the query is one that vcam understands."""
    query = address.query
    for name in query.keys() - set(_KNOWN):
        raise UsageError(f"'{address.shown}': SRT has no option '{name}' here", f"known: {', '.join(_KNOWN)}")
    if query.get("mode", "caller") not in ("caller", "listener"):
        raise UsageError(f"'{address.shown}': mode '{query['mode']}' is neither caller nor listener",
                         "try ?mode=listener")
    if not query.get("latency", "0").isdigit() or query.get("pbkeylen", "16") not in ("16", "24", "32"):
        raise UsageError(f"'{address.shown}': latency is milliseconds, pbkeylen 16, 24 or 32", "try ?latency=200")
    if not 10 <= len(query.get("passphrase", "a passphrase")) <= 79:
        raise UsageError(f"'{address.shown}': SRT's passphrase has 10 to 79 characters", "choose another one")
    if not address.host and not is_listener(address):
        raise UsageError(f"'{address.shown}' names no host", "try srt://host:9000, or srt://:9000?mode=listener")


def is_listener(address: Address) -> bool:
    """Whether to wait for others to call."""
    return address.query.get("mode") == "listener"


class Connection:
    """One SRT socket. Its calls raise SrtError, a kind of OSError."""

    def __init__(self, handle: int) -> None:
        self._library = library()
        self._handle = handle

    @classmethod
    def called(cls, address: Address) -> Connection:
        """Call whoever listens at ``address``."""
        connection = cls._fresh(address)
        where = _packed(address.host, address.port)
        if connection._library.srt_connect(connection._handle, where, len(where)) == _FAILED:
            reason = connection._library.srt_getrejectreason(connection._handle)
            told = connection._problem()
            connection.close()
            if reason:
                told = SrtError(f"{connection._library.srt_rejectreason_str(reason).decode()}")
            raise told
        return connection

    @classmethod
    def listening(cls, address: Address) -> Connection:
        """Wait for callers at ``address``."""
        connection = cls._fresh(address)
        connection._set(_RECEIVE_WAITS, False)
        where = _packed(address.host or "0.0.0.0", address.port)
        if connection._library.srt_bind(connection._handle, where, len(where)) == _FAILED \
                or connection._library.srt_listen(connection._handle, 8) == _FAILED:
            told = connection._problem()
            connection.close()
            raise told
        return connection

    def accepted(self) -> Connection | None:
        """The next caller, if there is one."""
        handle = self._library.srt_accept(self._handle, None, None)
        if handle == _FAILED:
            if self._error_number() in _AGAIN:
                return None
            raise self._problem()
        caller = Connection(handle)
        caller._set(_RECEIVE_WAITS, True)
        caller._set_patience()
        return caller

    def send(self, message: bytes) -> None:
        """Send up to ``MESSAGE_BYTES``; waits while the buffer is full."""
        if self._library.srt_send(self._handle, message, len(message)) == _FAILED:
            raise self._problem()

    def receive(self) -> bytes:
        """The next message, waited for."""
        data = ctypes.create_string_buffer(MESSAGE_BYTES)
        count = self._library.srt_recv(self._handle, data, MESSAGE_BYTES)
        if count == _FAILED:
            raise self._problem()
        return data.raw[:count]

    def close(self) -> None:
        """May be called twice."""
        self._library.srt_close(self._handle)

    @classmethod
    def _fresh(cls, address: Address) -> Connection:
        connection = cls(library().srt_create_socket())
        query = address.query
        connection._set_patience()
        connection._set(_CONNECT_PATIENCE, PATIENCE_MS)
        connection._set(_LATENCY, int(query.get("latency", DEFAULT_LATENCY_MS)))
        if "passphrase" in query:
            connection._set(_KEY_BYTES, int(query.get("pbkeylen", 16)))
            connection._set_text(_PASSPHRASE, query["passphrase"])
        if "streamid" in query:
            connection._set_text(_STREAM_NAME, query["streamid"])
        return connection

    def _set_patience(self) -> None:
        for option in (_SEND_PATIENCE, _RECEIVE_PATIENCE, _IDLE_PATIENCE):
            self._set(option, PATIENCE_MS)
        linger = _Linger(0, 0)
        self._library.srt_setsockflag(self._handle, _LINGER, ctypes.byref(linger), ctypes.sizeof(linger))

    def _set(self, option: int, value: int) -> None:
        number = ctypes.c_bool(value) if isinstance(value, bool) else ctypes.c_int(value)
        self._library.srt_setsockflag(self._handle, option, ctypes.byref(number), ctypes.sizeof(number))

    def _set_text(self, option: int, text: str) -> None:
        data = text.encode()
        if self._library.srt_setsockflag(self._handle, option, data, len(data)) == _FAILED:
            raise self._problem()

    def _error_number(self) -> int:
        return int(self._library.srt_getlasterror(None))

    def _problem(self) -> SrtError:
        if self._error_number() == _TIMED_OUT:
            return SrtError(f"nothing for {PATIENCE_MS // 1000} seconds")
        return SrtError(self._library.srt_getlasterror_str().decode("utf-8", "replace"))


def _packed(host: str, port: int) -> bytes:
    """The address as the system's calls want it (struct sockaddr)."""
    family, _, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    number = socket.inet_pton(family, str(where[0]))
    inner = struct.pack("!H", port) + (number + bytes(8) if family == socket.AF_INET else bytes(4) + number + bytes(4))
    if sys.platform == "darwin":
        return bytes([2 + len(inner), family]) + inner
    return struct.pack("=H", family) + inner
