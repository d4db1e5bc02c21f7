"""Networks on LiteRT (TensorFlow Lite with XNNPACK)."""

from __future__ import annotations

from ai_edge_litert.interpreter import Interpreter

from vcam.errors import ModelError, SegmenterError
from vcam.frame import FloatArray, Frame, Region, Size
from vcam.ops import Ops
from vcam.segmenters.decode import input_scaling, probability
from vcam.segmenters.models import Model, load


class LitertSegmenter:
    """One network, one thread (a second one saves little time and doubles the CPU)."""

    runtime = "LiteRT"

    def __init__(self, wanted: Model, ops: Ops) -> None:
        self.name = wanted.name
        self._ops = ops
        data = load(wanted.files["litert"], wanted.name)
        try:
            self._interpreter = Interpreter(model_content=data, num_threads=1)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"LiteRT does not load model '{wanted.name}': {error}",
                             "pip install --upgrade ai-edge-litert") from error
        given, returned = self._interpreter.get_input_details()[0], self._interpreter.get_output_details()[0]
        _, height, width, _ = given["shape"]
        self._size = Size(int(width), int(height))
        self._scale, self._offset = input_scaling(int(returned["shape"][3]))
        self._input, self._output = given["index"], returned["index"]

    def segment(self, frame: Frame, region: Region) -> FloatArray:
        tensor = self._ops.network_input(frame, region, self._size, self._scale, self._offset, planar=False)
        try:
            self._interpreter.set_tensor(self._input, self._ops.to_host(tensor))
            self._interpreter.invoke()
        except (ValueError, RuntimeError) as error:
            raise SegmenterError(f"model '{self.name}' failed on LiteRT: {error}", "try --runtime onnx") from error
        return probability(self._interpreter.get_tensor(self._output)[0])

    def close(self) -> None:
        """Nothing to give back: memory goes with the object."""
