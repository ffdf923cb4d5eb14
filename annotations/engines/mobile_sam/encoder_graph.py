"""Layer norms of an exported encoder, joined to one node each.

Before opset 17 exporters write a layer norm (Ba et al., 2016) as nine nodes. ONNX Runtime joins
them itself, but not where their outcome is then quantised: each of the nine reads and writes
the whole tensor there.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any


class _AnotherShape(Exception):
    """What was looked at is no layer norm."""


@dataclass(frozen=True)
class _Norm:
    """(values − mean) / √(variance + epsilon) · scale + bias, over the last axis."""

    values: str
    scale: str
    bias: str
    epsilon: float
    inner: frozenset[str]  # what is computed on the way


def join_norms(model: Any) -> int:
    """Replaces each layer norm over the last axis of `model` (an `onnx.ModelProto`, changed in
    place) by a `LayerNormalization`, which ONNX Runtime knows in any opset. Returns their
    number. What merely resembles one stays as it is."""
    graph = _Graph(model)
    norms = {node.output[0]: norm for node in model.graph.node if (norm := graph.norm_at(node))}
    gone = {name for norm in norms.values() for name in norm.inner}
    nodes = [
        _joined(node, norms[node.output[0]]) if node.output[0] in norms else node
        for node in model.graph.node
        if node.output[0] not in gone
    ]
    _keep(model.graph, nodes)
    return len(norms)


def _keep(graph: Any, nodes: list[Any]) -> None:
    """Leaves these nodes, and of the constants those that they read."""
    read = {name for node in nodes for name in node.input}
    nodes = [node for node in nodes if node.op_type != "Constant" or node.output[0] in read]
    constants = [constant for constant in graph.initializer if constant.name in read]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(constants)


def _joined(last: Any, norm: _Norm) -> Any:
    from onnx import helper

    return helper.make_node(
        "LayerNormalization",
        [norm.values, norm.scale, norm.bias],
        [last.output[0]],
        name=f"{last.name}_norm",
        axis=-1,
        epsilon=norm.epsilon,
    )


class _Graph:
    """Who makes what, who reads it, and the constants, however the exporter wrote them."""

    def __init__(self, model: Any) -> None:
        from onnx import numpy_helper

        self._constants = {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
        self._makers: dict[str, Any] = {}
        self._readers: dict[str, set[str]] = defaultdict(set)
        for output in model.graph.output:
            self._readers[output.name].add("")
        for node in model.graph.node:
            self._makers.update(dict.fromkeys(node.output, node))
            for name in node.input:
                self._readers[name].update(node.output)
            if node.op_type == "Constant" and node.attribute[0].name == "value":
                self._constants[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)

    def norm_at(self, last: Any) -> _Norm | None:
        """The layer norm whose bias is added in `last`, if it is one."""
        try:
            return self._read(last)
        except _AnotherShape:
            return None

    def _read(self, last: Any) -> _Norm:
        product, bias = self._with_constant(last, "Add")
        quotient, scale = self._with_constant(product, "Mul")
        difference, root = self._inputs(quotient, "Div")
        values, mean = self._inputs(difference, "Sub")
        (variance,) = self._inputs(root, "Sqrt", 1)
        squares, epsilon = self._with_constant(variance, "Add")
        square = self._mean_of(squares)
        same, two = self._with_constant(square, "Pow")
        if self._mean_of(mean) != values or same != difference or self._number(two) != 2:
            raise _AnotherShape
        inner = {product, quotient, difference, mean, root, variance, squares, square}
        if any(not self._readers[name] <= inner | set(last.output) for name in inner):
            raise _AnotherShape  # somebody else needs it
        return _Norm(values, scale, bias, self._number(epsilon), frozenset(inner))

    def _inputs(self, value: Any, kind: str, count: int = 2) -> tuple[str, ...]:
        """What the node takes; `value` is the node or the name of what it makes."""
        node = self._makers.get(value) if isinstance(value, str) else value
        if node is None or node.op_type != kind or len(node.input) != count:
            raise _AnotherShape
        return tuple(node.input)

    def _with_constant(self, value: Any, kind: str) -> tuple[str, str]:
        """What is computed and what is given, of a node that takes one of each."""
        first, second = self._inputs(value, kind)
        if first in self._constants:
            first, second = second, first
        if first in self._constants or second not in self._constants:
            raise _AnotherShape
        return first, second

    def _mean_of(self, name: str) -> str:
        """What the values are whose mean over the last axis is `name`."""
        (values,) = self._inputs(name, "ReduceMean", 1)
        axes = [list(a.ints) for a in self._makers[name].attribute if a.name == "axes"]
        if axes != [[-1]]:
            raise _AnotherShape
        return values

    def _number(self, name: str) -> float:
        if self._constants[name].size != 1:
            raise _AnotherShape
        return float(self._constants[name].item())
