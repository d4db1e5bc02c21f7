"""Networks on ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import onnxruntime

from vcam.errors import ModelError, SegmenterError
from vcam.frame import FloatArray, Frame, Region, Size
from vcam.ops import DeviceArray, Ops
from vcam.segmenters.decode import input_scaling, probability
from vcam.segmenters.models import Model, load

_ERRORS_ONLY = 3

# On Windows it hands events to the system, which may send them on; elsewhere see vcam/__init__.py.
onnxruntime.disable_telemetry_events()


class OnnxSegmenter:
    """One network, one thread, planar input. With the verbs of a GPU it computes there too, or not at all."""

    runtime = f"ONNX Runtime {onnxruntime.__version__}"

    def __init__(self, wanted: Model, ops: Ops) -> None:
        self.name = wanted.name
        self._ops = ops
        if "onnx" not in wanted.files:
            raise ModelError(f"model '{wanted.name}' has no ONNX file", "use --runtime litert")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = _ERRORS_ONLY
        self._working: Callable[[], AbstractContextManager[None]] = nullcontext
        network = load(wanted.files["onnx"], wanted.name)
        try:
            self._session = self._open(network, options)
        except RuntimeError as error:
            raise ModelError(f"ONNX Runtime does not load model '{wanted.name}': {error}",
                             "use --runtime litert") from error
        given = self._session.get_inputs()[0]
        self._input = given.name
        self._size = Size(int(given.shape[3]), int(given.shape[2]))
        self._scale, self._offset = input_scaling(int(self._session.get_outputs()[0].shape[1]))

    def _open(self, network: bytes, options: Any) -> Any:
        device = getattr(self._ops, "device", None)  # a GPU's verbs have one
        if device is None:
            self._run = self._run_here
            return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
        from vcam.ops.gpu.network import BoundNetwork, open_session

        session = open_session(network, options, device)
        self._run, self._working = BoundNetwork(session, device).run, device.working
        self.runtime = f"{OnnxSegmenter.runtime} on {device.name}"
        return session

    def _run_here(self, tensor: DeviceArray) -> DeviceArray:
        return self._session.run(None, {self._input: tensor})[0]

    def segment(self, frame: Frame, region: Region) -> FloatArray:
        with self._working():
            tensor = self._ops.network_input(frame, region, self._size, self._scale, self._offset, planar=True)
            try:
                output: FloatArray = self._run(tensor)
            except RuntimeError as error:
                raise SegmenterError(f"model '{self.name}' failed on ONNX Runtime: {error}",
                                     "try --runtime litert") from error
            return probability(output[0].transpose(1, 2, 0))

    def close(self) -> None:
        """Nothing to give back: memory goes with the object."""
