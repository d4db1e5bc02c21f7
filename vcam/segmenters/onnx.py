"""Networks on ONNX Runtime."""

from __future__ import annotations

import onnxruntime

from vcam.errors import ModelError, SegmenterError
from vcam.frame import FloatArray, Frame, Region, Size
from vcam.ops import Ops
from vcam.segmenters.decode import input_scaling, probability
from vcam.segmenters.models import Model, load

_ERRORS_ONLY = 3


class OnnxSegmenter:
    """One network, one thread, planar input."""

    runtime = f"ONNX Runtime {onnxruntime.__version__}"

    def __init__(self, wanted: Model, ops: Ops) -> None:
        self.name = wanted.name
        self._ops = ops
        if "onnx" not in wanted.files:
            raise ModelError(f"model '{wanted.name}' has no ONNX file", "use --runtime litert")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = _ERRORS_ONLY
        try:
            self._session = onnxruntime.InferenceSession(load(wanted.files["onnx"], wanted.name), options,
                                                         providers=["CPUExecutionProvider"])
        except RuntimeError as error:
            raise ModelError(f"ONNX Runtime does not load model '{wanted.name}': {error}",
                             "use --runtime litert") from error
        given = self._session.get_inputs()[0]
        self._input = given.name
        self._size = Size(int(given.shape[3]), int(given.shape[2]))
        self._scale, self._offset = input_scaling(int(self._session.get_outputs()[0].shape[1]))

    def segment(self, frame: Frame, region: Region) -> FloatArray:
        tensor = self._ops.network_input(frame, region, self._size, self._scale, self._offset, planar=True)
        try:
            output: FloatArray = self._session.run(None, {self._input: tensor})[0]
        except RuntimeError as error:
            raise SegmenterError(f"model '{self.name}' failed on ONNX Runtime: {error}",
                                 "try --runtime litert") from error
        return probability(output[0].transpose(1, 2, 0))

    def close(self) -> None:
        """Nothing to give back: memory goes with the object."""
