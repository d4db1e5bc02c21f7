"""The WebRTC side of WHIP: aiortc's peer in a loop of its own, fed with packets that are encoded already."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription

from vcam.sinks.stream.whip_endpoint import Endpoint
from vcam.sinks.stream.wire import CONNECT_SECONDS

# Who receives reports at least every 6.2 seconds (RFC 3550, 6.3.1); aiortc itself would notice a dead peer after 30.
SILENT_SECONDS = 7.0
_LOOK_SECONDS = 0.5
# Packets that may wait for the loop; more means that this machine cannot keep up, and the oldest go.
_WAITING = 30
_STOP_SECONDS = 5.0

Result = TypeVar("Result")


class Peer:
    """Connects, and is sending once it is made.

    Raises:
        SinkError: the endpoint refuses.
        OSError: nobody answers, the answer is not understood, or no way to the media address is found.
    """

    def __init__(self, endpoint: Endpoint, with_sound: bool) -> None:
        self._endpoint = endpoint
        self._loop = asyncio.new_event_loop()
        # The engine's workers are above sinks; aiortc's timers need a loop that runs all the time.
        self._thread = threading.Thread(target=self._loop.run_forever, name="webrtc", daemon=True)
        self._thread.start()
        self._problem = ""
        self._keyframe = False
        self._connection: RTCPeerConnection | None = None
        try:
            offer = self._wait(self._offer(with_sound))
            answer = endpoint.answer(offer)
            self._wait(self._connect(answer))
        except BaseException:
            with suppress(OSError):
                self.close()
            raise

    def send(self, packet: Any, is_sound: bool) -> None:
        """Hand an encoded packet over; never waits."""
        self._loop.call_soon_threadsafe(self._tracks[is_sound].put, packet)

    def check(self) -> None:
        """Raise ConnectionError once the other side is gone."""
        if self._problem:
            raise ConnectionError(self._problem)

    def wants_keyframe(self) -> bool:
        """Whether the other side asked for a picture that stands for itself, or one was dropped, since last asked."""
        wanted, self._keyframe = self._keyframe, False
        return wanted

    def close(self) -> None:
        """Hang up.

        Raises:
            OSError: the endpoint could not be told.
        """
        with suppress(OSError):
            self._wait(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_STOP_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()
        self._endpoint.leave()

    def _wait(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(2 * CONNECT_SECONDS)

    async def _offer(self, with_sound: bool) -> str:
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))  # nobody else is asked for our address
        self._tracks = {False: _Track("video", self._want_keyframe)}
        if with_sound:
            self._tracks[True] = _EvenTrack("audio", self._want_keyframe)
        for is_sound, track in self._tracks.items():
            transceiver = self._connection.addTransceiver(track, direction="sendonly")
            wanted = ("audio/opus",) if is_sound else ("video/H264", "video/rtx")
            known = RTCRtpSender.getCapabilities(track.kind).codecs
            transceiver.setCodecPreferences([codec for codec in known if codec.mimeType in wanted])
            _listen_for_requests(transceiver.sender, self._want_keyframe)
        await self._connection.setLocalDescription(await self._connection.createOffer())
        return str(self._connection.localDescription.sdp)

    async def _connect(self, answer: str) -> None:
        assert self._connection is not None
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        except Exception as error:  # whatever a foreign text makes of a parser
            raise ConnectionError(f"the server's answer is not understood: {error or type(error).__name__}") from error
        deadline = self._loop.time() + CONNECT_SECONDS
        while self._connection.connectionState in ("new", "connecting"):
            if self._loop.time() > deadline:
                raise TimeoutError("no way to the server's media address is found")
            await asyncio.sleep(0.01)
        if self._connection.connectionState != "connected":
            raise ConnectionError("the server's media address does not answer")
        self._watcher = asyncio.create_task(self._watch(self._connection))

    async def _watch(self, connection: RTCPeerConnection) -> None:
        """Note when the other side hangs up, or says nothing any more."""
        heard, at = -1, self._loop.time()
        while connection.connectionState == "connected":
            stats = await connection.getStats()
            received = sum(told.packetsReceived for told in stats.values() if told.type == "transport")
            if received != heard:
                heard, at = received, self._loop.time()
            elif self._loop.time() - at > SILENT_SECONDS:
                self._problem = f"the server says nothing for {SILENT_SECONDS:.0f} seconds"
                return
            await asyncio.sleep(_LOOK_SECONDS)
        self._problem = "the server has hung up"

    async def _end(self) -> None:
        """Close the connection, and let everything that still runs end."""
        if self._connection is not None:
            await self._connection.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _want_keyframe(self) -> None:
        self._keyframe = True


class _Track(MediaStreamTrack):
    """Gives out what was put in; where too much waits, the oldest is dropped and a keyframe asked for."""

    def __init__(self, kind: str, dropped: Callable[[], None]) -> None:
        self.kind = kind
        super().__init__()
        self._packets: asyncio.Queue[Any] = asyncio.Queue(_WAITING)
        self._dropped = dropped

    def put(self, packet: Any) -> None:
        if self._packets.full():
            self._packets.get_nowait()
            self._dropped()
        self._packets.put_nowait(packet)

    async def recv(self) -> Any:
        return await self._packets.get()


class _EvenTrack(_Track):
    """Gives each packet out when it is due, counted from the first: the more evenly sound comes, the less of it
    players hold back. It is made ahead of the pictures, so a late one of these does not disturb it."""

    _zero: float | None = None

    async def recv(self) -> Any:
        packet = await super().recv()
        now, due = asyncio.get_running_loop().time(), float(packet.pts * packet.time_base)
        self._zero = now - due if self._zero is None else self._zero
        await asyncio.sleep(max(self._zero + due - now, 0))
        return packet


def _listen_for_requests(sender: Any, asked: Callable[[], None]) -> None:
    """aiortc tells only its own encoders that a viewer wants a keyframe. Without its word they come by the clock."""
    own = getattr(sender, "_send_keyframe", None)
    if own is not None:
        sender._send_keyframe = asked
