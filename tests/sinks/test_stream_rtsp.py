"""RTP packets, what RTSP says of them, and passwords."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcam.errors import UsageError
from vcam.sinks import make_sink
from vcam.sinks.stream.digest import authorization
from vcam.sinks.stream.rtp import PAYLOAD_BYTES, Sender, aac_payload, h264_payloads, units
from vcam.sinks.stream.rtsp_session import description

SETS = b"\x00\x00\x00\x01\x67\x64\x00\x1f\xac\x00\x00\x00\x01\x68\xee\x3c\x80"


def together(payloads: list[bytes]) -> list[bytes]:
    """The units that a receiver puts together (RFC 6184, 5.6 and 5.8)."""
    found: list[bytes] = []
    for payload in payloads:
        if payload[0] & 0x1F != 28:
            found.append(payload)
            continue
        if payload[1] & 0x80:
            found.append(bytes([payload[0] & 0xE0 | payload[1] & 0x1F]))
        found[-1] += payload[2:]
    return found


@given(st.lists(st.binary(min_size=2, max_size=3 * PAYLOAD_BYTES).map(lambda body: bytes([0x65]) + body), min_size=1,
                max_size=5))
def test_units_come_back_from_their_packets(wanted: list[bytes]) -> None:
    packets = list(h264_payloads(wanted))
    assert together([payload for payload, _ in packets]) == wanted
    assert all(len(payload) <= PAYLOAD_BYTES for payload, _ in packets)
    assert [is_last for _, is_last in packets] == [False] * (len(packets) - 1) + [True]


def test_units_are_found_behind_both_start_codes() -> None:
    assert units(b"\x00\x00\x00\x01\x67\x01\x00\x00\x01\x68\x02\x00\x00\x00\x01\x65\x03") == [
        b"\x67\x01", b"\x68\x02", b"\x65\x03"]


def test_packets_are_numbered_and_stamped() -> None:
    sender = Sender(96, 90_000)
    first, second = (sender.packet(b"x", ticks, last) for ticks, last in ((0, False), (3000, True)))
    assert (int.from_bytes(second[2:4], "big") - int.from_bytes(first[2:4], "big")) % 65536 == 1
    assert (int.from_bytes(second[4:8], "big") - int.from_bytes(first[4:8], "big")) % (1 << 32) == 3000
    assert (first[0], first[1], second[1]) == (0x80, 96, 96 | 0x80)


def test_both_tracks_reports_name_the_same_moment() -> None:
    picture, sound = Sender(96, 90_000), Sender(97, 48_000)
    told = [sender.report(2 * sender.rate, 1_000_000_000.5) for sender in (picture, sound)]
    for sender, report in zip((picture, sound), told, strict=True):
        assert report is not None
        assert int.from_bytes(report[8:12], "big") == 1_000_000_000 + 2_208_988_800
        assert int.from_bytes(report[12:16], "big") == 1 << 31
        stamped = sender.packet(b"", 2 * sender.rate, True)
        assert report[16:20] == stamped[4:8]
    assert picture.report(0, 0.0) is None, "the next one is not due yet"


def test_a_frame_of_sound_says_its_size() -> None:
    assert aac_payload(bytes(300)) == b"\x00\x10" + (300 << 3).to_bytes(2, "big") + bytes(300)


def test_the_description_holds_what_a_decoder_needs() -> None:
    told = description("vcam", SETS, 48_000, b"\x11\x90")
    assert "sprop-parameter-sets=Z2QAH6w=,aO48gA==; profile-level-id=64001F" in told
    assert "a=rtpmap:97 MPEG4-GENERIC/48000/2" in told
    assert "config=1190" in told
    assert "m=audio" not in description("vcam", SETS, 48_000, None)


def test_basic_is_answered() -> None:
    assert authorization('Basic realm="x"', "Aladdin", "open sesame", "ANNOUNCE", "rtsp://h/") == (
        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")


@pytest.mark.parametrize(("algorithm", "function"), [("", "md5"), (", algorithm=SHA-256", "sha256")])
def test_digest_is_answered(algorithm: str, function: str) -> None:
    told = authorization(f'Digest realm="r", nonce="n", qop="auth,auth-int", opaque="o"{algorithm}', "u", "p", "SETUP",
                         "rtsp://h/1")
    given_words = dict(part.split("=", 1) for part in told.removeprefix("Digest ").split(", "))

    def digest(text: str) -> str:
        return hashlib.new(function, text.encode()).hexdigest()

    ours = given_words["cnonce"].strip('"')
    expected = digest(f"{digest('u:r:p')}:n:00000001:{ours}:auth:{digest('SETUP:rtsp://h/1')}")
    assert given_words["response"] == f'"{expected}"'
    assert given_words["opaque"] == '"o"'


def test_another_way_is_told() -> None:
    with pytest.raises(ValueError, match="does not know: Negotiate"):
        authorization("Negotiate abc", "u", "p", "SETUP", "rtsp://h/")


def test_an_address_needs_a_host() -> None:
    with pytest.raises(UsageError, match="names no host – try rtsp://host:8554/vcam"):
        make_sink("rtsp:///vcam")
