"""What all streams share: H.264 and AAC for a connection, which is made when the sink opens and is lost with it.

A stream never catches up: while the network takes nothing, ``send`` waits, and the pictures that the engine drops
meanwhile were never encoded. So the delay stays that of one picture and of what the network itself holds.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from fractions import Fraction
from typing import Any, Protocol

import av

from vcam.errors import SinkError
from vcam.frame import Rendered
from vcam.sinks import Delivery, OutputFormat, SinkOptions
from vcam.sinks.encoding import TICKS, Timeline, video_frame
from vcam.sinks.h264 import check_options, choose_encoder, prepare, software_encoder
from vcam.sinks.stream.sound import RATE, SAMPLES, Sound, check_audio

BITS_A_SECOND_OF_SOUND = 128_000
ERRORS = (av.FFmpegError, OSError, ValueError, EOFError)


class Way(Protocol):
    """Where encoded packets go while the stream is open. Its calls raise one of ``ERRORS``, or SinkError.

    ``video`` and ``audio`` encode frames into packets; ``audio`` None: a stream without sound.
    """

    video: Any
    audio: Any

    def write(self, packets: list[Any]) -> None: ...
    def close(self) -> None: ...


class StreamSink(ABC):
    """Encodes the newest picture and sends it.

    Args:
        name: the address, fit to be shown.
    """

    delivery = Delivery.LATEST
    tags_colour = True
    wants_sound = False  # whether servers of this kind expect it
    sound_samples = SAMPLES
    # Muxers wait for the track that is behind. Sound can be made in advance, so it is never that one: AAC holds back
    # two frames of 21 ms, and a picture lasts up to 42.
    sound_ahead = Fraction(1, 10)

    def __init__(self, name: str) -> None:
        self.name = name
        self.sent_bytes = 0
        self.wants_keyframe = False  # somebody has just begun to watch
        self.options = SinkOptions()
        self.encoder = software_encoder(self.options)
        self._way: Way | None = None
        self._sound: Sound | None = None
        self._origin: Fraction | None = None

    def configure(self, options: SinkOptions) -> None:
        """How to encode.

        Raises:
            UsageError: a preset or encoder that does not exist, or a file of sound that cannot be read.
        """
        check_options(options)
        check_audio(options.audio)
        self.options = options

    def open(self, output: OutputFormat) -> None:
        """Connect and announce the stream.

        Raises:
            SinkError: nobody answers, the stream is refused, or the encoder cannot start.
        """
        self.encoder = choose_encoder(self.options, output)
        self._output, self._timeline, self._keyframe = output, Timeline(1 / output.fps), 0
        audio = self.options.audio
        if audio == "auto":
            audio = "silence" if self.wants_sound else "none"
        self._sound = None if audio == "none" else Sound(audio, self.sound_samples)
        try:
            self._way = self.connect(output, self._sound is not None)
        except ERRORS as error:
            raise self.error(error) from error

    @abstractmethod
    def connect(self, output: OutputFormat, with_sound: bool) -> Way:
        """The way for packets, ready to take them; may raise ``ERRORS`` or SinkError."""

    def send(self, picture: Rendered) -> None:
        """Encode and send ``picture``; waits while the network is busy.

        Raises:
            SinkError: the connection is lost, or takes nothing for seconds.
        """
        assert self._way is not None, "open() comes first"
        frame = video_frame(self._output, picture, self._timeline)
        assert frame.pts is not None
        self._settle_keyframe(frame)
        try:
            packets = self._sounds_until(picture.frame.pts, Fraction(frame.pts, TICKS) + self.sound_ahead)
            packets += self._way.video.encode(frame)
            self._way.write(packets)
        except ERRORS as error:
            raise self.error(error) from error
        self.sent_bytes += sum(packet.size for packet in packets)

    def close(self) -> None:
        """End the stream; what the network still holds is not waited for."""
        way, self._way = self._way, None
        sound, self._sound = self._sound, None
        if sound is not None:
            sound.close()
        if way is not None:
            try:
                way.close()
            except (*ERRORS, SinkError):
                return  # it was lost: nobody is there to hear of the end

    @property
    def watchers(self) -> int | None:
        """Nobody can tell."""
        return None

    @property
    def note(self) -> str:
        return f"streaming to {self.name} ({self.encoder.name})" if self._way is not None else ""

    def error(self, error: Exception) -> SinkError:
        """What went wrong, in one line."""
        reason = getattr(error, "strerror", "") or str(error) or type(error).__name__
        return SinkError(f"stream to {self.name} broke off: {reason}" if self._way is not None else
                         f"stream to {self.name} cannot begin: {reason}", self.hint)

    @property
    def hint(self) -> str:
        """What to check when it does not work."""
        return "check that the server runs and that the address is right"

    def _settle_keyframe(self, frame: av.VideoFrame) -> None:
        """Keyframes come by the clock: the encoder counts pictures, of which fewer may come than were announced."""
        assert frame.pts is not None
        if self.wants_keyframe or frame.pts - self._keyframe >= self.options.keyframe_seconds * TICKS:
            self.wants_keyframe = False
            self._keyframe = frame.pts
            frame.pict_type = av.video.frame.PictureType.I

    def _sounds_until(self, pts: Fraction, seconds: Fraction) -> list[Any]:
        """Packets of sound up to ``seconds`` of this connection. A file goes on where it would be by now."""
        if self._sound is None:
            return []
        assert self._way is not None
        if self._origin is None:
            self._origin = pts
        if not self._sound.begun:
            self._sound.begin(pts - self._origin)
        return [packet for frame in self._sound.until(seconds) for packet in self._way.audio.encode(frame)]


def prepare_video(codec: Any, sink: StreamSink, output: OutputFormat) -> None:
    """Open an encoder for pictures."""
    prepare(codec, output, sink.options)
    codec.open()


def prepare_audio(codec: Any) -> None:
    """Open an encoder for sound."""
    codec.bit_rate = BITS_A_SECOND_OF_SOUND
    codec.time_base = Fraction(1, RATE)
    codec.open()


class Container:
    """A way through one of FFmpeg's containers.

    Args:
        target: a path, or an object with ``write``.
        muxer: FFmpeg's name of the container.
    """

    def __init__(self, sink: StreamSink, target: Any, muxer: str, muxer_options: dict[str, str],
                 output: OutputFormat, with_sound: bool) -> None:
        self._container: Any = av.open(target, "w", format=muxer, container_options=muxer_options)
        self.audio: Any = None
        try:
            self.video: Any = self._container.add_stream(sink.encoder.codec, rate=output.fps,
                                                         options=dict(sink.encoder.options))
            prepare_video(self.video.codec_context, sink, output)
            if with_sound:
                self.audio = self._container.add_stream("aac", rate=RATE, layout="stereo")
                prepare_audio(self.audio.codec_context)
            self._container.start_encoding()
        except BaseException:
            self._container.close()
            raise

    def write(self, packets: list[Any]) -> None:
        for packet in packets:
            self._container.mux_one(packet)

    def close(self) -> None:
        self._container.close()

