"""Convert the MediaPipe Selfie networks from TensorFlow Lite to ONNX.

    python packaging/convert_selfie.py IN.tflite OUT.onnx

The networks are small (106 K parameters) and use thirteen operators, one of them a custom operator
(``Convolution2DTransposeBias``), which general converters refuse. The result is planar (NCHW): vcam
produces planar network input, and no runtime then needs a transposition.

Needs the packages ``tflite`` and ``onnx``; neither is needed to run vcam.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import tflite
from onnx import TensorProto, helper, numpy_helper
from simplify_selfie import simplify

OPSET = 17
NUMPY_OF = {tflite.TensorType.FLOAT32: np.float32, tflite.TensorType.FLOAT16: np.float16,
            tflite.TensorType.INT32: np.int32}
CUSTOM_TRANSPOSED_CONVOLUTION = b"Convolution2DTransposeBias"


class Graph:
    """The ONNX graph being written, beside the TensorFlow Lite graph being read."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.tflite = model.Subgraphs(0)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, np.ndarray] = {}

    def shape(self, index: int) -> list[int]:
        return [int(n) for n in self.tflite.Tensors(index).ShapeAsNumpy()]

    def name(self, index: int) -> str:
        return f"t{index}"

    def constant(self, index: int) -> np.ndarray:
        """The weights behind a tensor, folded to float32."""
        known = self.constants.get(self.name(index))
        if known is not None:
            return known
        tensor = self.tflite.Tensors(index)
        raw = self.model.Buffers(tensor.Buffer()).DataAsNumpy()
        return np.frombuffer(raw.tobytes(), NUMPY_OF[tensor.Type()]).reshape(self.shape(index))

    def weight(self, name: str, value: np.ndarray) -> str:
        self.constants[name] = np.ascontiguousarray(value)
        return name

    def node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> None:
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))


def _options(operator: Any, table: type) -> Any:
    options = table()
    raw = operator.BuiltinOptions()
    options.Init(raw.Bytes, raw.Pos)
    return options


def _activate(graph: Graph, activation: int, output: str) -> str:
    """Name for the raw result; adds the fused activation behind it."""
    if activation == tflite.ActivationFunctionType.NONE:
        return output
    raw = output + "_raw"
    if activation == tflite.ActivationFunctionType.RELU:
        graph.node("Relu", [raw], output)
    elif activation == tflite.ActivationFunctionType.RELU6:
        low, high = graph.weight("zero", np.float32(0)), graph.weight("six", np.float32(6))
        graph.node("Clip", [raw, low, high], output)
    else:
        raise SystemExit(f"fused activation {activation} is not handled")
    return raw


def _same_pads(size: list[int], kernel: list[int], stride: list[int], same: bool) -> list[int]:
    """ONNX pads (top, left, bottom, right) of TensorFlow's SAME padding."""
    if not same:
        return [0, 0, 0, 0]
    total = [max((-(-n // s) - 1) * s + k - n, 0) for n, k, s in zip(size, kernel, stride, strict=True)]
    before = [t // 2 for t in total]
    return before + [t - b for t, b in zip(total, before, strict=True)]


def _convolution(graph: Graph, operator: Any, inputs: list[int], output: int, depthwise: bool) -> None:
    options = _options(operator, tflite.DepthwiseConv2DOptions if depthwise else tflite.Conv2DOptions)
    weights = graph.constant(inputs[1]).astype(np.float32)
    weights = weights.transpose(3, 0, 1, 2) if depthwise else weights.transpose(0, 3, 1, 2)
    stride = [options.StrideH(), options.StrideW()]
    kernel = list(weights.shape[2:])
    same = options.Padding() == tflite.Padding.SAME
    names = [graph.name(inputs[0]), graph.weight(f"w{inputs[1]}", weights),
             graph.weight(f"b{inputs[2]}", graph.constant(inputs[2]).astype(np.float32))]
    index = len(graph.nodes)
    target = _activate(graph, options.FusedActivationFunction(), graph.name(output))
    graph.nodes.insert(index, helper.make_node(
        "Conv", names, [target], strides=stride, kernel_shape=kernel,
        group=weights.shape[0] if depthwise else 1,
        pads=_same_pads(graph.shape(inputs[0])[1:3], kernel, stride, same)))


def _transposed_convolution(graph: Graph, operator: Any, inputs: list[int], output: int) -> None:
    del operator  # 2 x 2 kernel, stride 2: its packed options say nothing more
    weights = graph.constant(inputs[1]).astype(np.float32).transpose(3, 0, 1, 2)
    graph.node("ConvTranspose", [graph.name(inputs[0]), graph.weight(f"w{inputs[1]}", weights),
                                 graph.weight(f"b{inputs[2]}", graph.constant(inputs[2]).astype(np.float32))],
               graph.name(output), strides=[2, 2], kernel_shape=list(weights.shape[2:]))


def _pool(graph: Graph, operator: Any, inputs: list[int], output: int) -> None:
    options = _options(operator, tflite.Pool2DOptions)
    kernel = [options.FilterHeight(), options.FilterWidth()]
    if kernel == graph.shape(inputs[0])[1:3]:
        graph.node("GlobalAveragePool", [graph.name(inputs[0])], graph.name(output))
        return
    graph.node("AveragePool", [graph.name(inputs[0])], graph.name(output), kernel_shape=kernel,
               strides=[options.StrideH(), options.StrideW()])


def _mean(graph: Graph, operator: Any, inputs: list[int], output: int) -> None:
    axes = sorted(int(axis) for axis in graph.constant(inputs[1]).ravel())
    if axes != [1, 2] or not _options(operator, tflite.ReducerOptions).KeepDims():
        raise SystemExit(f"a mean over axes {axes} is not handled")
    graph.node("GlobalAveragePool", [graph.name(inputs[0])], graph.name(output))


def _resize(graph: Graph, operator: Any, inputs: list[int], output: int) -> None:
    options = _options(operator, tflite.ResizeBilinearOptions)
    mode = ("align_corners" if options.AlignCorners() else
            "half_pixel" if options.HalfPixelCenters() else "asymmetric")
    height, width = (int(n) for n in graph.constant(inputs[1]))
    channels = graph.shape(inputs[0])[3]
    sizes = graph.weight(f"size{output}", np.array([1, channels, height, width], np.int64))
    graph.node("Resize", [graph.name(inputs[0]), "", "", sizes], graph.name(output),
               mode="linear", coordinate_transformation_mode=mode)


def _binary(kind: str) -> Callable[[Graph, Any, list[int], int], None]:
    table = {"Add": tflite.AddOptions, "Mul": tflite.MulOptions}[kind]

    def convert(graph: Graph, operator: Any, inputs: list[int], output: int) -> None:
        index = len(graph.nodes)
        target = _activate(graph, _options(operator, table).FusedActivationFunction(), graph.name(output))
        graph.nodes.insert(index, helper.make_node(kind, [graph.name(i) for i in inputs], [target]))

    return convert


def _unary(kind: str) -> Callable[[Graph, Any, list[int], int], None]:
    def convert(graph: Graph, operator: Any, inputs: list[int], output: int) -> None:
        del operator
        graph.node(kind, [graph.name(inputs[0])], graph.name(output))

    return convert


def _dequantize(graph: Graph, operator: Any, inputs: list[int], output: int) -> None:
    del operator  # half-precision weights: fold them
    graph.constants[graph.name(output)] = graph.constant(inputs[0]).astype(np.float32)


CONVERTERS: dict[str, Callable[[Graph, Any, list[int], int], None]] = {
    "DEQUANTIZE": _dequantize,
    "CONV_2D": lambda g, op, i, o: _convolution(g, op, i, o, depthwise=False),
    "DEPTHWISE_CONV_2D": lambda g, op, i, o: _convolution(g, op, i, o, depthwise=True),
    "CUSTOM": _transposed_convolution,
    "AVERAGE_POOL_2D": _pool,
    "MEAN": _mean,
    "RESIZE_BILINEAR": _resize,
    "ADD": _binary("Add"),
    "MUL": _binary("Mul"),
    "RELU": _unary("Relu"),
    "HARD_SWISH": _unary("HardSwish"),
    "LOGISTIC": _unary("Sigmoid"),
}


def _operator_name(model: Any, operator: Any) -> str:
    code = model.OperatorCodes(operator.OpcodeIndex())
    if code.CustomCode() not in (None, CUSTOM_TRANSPOSED_CONVOLUTION):
        raise SystemExit(f"custom operator {code.CustomCode()!r} is not handled")
    number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
    names = {value: name for name, value in vars(tflite.BuiltinOperator).items() if isinstance(value, int)}
    return names[number]


def convert(data: bytes) -> onnx.ModelProto:
    """The ONNX model (one planar float input in 0..1, one planar probability output) of a TensorFlow Lite file."""
    model = tflite.Model.GetRootAsModel(data, 0)
    graph = Graph(model)
    for k in range(graph.tflite.OperatorsLength()):
        operator = graph.tflite.Operators(k)
        inputs = [int(i) for i in operator.InputsAsNumpy()]
        name = _operator_name(model, operator)
        CONVERTERS[name](graph, operator, inputs, int(operator.Outputs(0)))
    return _finish(graph)


def _finish(graph: Graph) -> onnx.ModelProto:
    def value(index: int, name: str) -> onnx.ValueInfoProto:
        batch, height, width, channels = graph.shape(index)
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, [batch, channels, height, width])

    first, last = int(graph.tflite.Inputs(0)), int(graph.tflite.Outputs(0))
    used = {name for node in graph.nodes for name in node.input}
    weights = [numpy_helper.from_array(v, n) for n, v in graph.constants.items() if n in used]
    proto = helper.make_graph(graph.nodes, "selfie", [value(first, graph.name(first))],
                              [value(last, graph.name(last))], weights)
    model = helper.make_model(proto, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="vcam")
    model.ir_version = 8
    simplify(model)
    return model


def main() -> None:
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    onnx.save(convert(Path(sys.argv[1]).read_bytes()), sys.argv[2])


if __name__ == "__main__":
    main()
