"""WebRTC to servers that take WHIP (RFC 9725), through aiortc: pictures in H.264, sound in Opus, encrypted always."""

from __future__ import annotations

from fractions import Fraction
from importlib import import_module
from typing import Any

import av

from vcam.address import Address, parse_address, shown_spec
from vcam.errors import SinkError, UsageError
from vcam.sinks import OutputFormat
from vcam.sinks.stream.base import StreamSink, prepare_audio, prepare_video
from vcam.sinks.stream.sound import OPUS_SAMPLES, RATE
from vcam.sinks.stream.whip_endpoint import Endpoint

_EXAMPLE = "whip:https://TOKEN@host/whip/room"
_EXTRA = "pip install 'vcam[stream]'"
# What every browser can decode (RFC 7742).
_PROFILE = {"profile": "baseline"}


class WhipSink(StreamSink):
    """Publishes on a WHIP endpoint.

    Args:
        argument: ``https://[token@]host/path``.

    Raises:
        UsageError: not of that form.
        SinkError: aiortc is not installed.
    """

    sound_samples = OPUS_SAMPLES

    def __init__(self, argument: str) -> None:
        self._address = _parsed(argument)
        try:
            import_module("aiortc")
        except ImportError as error:
            raise SinkError("WHIP needs aiortc, which is not installed", _EXTRA) from error
        super().__init__(shown_spec(f"whip:{self._address.url}"))

    def connect(self, output: OutputFormat, with_sound: bool) -> _WhipWay:
        return _WhipWay(self, output, with_sound, self._address)


class _WhipWay:
    def __init__(self, sink: StreamSink, output: OutputFormat, with_sound: bool, address: Address) -> None:
        from vcam.sinks.stream.whip_peer import Peer

        self._sink = sink
        self.video: Any = av.CodecContext.create(sink.encoder.codec, "w")
        self.video.options = {**sink.encoder.options, **(_PROFILE if sink.encoder.codec == "libx264" else {})}
        prepare_video(self.video, sink, output)
        self.audio: Any = _sound_encoder() if with_sound else None
        self._peer = Peer(Endpoint(address), with_sound)

    def write(self, packets: list[Any]) -> None:
        self._peer.check()
        for packet in packets:
            self._peer.send(packet, is_sound=packet.time_base == Fraction(1, RATE))
        if self._peer.wants_keyframe():
            self._sink.wants_keyframe = True

    def close(self) -> None:
        self._peer.close()


def _parsed(argument: str) -> Address:
    scheme, _, rest = argument.partition(":")
    if scheme not in ("http", "https"):
        raise UsageError(f"WHIP address '{scheme}' is neither http: nor https:", f"try {_EXAMPLE}")
    return parse_address(scheme, rest, _EXAMPLE)


def _sound_encoder() -> Any:
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = RATE, "stereo", "flt"
    encoder.options = {"application": "audio"}
    prepare_audio(encoder)
    return encoder
