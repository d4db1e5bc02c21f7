"""AMF0, the notation of RTMP's commands: numbers, booleans, text, null, and objects of these."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping

Value = float | bool | str | None | Mapping[str, "Value"] | list["Value"]

_NUMBER, _BOOLEAN, _TEXT, _OBJECT, _NULL, _UNDEFINED, _MAP, _END, _LIST, _DATE, _LONG_TEXT = (
    0, 1, 2, 3, 5, 6, 8, 9, 10, 11, 12)
_LONGEST_TEXT = 0xFFFF


def encoded(*values: Value) -> bytes:
    """The values one behind the other."""
    return b"".join(_one(value) for value in values)


def decoded(data: bytes) -> list[Value]:
    """All values in ``data``.

    Raises:
        ValueError: it breaks off, or holds something else.
    """
    reader = _Reader(data)
    found = []
    try:
        while not reader.is_done:
            found.append(reader.value())
    except (struct.error, IndexError) as error:
        raise ValueError("a command breaks off") from error
    return found


def _one(value: Value) -> bytes:
    if value is None:
        return bytes([_NULL])
    if isinstance(value, bool):
        return bytes([_BOOLEAN, value])
    if isinstance(value, int | float):
        return struct.pack(">Bd", _NUMBER, value)
    if isinstance(value, str):
        text = value.encode()
        if len(text) > _LONGEST_TEXT:
            return struct.pack(">BI", _LONG_TEXT, len(text)) + text
        return bytes([_TEXT]) + _short(value)
    assert isinstance(value, Mapping), f"RTMP's commands hold no {type(value).__name__}"
    members = b"".join(_short(name) + _one(member) for name, member in value.items())
    return bytes([_OBJECT]) + members + _short("") + bytes([_END])


def _short(text: str) -> bytes:
    data = text.encode()
    return struct.pack(">H", len(data)) + data


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def is_done(self) -> bool:
        return self._at >= len(self._data)

    def value(self) -> Value:
        kind = self._unpack(">B")
        readers: dict[int, Callable[[], Value]] = {
            _NUMBER: self._number, _BOOLEAN: lambda: bool(self._unpack(">B")), _TEXT: lambda: self._text(">H"),
            _LONG_TEXT: lambda: self._text(">I"), _OBJECT: self._members, _MAP: self._map, _LIST: self._list,
            _DATE: self._date, _NULL: lambda: None, _UNDEFINED: lambda: None}
        if kind not in readers:
            raise ValueError(f"a command holds something of the unknown kind {kind}")
        return readers[kind]()

    def _number(self) -> Value:
        return float(self._unpack(">d"))

    def _map(self) -> Value:
        self._unpack(">I")
        return self._members()

    def _list(self) -> Value:
        return [self.value() for _ in range(self._unpack(">I"))]

    def _date(self) -> Value:
        return float(struct.unpack(">dh", self._take(10))[0])

    def _members(self) -> Value:
        found: dict[str, Value] = {}
        while True:
            name = self._text(">H")
            if self._data[self._at] == _END:
                self._at += 1
                return found
            found[name] = self.value()

    def _text(self, length: str) -> str:
        return self._take(self._unpack(length)).decode("utf-8", "replace")

    def _unpack(self, layout: str) -> int:
        number: int = struct.unpack(layout, self._take(struct.calcsize(layout)))[0]
        return number

    def _take(self, count: int) -> bytes:
        if self._at + count > len(self._data):
            raise IndexError
        self._at += count
        return self._data[self._at - count:self._at]
