"""A film's sound in its cut-out: copied where the container takes it, else encoded anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from fractions import Fraction
from typing import Any

import av

from vcam.cutting.film import LOCAL_ONLY, Facts

_BIT_RATE = 160_000
_OPUS_RATE = 48_000


class Sound:
    """The sound stream of a film on its way into a container.

    Args:
        accepted: names of codecs that the container takes as they are; the first is what others become.
    """

    def __init__(self, facts: Facts, container: Any, accepted: tuple[str, ...]) -> None:
        self._facts = facts
        self._source: Any = av.open(str(facts.path), options=LOCAL_ONLY)
        self._given = self._source.streams.audio[0]
        self._copies = self._given.codec_context.name in accepted
        if self._copies:
            self._stream: Any = container.add_stream_from_template(self._given)
            return
        name = "libopus" if accepted[0] == "opus" else accepted[0]
        rate = _OPUS_RATE if name == "libopus" else self._given.codec_context.sample_rate
        self._stream = container.add_stream(name, rate=rate)
        self._stream.layout = "stereo" if self._given.codec_context.layout.nb_channels > 1 else "mono"
        self._stream.bit_rate = _BIT_RATE

    @property
    def note(self) -> str:
        """What happens to it, if something does."""
        return "" if self._copies else f"sound is encoded as {self._stream.codec_context.codec.name}"

    def packets(self) -> Iterator[tuple[Fraction, Any]]:
        """Packets for the container with the seconds at which they begin, from the film's first moment on."""
        with closing(self._source):
            for packet in self._copied() if self._copies else self._encoded():
                begun = Fraction(packet.pts if packet.pts is not None else packet.dts) * packet.time_base
                yield begun, packet

    def _copied(self) -> Iterator[Any]:
        tick: Any = self._given.time_base
        shift = round(self._facts.begin / tick)
        for packet in _demuxed(self._source, self._given):
            if packet.dts is None:
                continue
            packet.pts, packet.dts = (None if time is None else time - shift for time in (packet.pts, packet.dts))
            packet.stream = self._stream
            yield packet

    def _encoded(self) -> Iterator[Any]:
        """Decoded, resampled, encoded; gaps and damage in the sound become silence of the same length."""
        context = self._stream.codec_context
        resampler = av.AudioResampler(context.format, self._stream.layout, context.sample_rate)
        for packet in _demuxed(self._source, self._given):
            try:
                frames = packet.decode()
            except av.FFmpegError:
                continue
            for frame in frames:
                if frame.pts is not None:
                    frame.pts -= round(self._facts.begin / frame.time_base)
                for ready in resampler.resample(frame):
                    yield from self._stream.encode(ready)
        for ready in resampler.resample(None):
            yield from self._stream.encode(ready)
        yield from self._stream.encode(None)


def _demuxed(container: Any, stream: Any) -> Iterator[Any]:
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:
            return
        if packet is None:
            return
        if packet.size:
            yield packet
