"""Networks on MediaPipe Tasks (the ``mediapipe`` extra).

For comparison and for those who want Google's own runtime: it costs more CPU than the others. Only versions before
0.10.35 are accepted, because later ones look up a logging host of Google's while segmenting.
"""

from __future__ import annotations

from importlib.metadata import version

import numpy as np
from mediapipe import Image, ImageFormat
from mediapipe.tasks.python import BaseOptions, vision

from vcam.errors import ModelError, SegmenterError
from vcam.frame import FloatArray, Frame, Region, Size
from vcam.ops import Ops
from vcam.segmenters.models import Model, load

_FIRST_THAT_CONNECTS = (0, 10, 35)
# MediaPipe resizes by itself; given the network's own size, it stretches as the other runtimes do.
_SIZES = {"general": Size(256, 256), "landscape": Size(256, 144)}


class MediapipeSegmenter:
    """One of the bundled networks through ``ImageSegmenter``."""

    runtime = f"MediaPipe {version('mediapipe')}"

    def __init__(self, wanted: Model, ops: Ops) -> None:
        _refuse_talkative(version("mediapipe"))
        if wanted.name not in _SIZES:
            raise ModelError(f"model '{wanted.name}' does not run on MediaPipe Tasks here", "use --runtime litert")
        self.name = wanted.name
        self._ops = ops
        self._size = _SIZES[wanted.name]
        options = vision.ImageSegmenterOptions(
            base_options=BaseOptions(model_asset_buffer=load(wanted.files["litert"], wanted.name)),
            running_mode=vision.RunningMode.IMAGE, output_confidence_masks=True, output_category_mask=False)
        try:
            self._segmenter = vision.ImageSegmenter.create_from_options(options)
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"MediaPipe does not load model '{wanted.name}': {error}",
                             "use --runtime litert") from error

    def segment(self, frame: Frame, region: Region) -> FloatArray:
        tensor = self._ops.to_host(self._ops.network_input(frame, region, self._size, 1.0, 0.0, planar=False))
        rgb = tensor[0].round().astype(np.uint8)
        try:
            result = self._segmenter.segment(Image(image_format=ImageFormat.SRGB, data=rgb))
        except (RuntimeError, ValueError) as error:
            raise SegmenterError(f"model '{self.name}' failed on MediaPipe: {error}", "use --runtime litert") from error
        mask: FloatArray = np.array(result.confidence_masks[0].numpy_view(), np.float32)
        return mask.reshape(self._size.height, self._size.width)

    def close(self) -> None:
        """Stop MediaPipe's threads."""
        segmenter, self._segmenter = self._segmenter, None
        if segmenter is not None:
            segmenter.close()


def _refuse_talkative(installed: str) -> None:
    numbers = tuple(int(part) for part in installed.split(".")[:3] if part.isdigit())
    if numbers >= _FIRST_THAT_CONNECTS:
        raise ModelError(f"mediapipe {installed} opens network connections while segmenting: refused",
                         "pip install 'vcam[mediapipe]'")
