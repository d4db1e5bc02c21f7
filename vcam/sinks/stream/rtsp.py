"""Streams to RTSP servers that take recordings, over TCP."""

from __future__ import annotations

import time
from fractions import Fraction
from typing import Any

import av

from vcam.address import parse_address
from vcam.sinks import OutputFormat
from vcam.sinks.encoding import TICKS
from vcam.sinks.stream.base import StreamSink, prepare_audio, prepare_video
from vcam.sinks.stream.rtp import Sender, aac_payload, h264_payloads, units
from vcam.sinks.stream.rtsp_session import Session, description
from vcam.sinks.stream.sound import RATE

_VIDEO_PAYLOAD, _AUDIO_PAYLOAD = 96, 97
_PARAMETER_SETS = (7, 8)


class RtspSink(StreamSink):
    """Records on an RTSP server.

    Args:
        argument: ``//[user:password@]host[:port]/path``.

    Raises:
        UsageError: not of that form.
    """

    scheme = "rtsp"

    def __init__(self, argument: str) -> None:
        self._address = parse_address(self.scheme, argument, f"{self.scheme}://host:8554/vcam")
        super().__init__(self._address.shown)

    def connect(self, output: OutputFormat, with_sound: bool) -> _RtspWay:
        return _RtspWay(self, output, with_sound, lambda sdp, tracks: Session(self._address, sdp, tracks))


class RtspsSink(RtspSink):
    """The same, encrypted."""

    scheme = "rtsps"


class _RtspWay:
    def __init__(self, sink: StreamSink, output: OutputFormat, with_sound: bool, connected: Any) -> None:
        self.video: Any = av.CodecContext.create(sink.encoder.codec, "w")
        self.video.options = dict(sink.encoder.options)
        self.video.flags |= av.codec.context.Flags.global_header
        prepare_video(self.video, sink, output)
        self.audio: Any = _sound_encoder() if with_sound else None
        self._parameters = units(bytes(self.video.extradata or b""))
        self._tracks = [Sender(_VIDEO_PAYLOAD, TICKS)] + ([Sender(_AUDIO_PAYLOAD, RATE)] if with_sound else [])
        sound = bytes(self.audio.extradata or b"") if self.audio is not None else None
        sdp = description("vcam", bytes(self.video.extradata or b""), RATE, sound)
        self._zero = 0.0
        self._session: Session = connected(sdp, len(self._tracks))

    def write(self, packets: list[Any]) -> None:
        sent: list[tuple[int, bytes]] = []
        for packet in packets:
            sent += self._sound(packet) if packet.time_base == Fraction(1, RATE) else self._picture(packet)
        self._session.send(sent)

    def close(self) -> None:
        self._session.close()

    def _picture(self, packet: Any) -> list[tuple[int, bytes]]:
        found = [unit for unit in units(bytes(packet)) if unit[0] & 0x1F not in _PARAMETER_SETS]
        if packet.is_keyframe:  # whoever begins to watch here needs them
            found = self._parameters + found
        track = self._tracks[0]
        return self._reports(0, packet.pts) + [(0, track.packet(payload, packet.pts, is_last))
                                               for payload, is_last in h264_payloads(found)]

    def _sound(self, packet: Any) -> list[tuple[int, bytes]]:
        if packet.pts < 0:  # what the encoder begins with lies before the first picture
            return []
        payload = aac_payload(bytes(packet))
        return [*self._reports(1, packet.pts), (2, self._tracks[1].packet(payload, packet.pts, True))]

    def _reports(self, track: int, ticks: int) -> list[tuple[int, bytes]]:
        """Both tracks' times are told by the same clock: the wall's at the first packet, going on with the ticks."""
        self._zero = self._zero or time.time_ns() / 1e9 - ticks / self._tracks[track].rate
        report = self._tracks[track].report(ticks, self._zero + ticks / self._tracks[track].rate)
        return [(2 * track + 1, report)] if report is not None else []


def _sound_encoder() -> Any:
    encoder: Any = av.CodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format = RATE, "stereo", "fltp"
    encoder.flags |= av.codec.context.Flags.global_header
    prepare_audio(encoder)
    return encoder
