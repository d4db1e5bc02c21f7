"""A camera in PipeWire: no kernel module, no root, any number of viewers (browsers, OBS, GNOME Camera, GStreamer).

The format says which matrix the pictures have, and OBS heeds it. Chromium and Firefox do not: to them every camera is
BT.601, so that is what the sink asks for.
"""

from __future__ import annotations

import ctypes
import json
import os
import time
from collections.abc import Callable
from ctypes import c_void_p

from vcam.errors import SinkError
from vcam.frame import Pixels, Rendered
from vcam.sinks import Delivery, OutputFormat, spa_pod
from vcam.sinks import pipewire_library as pw
from vcam.sinks.incoming import check, pixels_in
from vcam.sinks.pipewire_library import available

__all__ = ["PipewireSink", "Watch", "available"]

OPEN_SECONDS = 3.0
PAUSE_GRACE_NS = 500_000_000
_BUFFERS = (6, 2, 16)  # wanted, least, most; a viewer may hold several


class PipewireSink:
    """Publishes a camera in the user's PipeWire session and feeds it the newest picture.

    Args:
        argument: the camera's name as apps list it; empty for "vcam".
    """

    name = "pipewire"
    delivery = Delivery.LATEST
    tags_colour = False  # it does, but browsers do not heed it

    def __init__(self, argument: str = "") -> None:
        self._camera = argument.strip() or "vcam"
        self._output: OutputFormat | None = None
        self._stream: _Stream | None = None

    def open(self, output: OutputFormat) -> None:
        """Publish the camera.

        Raises:
            SinkError: PipeWire is not installed, not running, or does not take the camera.
        """
        self.close()
        stream = _Stream(pw.library(), output)
        try:
            stream.connect(self._camera)
        except SinkError:
            stream.close()
            raise
        self._stream, self._output = stream, output

    def send(self, picture: Rendered) -> None:
        """Show ``picture`` to whoever watches; returns at once if nobody does.

        Raises:
            SinkError: it is not of the size and format agreed on, or PipeWire has gone.
        """
        assert self._output is not None and self._stream is not None, "open() comes first"
        frame = check(self._output, picture)
        self._stream.check_alive()
        if self._stream.state == pw.STREAMING:
            self._stream.show(pixels_in(self._output.colour, frame))

    def close(self) -> None:
        """Withdraw the camera."""
        stream, self._stream, self._output = self._stream, None, None
        if stream is not None:
            stream.close()

    def __del__(self) -> None:
        self.close()  # libpipewire's thread must not call what is no more

    @property
    def watchers(self) -> int | None:
        """1 while anybody watches (PipeWire does not say how many), else 0."""
        stream = self._stream
        return int(stream is not None and stream.watch.seen)

    @property
    def note(self) -> str:
        return f"PipeWire camera: {self._camera}" if self._stream is not None else ""


class Watch:
    """Whether anybody watches. A viewer that joins or renegotiates pauses the stream for a moment: that does not count.

    Args:
        clock: nanoseconds.
    """

    def __init__(self, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._clock = clock
        self._streaming = False
        self._until_ns = clock()

    def streams(self, streaming: bool) -> None:
        """The stream has begun to flow, or has stopped."""
        if self._streaming and not streaming:
            self._until_ns = self._clock() + PAUSE_GRACE_NS
        self._streaming = streaming

    @property
    def seen(self) -> bool:
        return self._streaming or self._clock() < self._until_ns


class _Stream:
    """One published camera. libpipewire calls the methods ``_on_…`` from its own thread, holding the loop's lock."""

    def __init__(self, library: pw.Library, output: OutputFormat) -> None:
        self._pw = library
        self._output = output
        self._length = output.size.width * output.size.height * 3 // 2
        self._shown = 0
        self._handle: c_void_p | None = None
        self.watch = Watch()
        self.state = pw.UNCONNECTED
        self.error = ""
        self._events = pw.StreamEvents(version=pw.EVENTS_VERSION, state_changed=pw.StateChanged(self._on_state),
                                       param_changed=pw.ParamChanged(self._on_param))
        self._loop = library.pw_thread_loop_new(b"vcam-pipewire", None)

    def connect(self, camera: str) -> None:
        """Publish under the name ``camera`` and wait until PipeWire knows it.

        Raises:
            SinkError: nobody answers, or the answer is no.
        """
        if self._loop:
            loop = self._pw.pw_thread_loop_get_loop(self._loop)
            self._handle = self._pw.pw_stream_new_simple(loop, camera.encode(), self._properties(camera),
                                                         ctypes.byref(self._events), None)
        if not self._handle:
            raise SinkError("PipeWire cannot make a stream: its plugins or configuration do not load", pw.INSTALL)
        offer = pw.Pods(spa_pod.video_format(self._output.size, self._output.fps, self._output.colour))
        result = self._pw.pw_stream_connect(self._handle, pw.OUTPUT, pw.ANY_ID, pw.DRIVER | pw.MAP_BUFFERS,
                                            offer.pointers, offer.count)
        if result < 0:
            raise SinkError(f"PipeWire cannot be reached: {os.strerror(-result)}", pw.START)
        self._pw.pw_thread_loop_start(self._loop)
        deadline = time.monotonic() + OPEN_SECONDS
        while self.state == pw.CONNECTING and time.monotonic() < deadline:
            time.sleep(0.002)
        self.check_alive()
        if self.state == pw.CONNECTING:
            raise SinkError(f"PipeWire did not answer within {OPEN_SECONDS:g} s", pw.START)

    def check_alive(self) -> None:
        """Raise SinkError if PipeWire has gone or dropped the camera."""
        if self.state in (pw.ERROR, pw.UNCONNECTED):
            raise SinkError(f"PipeWire dropped the camera: {self.error or 'disconnected'}", pw.START)

    def show(self, pixels: Pixels) -> None:
        """Start a cycle of the graph with a copy of ``pixels``."""
        self._pw.pw_thread_loop_lock(self._loop)
        try:
            # Queued before the cycle starts, it leaves in this one; filled within the cycle, in the next.
            self._queue(pixels)
            self._pw.pw_stream_trigger_process(self._handle)
        finally:
            self._pw.pw_thread_loop_unlock(self._loop)

    def close(self) -> None:
        """Withdraw the camera and end libpipewire's threads."""
        handle, self._handle = self._handle, None
        loop, self._loop = self._loop, None
        if loop is None:
            return
        self._pw.pw_thread_loop_stop(loop)
        if handle:
            self._pw.pw_stream_destroy(handle)
        self._pw.pw_thread_loop_destroy(loop)

    def _queue(self, pixels: Pixels) -> None:
        held = self._pw.pw_stream_dequeue_buffer(self._handle)
        if not held:
            return  # the viewers hold every buffer: they are slow, and miss this picture
        buffer = held.contents.buffer.contents
        data = buffer.datas[0]
        if data.data and data.maxsize >= self._length:
            ctypes.memmove(data.data, pixels.ctypes.data, self._length)
            chunk = data.chunk.contents
            chunk.offset, chunk.size, chunk.stride, chunk.flags = 0, self._length, self._output.size.width, 0
            for meta in buffer.metas[:buffer.n_metas]:
                if spa_pod.is_header(meta.type, meta.size):
                    ctypes.memmove(meta.data, spa_pod.header(time.monotonic_ns(), self._shown), spa_pod.HEADER_BYTES)
            self._shown += 1
        self._pw.pw_stream_queue_buffer(self._handle, held)

    def _on_state(self, _data: int | None, _old: int, state: int, error: bytes | None) -> None:
        self.error = error.decode(errors="replace") if error else ""
        self.state = state
        self.watch.streams(state == pw.STREAMING)

    def _on_param(self, _data: int | None, param: int, value: int | None) -> None:
        if param == pw.FORMAT_PARAM and value:
            wishes = pw.Pods(spa_pod.buffers(self._output.size, self._length, _BUFFERS), spa_pod.header_meta())
            self._pw.pw_stream_update_params(self._handle, wishes.pointers, wishes.count)

    def _properties(self, camera: str) -> c_void_p:
        words = {"media.class": "Video/Source", "media.type": "Video", "media.category": "Capture",
                 "media.role": "Camera", "node.name": camera, "node.nick": camera, "node.description": camera}
        text = json.dumps(words, ensure_ascii=False)
        return c_void_p(self._pw.pw_properties_new_string(text.encode()))
