"""What is shown of addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcam.address import parse_address, shown_spec, shown_specs

SECRET = "Zwiebelfisch"
WORD = st.text(st.characters(codec="ascii", exclude_characters=" \t\r\n@"), max_size=8)


@pytest.mark.parametrize(("spec", "shown"), [
    ("rtmp://ann:Zwiebelfisch@host:1936/app/room/Zwiebelfisch?auth=Zwiebelfisch",
     "rtmp://ann@host:1936/app/room/…?auth=…"),
    ("RTMP://host/live/Zwiebelfisch/", "RTMP://host/live/…"),
    ("rtmps://host/Zwiebelfisch", "rtmps://host/…"),
    ("srt://host:9000?mode=caller&latency=80&passphrase=Zwiebelfisch&streamid=Zwiebelfisch",
     "srt://host:9000?mode=caller&latency=80&passphrase=…&streamid=…"),
    ("whip:https://Zwiebelfisch@host/Zwiebelfisch/publish?key=Zwiebelfisch", "whip:https://…@host/…"),
    ("https://Zwiebelfisch@host/live.m3u8?Zwiebelfisch", "https://…@host/live.m3u8?…"),
    ("rtsp://ann:Zwiebel/fisch@host:554/stream1", "rtsp://ann@host:554/stream1"),
    ("mjpeg:ann:Zwiebelfisch@0.0.0.0:8080", "mjpeg://ann@0.0.0.0:8080")])
def test_secrets_are_left_out(spec: str, shown: str) -> None:
    assert shown_spec(spec) == shown


@pytest.mark.parametrize("spec", ["camera:0", "camera:HD Pro @ desk", "out.mkv", "-", "null:", "hls:/var/www/a@b",
                                  "udp://239.0.0.1:5004?ttl=3", "rtsp://[::1]:8554/vcam", "C:\\film\\a@b.mp4",
                                  "srt://:9000?mode=listener", "mjpeg:8080", "v4l2:/dev/video10", "colour:#204060"])
def test_what_holds_no_secret_is_shown_as_it_is(spec: str) -> None:
    assert shown_spec(spec) == spec


@given(st.sampled_from(["rtmp", "rtsp", "srt", "http", "https", "mjpeg", "whip:https"]), WORD, WORD, WORD, WORD)
def test_a_password_is_never_shown(scheme: str, name: str, before: str, after: str, path: str) -> None:
    assert SECRET not in shown_spec(f"{scheme}://{name}:{before}{SECRET}{after}@host/{path}")


def test_each_of_several_can_be_told_from_the_others() -> None:
    assert shown_specs(["rtmp://h/live/a", "null:", "rtmp://h/live/b", "rtmp://h/live/c"]) == (
        "rtmp://h/live/…", "null:", "rtmp://h/live/… (2)", "rtmp://h/live/… (3)")


def test_an_address_is_shown_like_its_spec() -> None:
    for spec in ("rtsp://ann:pass@host:8554/x?y=z", "rtmp://host:1936/live/key"):
        scheme, _, rest = spec.partition(":")
        assert parse_address(scheme, rest, "").shown == shown_spec(spec)
