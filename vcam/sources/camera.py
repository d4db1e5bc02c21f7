"""A webcam as a source."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2

from vcam.errors import SourceError
from vcam.frame import Colour, Frame, FramePool, PixelFormat, Pixels, Size
from vcam.sources import SourceInfo, SourceOptions
from vcam.sources.cameras import (
    BACKEND,
    CameraInfo,
    check_access,
    find_camera,
    list_cameras,
    list_virtual_devices,
    why_silent,
)
from vcam.sources.mjpeg import MjpegDecoder

__all__ = ["CameraInfo", "CameraSource", "list_cameras", "list_virtual_devices"]

_NANO = 10**9
_MOST_DAMAGED = 30  # pictures in a row
_RAW = {"YUYV": PixelFormat.YUYV, "YUY2": PixelFormat.YUYV, "NV12": PixelFormat.NV12, "YU12": PixelFormat.I420,
        "I420": PixelFormat.I420}
_Layout = Callable[[Any], tuple[Pixels, PixelFormat] | None]


class CameraSource:
    """A camera, opened through OpenCV; its pictures stay YUV where the device gives YUV.

    MJPG is asked for first, then size, then rate; ``info`` says what the device made of it. Uncompressed YUV is handed
    on as it is (BT.601, as webcams send it), MJPG becomes I420 on Linux and BGR24 elsewhere.

    Args:
        argument: an index, a device path, a name or a part of one (any case); empty: the first camera.
        options: what to ask the device for: 1280x720 at 30 frames a second unless they say otherwise.
        pool: where frame memory comes from.
    """

    def __init__(self, argument: str, options: SourceOptions, pool: FramePool) -> None:
        self._argument = argument
        self._options = options
        self._pool = pool
        self._camera = CameraInfo(-1, argument, "")
        self._capture: Any = None
        self._layout: _Layout = self._as_bgr
        self._colour = Colour.BT601
        self._info: SourceInfo | None = None
        self._seq = 0
        self._first_ns = 0

    @property
    def info(self) -> SourceInfo:
        if self._info is None:
            raise self._not_open()
        return self._info

    def open(self) -> None:
        """Open the camera and take one picture to see what it really gives.

        Raises:
            SourceError: no such camera, busy, not permitted, or it gives no picture.
        """
        self.close()
        self._camera = find_camera(self._argument)
        check_access(self._camera)
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)  # what it warns of is in our errors
        self._capture = cv2.VideoCapture(self._camera.index, BACKEND)
        try:
            if not self._capture.isOpened():
                raise why_silent(self._camera)
            self._ask()
            self._info = self._learn()
        except BaseException:
            self.close()
            raise
        self._seq = 0

    def read(self) -> Frame:
        """The next picture, stamped when it was taken from the device.

        Raises:
            SourceError: not open, or the camera has gone.
        """
        if self._capture is None:
            raise self._not_open()
        (pixels, layout), captured = self._picture()
        if not self._seq:
            self._first_ns = captured
        frame = Frame(pixels, layout, self._seq, Fraction(captured - self._first_ns, _NANO), captured, self._colour)
        self._seq += 1
        return frame

    def close(self) -> None:
        """Let go of the camera; may be called twice."""
        if self._capture is not None:
            capture, self._capture = self._capture, None
            capture.release()

    def _ask(self) -> None:
        """The order matters: a size that only MJPG offers is refused while the format is another."""
        size = self._options.size or Size(1280, 720)
        wishes = ((cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")), (cv2.CAP_PROP_FRAME_WIDTH, size.width),
                  (cv2.CAP_PROP_FRAME_HEIGHT, size.height), (cv2.CAP_PROP_FPS, float(self._options.fps or 30)),
                  (cv2.CAP_PROP_BUFFERSIZE, 1))
        for wish, value in wishes:
            self._capture.set(wish, value)

    def _learn(self) -> SourceInfo:
        """Choose how to take pictures from what the device says, try it, and fall back to BGR."""
        code = int(self._capture.get(cv2.CAP_PROP_FOURCC))
        fourcc = "".join(chr(code >> shift & 0x7F) for shift in (0, 8, 16, 24))
        self._layout, self._colour = self._as_bgr, Colour.BT601
        if sys.platform == "linux" and (fourcc in _RAW or fourcc == "MJPG") \
                and self._capture.set(cv2.CAP_PROP_CONVERT_RGB, 0):
            self._layout = self._as_planes(_RAW[fourcc]) if fourcc in _RAW else self._as_jpeg()
        try:
            picture, layout = self._picture()[0]
        except SourceError:
            if self._layout == self._as_bgr:
                raise why_silent(self._camera) from None
            self._capture.set(cv2.CAP_PROP_CONVERT_RGB, 1)
            self._layout, self._colour = self._as_bgr, Colour.BT601
            picture, layout = self._first_bgr()
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        fps = Fraction(rate).limit_denominator(1001) if 1 <= rate <= 1000 else self._options.fps or Fraction(30)
        size = Frame(picture, layout, 0, Fraction(0)).size
        return SourceInfo(self._camera.name or str(self._camera), size, fps, live=True)

    def _first_bgr(self) -> tuple[Pixels, PixelFormat]:
        try:
            return self._picture()[0]
        except SourceError:
            raise why_silent(self._camera) from None

    def _picture(self) -> tuple[tuple[Pixels, PixelFormat], int]:
        """The next undamaged picture and when it was grabbed."""
        for _ in range(_MOST_DAMAGED):
            if not self._capture.grab() or not self._is_plugged():
                raise SourceError(f"{self._camera} stopped giving pictures: unplugged, or taken by another program",
                                  "plug it in again, or choose another: vcam devices")
            captured = time.monotonic_ns()
            picture = self._layout(self._capture)
            if picture is not None:
                return picture, captured
        raise SourceError(f"{self._camera} gives nothing but damaged pictures", "try another cable, port or size")

    def _is_plugged(self) -> bool:
        """OpenCV may go on returning the last picture of a camera that has gone."""
        return not self._camera.path.startswith("/dev/") or Path(self._camera.path).exists()

    def _as_bgr(self, capture: Any) -> tuple[Pixels, PixelFormat] | None:
        known = self._info.size if self._info else self._options.size or Size(1280, 720)
        ok, image = capture.retrieve(self._pool.take(known.height, known.width, 3))
        return (image, PixelFormat.BGR24) if ok else None

    def _as_planes(self, layout: PixelFormat) -> _Layout:
        """Uncompressed YUV as the device sends it."""
        def take(capture: Any) -> tuple[Pixels, PixelFormat] | None:
            width = int(capture.get(cv2.CAP_PROP_FRAME_WIDTH))
            height = int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
            packed = layout is PixelFormat.YUYV
            shape = (height, width, 2) if packed else (height * 3 // 2, width)
            ok, image = capture.retrieve(self._pool.take(*shape))
            if not ok or image.size != shape[0] * width * (2 if packed else 1):
                return None
            return image.reshape(shape[0], -1), layout
        return take

    def _as_jpeg(self) -> _Layout:
        """MJPG, decoded to I420 here."""
        self._colour = self._options.colour or Colour.BT601
        decode = MjpegDecoder(self._colour, self._pool)

        def take(capture: Any) -> tuple[Pixels, PixelFormat] | None:
            ok, data = capture.retrieve()
            pixels = decode(data) if ok else None
            return None if pixels is None else (pixels, PixelFormat.I420)
        return take

    def _not_open(self) -> SourceError:
        return SourceError(f"camera '{self._argument}' is not open", "open it before reading")
