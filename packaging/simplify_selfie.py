"""Rewrite a converted Selfie network into an equal one that costs less.

Two identities, both exact but for rounding:

* a 1 × 1 convolution and a bilinear enlargement commute (the weights of the enlargement sum to one), so the
  convolution can work on a quarter of the pixels;
* the mean of a sum is the sum of the means, and enlarging by two does not change a mean (every sample keeps the same
  weight, edges included), so no sum has to be made just to be averaged.
"""

from __future__ import annotations

import onnx
from onnx import helper


def simplify(model: onnx.ModelProto) -> None:
    """Rewrite ``model`` in place."""
    graph = _Nodes(model)
    for node in list(graph.nodes):
        if node.op_type == "Resize":
            _convolve_first(graph, node)
    for node in list(graph.nodes):
        if node.op_type == "GlobalAveragePool":
            _average_first(graph, node)
    graph.store()
    onnx.checker.check_model(model)


class _Nodes:
    """The nodes of a model with look-ups in both directions."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._graph = model.graph
        self.nodes = list(model.graph.node)
        self._shapes = {weight.name: list(weight.dims) for weight in model.graph.initializer}

    def producer(self, name: str) -> onnx.NodeProto | None:
        return next((node for node in self.nodes if name in node.output), None)

    def users(self, name: str) -> list[onnx.NodeProto]:
        return [node for node in self.nodes if name in node.input]

    def is_pointwise(self, node: onnx.NodeProto) -> bool:
        return node.op_type == "Conv" and self._shapes[node.input[1]][2:] == [1, 1]

    def resize_to(self, name: str, channels: int, before: str) -> str:
        """A copy of a size constant with another number of channels."""
        old = next(weight for weight in self._graph.initializer if weight.name == before)
        sizes = onnx.numpy_helper.to_array(old).copy()
        sizes[1] = channels
        self._graph.initializer.append(onnx.numpy_helper.from_array(sizes, name))
        self._graph.initializer.remove(old)
        return name

    def channels_out(self, convolution: onnx.NodeProto) -> int:
        return self._shapes[convolution.input[1]][0]

    def store(self) -> None:
        """Write the nodes back in an order in which every input is made before it is used."""
        made = {value.name for value in self._graph.input} | {weight.name for weight in self._graph.initializer} | {""}
        waiting, ordered = self.nodes, []
        while waiting:
            ready = [node for node in waiting if set(node.input) <= made]
            waiting = [node for node in waiting if node not in ready]
            made |= {name for node in ready for name in node.output}
            ordered += ready
        del self._graph.node[:]
        self._graph.node.extend(ordered)


def _convolve_first(graph: _Nodes, resize: onnx.NodeProto) -> None:
    users = graph.users(resize.output[0])
    if len(users) != 1 or not graph.is_pointwise(users[0]):
        return
    convolution, = users
    result, small = convolution.output[0], convolution.output[0] + "_small"
    convolution.input[0], resize.input[0] = resize.input[0], small
    convolution.output[0], resize.output[0] = small, result
    resize.input[3] = graph.resize_to(result + "_size", graph.channels_out(convolution), resize.input[3])


def _average_first(graph: _Nodes, pool: onnx.NodeProto) -> None:
    total = graph.producer(pool.input[0])
    if total is None or total.op_type != "Add" or len(graph.users(total.output[0])) != 1:
        return
    means = [_mean(graph, name) for name in total.input]
    graph.nodes.remove(total)
    graph.nodes.remove(pool)
    graph.nodes.append(helper.make_node("Add", means, [pool.output[0]]))


def _mean(graph: _Nodes, name: str) -> str:
    source = graph.producer(name)
    if source is not None and source.op_type == "Resize":
        name = source.input[0]
    graph.nodes.append(helper.make_node("GlobalAveragePool", [name], [name + "_mean"]))
    return name + "_mean"
