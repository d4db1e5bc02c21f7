"""Segmenters: networks that say where the person is. One file per runtime.

The runtime is chosen by measurement: ONNX Runtime needs a fifth less CPU on these networks and is used where it is
installed; LiteRT is the floor that always is.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Protocol, cast

from vcam.errors import ModelError, UsageError
from vcam.frame import FloatArray, Frame, Region
from vcam.ops import Ops
from vcam.registry import Entry, Registry
from vcam.segmenters.models import Model, model

REGISTRY = Registry("segmenters", (
    Entry("onnx", "vcam.segmenters.onnx:OnnxSegmenter", "ONNX Runtime", extra="onnx"),
    Entry("litert", "vcam.segmenters.litert:LitertSegmenter", "LiteRT"),
    Entry("mediapipe", "vcam.segmenters.mediapipe_tasks:MediapipeSegmenter", "MediaPipe Tasks", extra="mediapipe"),
))

RUNTIMES = {"onnx": "onnxruntime", "litert": "ai_edge_litert", "mediapipe": "mediapipe"}
AVERAGE = "average"


class Segmenter(Protocol):
    """Says where the person is. One thread calls ``segment``.

    ``name`` of the network, ``runtime`` in words.
    """

    name: str
    runtime: str

    def segment(self, frame: Frame, region: Region) -> FloatArray:
        """Probability of person in the region, float32 (height, width) of the network's own size, 0–1.

        Args:
            frame: I420, any size.
            region: where to look; it is stretched to the network's input.

        Raises:
            SegmenterError: the network failed.
        """

    def close(self) -> None: ...


def make_segmenter(name: str, ops: Ops, runtime: str = "auto") -> Segmenter:
    """The network ``name`` (``average``: general and landscape together) on a runtime.

    Args:
        runtime: ``auto``, ``onnx``, ``litert`` or ``mediapipe``.

    Raises:
        UsageError: no such network or runtime.
        ModelError: its file is missing or damaged, or no runtime for it is installed.
    """
    if name == AVERAGE:
        from vcam.segmenters.average import AverageSegmenter

        first, second = (make_segmenter(each, ops, runtime) for each in ("general", "landscape"))
        return AverageSegmenter(first, second, ops)
    wanted = model(name)
    scheme = _pick_runtime(wanted, runtime)
    return cast(Callable[[Model, Ops], Segmenter], REGISTRY.load(scheme))(wanted, ops)


def _pick_runtime(wanted: Model, runtime: str) -> str:
    if runtime != "auto":
        if runtime not in RUNTIMES:
            raise UsageError(f"unknown runtime '{runtime}'", f"known: auto, {', '.join(RUNTIMES)}")
        return runtime
    installed = [name for name in ("onnx", "litert") if name in wanted.files and find_spec(RUNTIMES[name])]
    if not installed:
        raise ModelError(f"no runtime for model '{wanted.name}' is installed", "pip install 'vcam[onnx]'")
    return installed[0]
