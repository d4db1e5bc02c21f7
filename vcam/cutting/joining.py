"""Segments of a film joined to one file, with the film's sound; nothing is encoded again."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from vcam.cutting.film import Facts
from vcam.cutting.sound import Sound
from vcam.cutting.work import Unwritable

_MUXERS = {".webm": "webm", ".mov": "mov", ".mp4": "mp4", ".mkv": "matroska"}
# Nothing random in it: the same film gives the same file.
_OPTIONS = {".mp4": {"movflags": "+faststart"}, ".mov": {"movflags": "+faststart"}}
_ALWAYS = {"fflags": "+bitexact"}


def join(segments: Sequence[Path], target: Path, facts: Facts, sound: tuple[str, ...],
         metadata: dict[str, str]) -> str:
    """Write ``target`` from segments in order; a note about the sound, if there is something to say.

    Args:
        sound: names of the sound codecs that the container takes; empty: the sound is left out.
        metadata: of the whole file; none is taken from the film by itself.

    Raises:
        Unwritable: it cannot be written.
    """
    muxer, options = _MUXERS[target.suffix], _ALWAYS | _OPTIONS.get(target.suffix, {})
    try:
        with closing(av.open(str(target), "w", format=muxer, options=options)) as container:
            container.metadata.update(metadata)
            return _fill(container, segments, facts, sound)
    except (av.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", "") or str(error)
        raise Unwritable(f"'{target.parent}' cannot be written to: {reason}",
                         "make room; the same command goes on where it was") from error


def _fill(container: Any, segments: Sequence[Path], facts: Facts, sound: tuple[str, ...]) -> str:
    with closing(av.open(str(segments[0]))) as first:
        stream = container.add_stream_from_template(first.streams.video[0])
        _describe(stream, first.streams.video[0])
        voices = Sound(facts, container, sound) if facts.has_sound and sound else None
        both: list[Iterator[tuple[Fraction, Any]]] = [_pictures(segments, stream)]
        if voices is not None:
            both.append(voices.packets())
        for _, packet in heapq.merge(*both, key=lambda pair: pair[0]):
            container.mux(packet)
        return voices.note if voices is not None else ""


def _describe(stream: Any, template: Any) -> None:
    """What a copy of a stream's parameters leaves out: ProRes 4444 and 422 differ in nothing but the tag."""
    stream.time_base = template.time_base
    if template.codec_context.name == "prores":
        stream.codec_context.codec_tag = template.codec_context.codec_tag
    for name in ("alpha_mode", "ALPHA_MODE"):
        if name in template.metadata:
            stream.metadata["alpha_mode"] = template.metadata[name]


def _pictures(segments: Sequence[Path], stream: Any) -> Iterator[tuple[Fraction, Any]]:
    for path in segments:
        with closing(av.open(str(path))) as container:
            packets: Iterator[Any] = container.demux(container.streams.video[0])
            for packet in packets:
                if not packet.size:
                    continue
                begun = Fraction(packet.pts) * packet.time_base
                packet.stream = stream
                yield begun, packet
