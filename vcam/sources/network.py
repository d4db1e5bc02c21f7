"""A camera on the network: RTSP, RTMP, HTTP, MPEG-TS over UDP, SRT. Read by FFmpeg, as it comes and no later."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av

from vcam.address import Address, parse_address
from vcam.errors import SourceError, UsageError, VcamError
from vcam.frame import Frame, FramePool, PixelFormat, Size
from vcam.libsrt import Connection, check_srt, is_listener
from vcam.sources import SourceInfo, SourceOptions
from vcam.sources.planes import Converter, turned
from vcam.sources.video import StreamClock

log = logging.getLogger(__name__)

OPEN_SECONDS, SILENT_SECONDS = 8.0, 5.0
# A burst after a hiccup is decoded in no time. Who is behind by this much for this long cannot keep up: then pictures
# are left out until the next one that stands for itself.
LATE_SECONDS, PATIENT_SECONDS = 0.5, 2.0
_NEW_CLOCK_SECONDS = 60.0  # a jump like this is the camera's clock beginning anew
_DRIFT = 0.001
_HIGHEST_RATE, _USUAL_RATE = 60, Fraction(30)
# What arrives from elsewhere must not make us open files, nor other kinds of connections.
_PROTOCOLS = "rtsp,rtsps,rtmp,rtmps,http,https,httpproxy,tcp,udp,rtp,tls,crypto,data"
_QUICK = {"flags": "low_delay", "analyzeduration": "1000000", "probesize": "500000",
          "protocol_whitelist": _PROTOCOLS}
_MUXERS = {"udp": "mpegts", "srt": "mpegts", "rtmp": "flv", "rtmps": "flv"}
_EXAMPLES = {"rtsp": "rtsp://192.168.1.20/stream1", "rtsps": "rtsps://192.168.1.20/stream1",
             "rtmp": "rtmp://127.0.0.1/live/key", "rtmps": "rtmps://host/live/key",
             "http": "http://192.168.1.20/video.mjpg", "https": "https://host/live.m3u8",
             "udp": "udp://127.0.0.1:5004", "srt": "srt://192.168.1.20:9000"}


class NetworkSource:
    """The pictures of a network camera, the newest first of all: what cannot be decoded in time is left out.

    Args:
        scheme: ``rtsp``, ``http`` …
        argument: the rest of the address. RTSP comes over TCP; ``?transport=udp`` asks for UDP.
        options: ``size`` is filled by scaling and cutting; ``fps`` limits nothing here (the engine does).
        pool: where frame memory comes from.

    Raises:
        UsageError: not an address.
    """

    def __init__(self, scheme: str, argument: str, options: SourceOptions, pool: FramePool) -> None:
        self._address = parse_address(scheme, argument, _EXAMPLES[scheme], needs_host=scheme not in ("udp", "srt"))
        if scheme == "srt":
            check_srt(self._address)
        self._url, self._transport = _without_transport(f"{scheme}:{argument}", self._address)
        self._options = options
        self._convert = Converter(options, pool)
        self._container: Any = None
        self._line: _SrtReader | None = None
        self._frames: Iterator[Any] = iter(())
        self._info: SourceInfo | None = None
        self._pending: Any = None
        self._seq = 0

    @property
    def info(self) -> SourceInfo:
        if self._info is None:
            raise self._problem("is not open", "open it before reading")
        return self._info

    def open(self) -> None:
        """Connect, and wait for the first picture, which tells the size.

        Raises:
            SourceError: nobody answers, it needs a password, or sends no picture.
        """
        self.close()
        deadline = time.monotonic() + OPEN_SECONDS
        try:
            self._container = self._opened()
            if not self._container.streams.video:
                raise self._problem("has no picture", "check the address: it may be that of the sound only")
            video = self._container.streams.video[0]
            video.thread_type = "SLICE"  # threads by frame would hold pictures back
            rate = _rate(video)
            self._clock, self._lag = StreamClock(1 / rate), Lag()
            self._frames = self._decoded(self._container)
            first = next(self._frames)
        except SourceError:
            self.close()
            raise
        except (av.FFmpegError, OSError, ValueError, StopIteration) as error:
            self.close()
            reason = _reason(error) if time.monotonic() < deadline else "nothing comes"
            raise self._problem(f"cannot be watched: {reason}", self._hint(error)) from error
        self._pending, self._seq = first, 0
        size = self._options.size or turned(Size(first.width, first.height), first.rotation).even()
        self._info = SourceInfo(self._address.shown, size, rate, live=True)

    def read(self) -> Frame | None:
        """The next picture; never None, a camera has no end.

        Raises:
            SourceError: the connection is lost, or nothing came for seconds.
        """
        if self._container is None:
            raise self._problem("is not open", "open it before reading")
        decoded, self._pending = self._pending, None
        try:
            decoded = decoded or next(self._frames)
        except (av.FFmpegError, OSError, StopIteration) as error:
            raise self._problem(f"is lost: {_reason(error)}", "reconnecting") from error
        pixels, colour = self._convert(decoded, self.info.size)
        frame = Frame(pixels, PixelFormat.I420, self._seq, self._clock.at(decoded), 0, colour)
        self._seq += 1
        return frame

    def close(self) -> None:
        """Hang up; may be called twice."""
        self._pending, self._frames = None, iter(())
        container, self._container = self._container, None
        if container is not None:
            container.close()
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _opened(self) -> Any:
        target: Any = self._url
        scheme = self._address.scheme
        options = dict(_QUICK)
        if scheme.startswith("rtsp"):
            options["rtsp_transport"] = self._transport
        elif scheme == "udp":
            options["buffer_size"] = str(4 << 20)
        elif scheme == "srt":
            target = self._line = _SrtReader(self._address)
        elif scheme.startswith("http"):
            options["reconnect"] = "0"
        return av.open(target, format=_MUXERS.get(scheme), options=options, timeout=(OPEN_SECONDS, SILENT_SECONDS))

    def _decoded(self, container: Any) -> Iterator[Any]:
        """Pictures as they come. A damaged one is left out: whoever begins in the middle misses what it refers to."""
        good, skipping = time.monotonic(), False
        for packet in container.demux(container.streams.video[0]):
            skipping = (self._lag.persists(packet) or skipping) and not packet.is_keyframe
            if skipping:
                continue
            try:
                frames = packet.decode()
            except av.FFmpegError as error:
                if time.monotonic() - good > OPEN_SECONDS:
                    raise self._problem(f"sends what cannot be decoded: {error.strerror}",
                                        "check that it plays elsewhere") from error
                continue
            good = time.monotonic() if frames else good
            yield from frames

    def _problem(self, what: str, hint: str) -> SourceError:
        return SourceError(f"network camera {self._address.shown} {what}", hint)

    def _hint(self, error: Exception) -> str:
        if isinstance(error, av.error.HTTPUnauthorizedError | av.error.HTTPForbiddenError):
            return f"give name and password: {self._address.scheme}://NAME:PASSWORD@{self._address.authority}/…"
        return "check the address, and that the camera is on"


class Lag:
    """Tells when what comes stays behind what came most promptly.

    The camera's clock may run a little slower or faster than ours: the measure follows by a millisecond a second.
    """

    def __init__(self) -> None:
        self._least: float | None = None
        self._last = 0.0
        self._prompt = 0.0

    def persists(self, packet: Any) -> bool:
        """Whether this packet, and all for some time before it, came too late."""
        if packet.pts is None or not packet.time_base:
            return False
        return self.seen(float(packet.pts * Fraction(packet.time_base.numerator, packet.time_base.denominator)),
                         time.monotonic())

    def seen(self, stamp: float, now: float) -> bool:
        """The same for a packet of time ``stamp`` at ``now``, both in seconds."""
        ahead = now - stamp
        if self._least is None or abs(ahead - self._least) > _NEW_CLOCK_SECONDS:
            self._least, self._prompt = ahead, now
        self._least = min(ahead, self._least + _DRIFT * (now - self._last))
        self._last = now
        if ahead - self._least <= LATE_SECONDS:
            self._prompt = now
        return now - self._prompt > PATIENT_SECONDS


class _SrtReader:
    """A file for FFmpeg's demuxer."""

    name = "srt"

    def __init__(self, address: Address) -> None:
        try:
            self._line = _first_caller(address) if is_listener(address) else Connection.called(address)
        except UsageError:
            raise
        except VcamError as error:
            raise SourceError(error.message, error.hint) from error
        self._rest = b""

    def read(self, count: int) -> bytes:
        data = self._rest or self._line.receive()
        self._rest = data[count:]
        return data[:count]

    def close(self) -> None:
        self._line.close()


def _first_caller(address: Address) -> Connection:
    listener = Connection.listening(address)
    try:
        deadline = time.monotonic() + OPEN_SECONDS
        while time.monotonic() < deadline:
            caller = listener.accepted()
            if caller is not None:
                return caller
            time.sleep(0.02)
        raise TimeoutError("nobody calls")
    finally:
        listener.close()


def _without_transport(url: str, address: Address) -> tuple[str, str]:
    """The address as FFmpeg takes it, and how RTSP's packets come."""
    transport = address.query.get("transport", "tcp")
    if transport not in ("tcp", "udp"):
        raise UsageError(f"'{address.shown}': transport '{transport}' is neither tcp nor udp", "leave it out")
    if address.scheme.startswith("rtsp"):
        for part in (f"transport={transport}&", f"?transport={transport}", f"&transport={transport}"):
            url = url.replace(part, "")
    return url, transport


def _rate(stream: Any) -> Fraction:
    """Frames a second. What was guessed from the first packets is often far off: the encoder's own word comes first."""
    for told in (stream.codec_context.framerate, stream.average_rate, stream.guessed_rate):
        if told and 1 <= told.numerator / told.denominator <= _HIGHEST_RATE:
            return Fraction(told.numerator, told.denominator)
    return _USUAL_RATE


def _reason(error: Exception) -> str:
    if isinstance(error, StopIteration | EOFError):
        return "the stream ended"
    if isinstance(error, av.error.ExitError):
        return "nothing comes"
    return getattr(error, "strerror", "") or str(error) or type(error).__name__


def _made(scheme: str) -> Any:
    def make(argument: str, options: SourceOptions, pool: FramePool) -> NetworkSource:
        return NetworkSource(scheme, argument, options, pool)
    return make


rtsp, rtsps, rtmp, rtmps = _made("rtsp"), _made("rtsps"), _made("rtmp"), _made("rtmps")
http, https, udp, srt = _made("http"), _made("https"), _made("udp"), _made("srt")
