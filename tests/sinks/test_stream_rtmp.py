"""RTMP's notation and chunks."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcam.errors import UsageError
from vcam.sinks import make_sink
from vcam.sinks.stream.amf import decoded, encoded
from vcam.sinks.stream.rtmp import Tags
from vcam.sinks.stream.rtmp_chunks import CHUNK_BYTES, Assembler, Kind, Message, cut

TEXT = st.text(max_size=20)
VALUES = st.recursive(st.none() | st.booleans() | st.floats(allow_nan=False) | TEXT,
                      lambda inner: st.dictionaries(TEXT.filter(bool), inner, max_size=4), max_leaves=8)
# Lengths around the chunk sizes of both ways, and times around the place where they no longer fit into 24 bits.
LENGTHS = st.sampled_from([0, 1, 127, 128, 129, 4095, 4096, 4097, 20_000])
TIMES = st.sampled_from([0, 1, 0xFFFFFE, 0xFFFFFF, 0x1000000, 0xFFFFFFFF])


@given(st.lists(VALUES, max_size=4))
def test_what_is_written_is_read(values: list[object]) -> None:
    assert decoded(encoded(*values)) == values  # type: ignore[arg-type]


def test_a_command_looks_as_the_standard_says() -> None:
    assert encoded("connect", 1, {"app": "live"}) == (
        b"\x02\x00\x07connect" b"\x00\x3f\xf0\x00\x00\x00\x00\x00\x00" b"\x03\x00\x03app\x02\x00\x04live\x00\x00\x09")


@pytest.mark.parametrize("data", [b"\x02\x00\x09conn", b"\x00\x3f", b"\x03\x00\x03app", b"\x0f"])
def test_a_broken_command_is_told(data: bytes) -> None:
    with pytest.raises(ValueError, match="a command"):
        decoded(data)


def messages_in(pieces: Iterable[bytes]) -> list[tuple[int, bytes, int]]:
    """What an assembler that knows our chunks' size makes of them."""
    assembler = Assembler()
    list(assembler.take(cut(Message(Kind.CHUNK_SIZE, CHUNK_BYTES.to_bytes(4, "big")), 2)))
    return [(message.kind, message.data, message.stream) for piece in pieces for message in assembler.take(piece)]


@given(st.lists(st.tuples(LENGTHS, TIMES), min_size=1, max_size=4), st.lists(st.integers(0, 90_000), max_size=30))
def test_messages_come_back_from_chunks_however_they_arrive(wanted: list[tuple[int, int]], cuts: list[int]) -> None:
    messages = [Message(Kind.VIDEO, bytes(turn + at % 251 for at in range(length)), 1, time)
                for turn, (length, time) in enumerate(wanted)]
    data = b"".join(cut(message, 4) for message in messages)
    pieces = [data[at:end] for at, end in itertools.pairwise([0, *sorted(cuts), len(data)])]
    assert messages_in(pieces) == [(message.kind, message.data, message.stream) for message in messages]


def test_messages_come_back_byte_by_byte() -> None:
    data = cut(Message(Kind.VIDEO, b"early", 1, 5), 4) + cut(Message(Kind.VIDEO, b"late", 1, 0x1000000), 4)
    assert messages_in(bytes([byte]) for byte in data) == [(Kind.VIDEO, b"early", 1), (Kind.VIDEO, b"late", 1)]


def test_a_late_time_has_a_place_of_its_own_in_every_chunk() -> None:
    chunks = cut(Message(Kind.VIDEO, bytes(5000), 1, 0x1000000), 4)
    assert chunks[1:4] == b"\xff\xff\xff"
    assert chunks[12:16] == b"\x01\x00\x00\x00"
    assert chunks[16 + 4096:][:5] == b"\xc4\x01\x00\x00\x00"


def test_short_headers_of_a_server_are_understood() -> None:
    assembler = Assembler()
    first = b"\x03" + bytes(3) + (2).to_bytes(3, "big") + bytes([Kind.COMMAND]) + bytes(4) + b"ab"
    same_stream = b"\x43" + bytes(3) + (3).to_bytes(3, "big") + bytes([Kind.COMMAND]) + b"cde"
    same_all = b"\xc3" + b"fgh"
    told = list(assembler.take(first + same_stream + same_all))
    assert [message.data for message in told] == [b"ab", b"cde", b"fgh"]


def test_tags_become_messages_only_when_they_are_whole() -> None:
    tags = Tags()
    tags.write(b"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00" + b"\x09\x00\x00\x03\x00\x00\x28\x01\x00\x00\x00ab")
    assert tags.taken() == []
    tags.write(b"c\x00\x00\x00\x0e")
    assert tags.taken() == [Message(Kind.VIDEO, b"abc", 0, 0x01000028)]


@pytest.mark.parametrize("address", ["rtmp://host", "rtmp://host/live", "rtmp:", "rtmp://:99/live/key",
                                     "rtmp://host:port/live/key", "rtmps://host/key/"])
def test_an_address_without_application_and_key_is_told(address: str) -> None:
    with pytest.raises(UsageError, match="try rtmp"):
        make_sink(address)


def test_the_stream_key_is_nowhere_to_be_seen() -> None:
    sink = make_sink("rtmp://user:pass@host:1936/app/instance/SECRET?auth=SECRET")
    assert sink.name == "rtmp://user@host:1936/app/instance/…?auth=…"
