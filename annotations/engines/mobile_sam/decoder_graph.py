"""The packaged decoder's weights by name, and ONNX graphs written node by node."""

from typing import Any

import numpy as np
import numpy.typing as npt

_OPSET, _IR = 20, 9
Array = npt.NDArray[np.float32]


class Weights:
    """The packaged decoder's weights by the names of their modules. Matrices that the exporter
    left without a name are found by the node that uses them."""

    def __init__(self, model: Any) -> None:
        from onnx import numpy_helper

        graph = model.graph
        self._arrays = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
        self._inputs = {node.name: list(node.input) for node in graph.node}

    def named(self, name: str) -> Array:
        return np.asarray(self._arrays[name], dtype=np.float32)

    def used_by(self, node: str) -> Array:
        """The constant among the node's inputs."""
        found = [name for name in self._inputs[node] if name in self._arrays]
        return self.named(found[0])

    def linear(self, module: str) -> tuple[Array, Array]:
        """(inputs, outputs) matrix and bias of `module`, below the mask decoder."""
        node = "/" + module.removeprefix("mask_decoder.").replace(".", "/").replace(
            "/layers/", "/layers."
        )
        return self.used_by(f"{node}/MatMul"), self.named(f"{module}.bias")

    def norm(self, module: str) -> tuple[Array, Array]:
        return self.named(f"{module}.weight"), self.named(f"{module}.bias")


class Graph:
    """Nodes in the order in which they are added; each method names its one output."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._count = 0

    def constant(self, values: Any, kind: Any = np.float32) -> str:
        from onnx import numpy_helper

        name = self._name("c")
        array = np.array(values, dtype=kind, order="C")
        self._constants.append(numpy_helper.from_array(array, name))
        return name

    def _name(self, stem: str) -> str:
        self._count += 1
        return f"{stem}{self._count}"

    def add(self, operator: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        from onnx import helper

        output = name or self._name(operator)
        self._nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def reshape(self, value: str, *shape: int, name: str = "") -> str:
        return self.add("Reshape", value, self.constant(shape, np.int64), name=name)

    def transpose(self, value: str, *order: int, name: str = "") -> str:
        return self.add("Transpose", value, perm=list(order), name=name)

    def matmul(self, value: str, matrix: Array) -> str:
        return self.add("MatMul", value, self.constant(matrix))

    def linear(self, value: str, layer: tuple[Array, Array]) -> str:
        return self.add("Add", self.matmul(value, layer[0]), self.constant(layer[1]))

    def norm(self, value: str, layer: tuple[Array, Array], epsilon: float = 1e-5) -> str:
        scale, shift = (self.constant(part) for part in layer)
        return self.add("LayerNormalization", value, scale, shift, axis=-1, epsilon=epsilon)

    def model(self, inputs: dict[str, list[Any]], outputs: tuple[str, ...]) -> Any:
        from onnx import TensorProto, helper

        graph = helper.make_graph(
            self._nodes,
            "decoder",
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in inputs.items()],
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in outputs],
            self._constants,
        )
        opset = [helper.make_opsetid("", _OPSET)]
        return helper.make_model(graph, opset_imports=opset, ir_version=_IR)
