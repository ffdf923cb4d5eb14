"""Weights as state dicts: from MobileSAM's ONNX files, and from Meta's checkpoints.

An ONNX exporter keeps the names of most weights and makes others anonymous; those are named
after their node, whose name is the path of the module that it came from.
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import EngineUnavailable
from .checkpoints import CHECKPOINTS

Array = npt.NDArray[Any]
State = dict[str, Any]

_ANONYMOUS = "onnx::"
# What the operands of a node are called in the module that the node came from.
_OPERANDS = {
    "Conv": {1: "weight", 2: "bias"},
    "ConvTranspose": {1: "weight", 2: "bias"},
    "Gemm": {1: "weight", 2: "bias"},
    "LayerNormalization": {1: "weight", 2: "bias"},
    "MatMul": {0: "weight", 1: "weight"},
    "Mul": {0: "weight", 1: "weight"},
    "Add": {0: "bias", 1: "bias"},
}
_NECK = "image_encoder.patch_embed.proj.weight"
_WIDTHS = {768: "vit_b", 1024: "vit_l", 1280: "vit_h"}


def encoder_from_onnx(path: Path) -> State:
    """Tensors for `TinyViT`. Raises EngineUnavailable."""
    return _tensors(_named_weights(path))


def decoder_from_onnx(path: Path) -> State:
    """Tensors named `prompt_encoder.…` and `mask_decoder.…`. Raises EngineUnavailable."""
    state: dict[str, Array] = {}
    for name, array in _named_weights(path).items():
        if name == "tokens":
            # The score's token and those of the four masks, joined by the exporter.
            state["mask_decoder.iou_token.weight"] = array[0, :1]
            state["mask_decoder.mask_tokens.weight"] = array[0, 1:]
        elif name == "no_mask":
            state["prompt_encoder.no_mask_embed.weight"] = array.reshape(1, -1)
        elif name.startswith(("prompt_encoder.", "mask_decoder.")):
            state[name] = array
        elif name.startswith("mask_downscaling."):
            state[f"prompt_encoder.{name}"] = array
        else:
            state[f"mask_decoder.{name}"] = array
    return _tensors(state)


def _tensors(arrays: dict[str, Array]) -> State:
    import torch

    # A copy: the file's bytes may not be written to.
    return {name: torch.from_numpy(np.array(array)) for name, array in arrays.items()}


def _named_weights(path: Path) -> dict[str, Array]:
    import onnx

    try:
        graph = onnx.load(str(path)).graph
        constants = _constants(graph)
    except Exception as error:  # protobuf and ONNX have many kinds of their own
        raise EngineUnavailable(
            f"The model file {path.name} cannot be read: run manage.py prepare_models."
        ) from error
    weights: dict[str, Array] = {}
    for node in graph.node:
        for position, operand in enumerate(node.input):
            array = constants.get(operand)
            if array is None or (array.size == 1 and not operand.startswith("model.")):
                continue
            name = _name(node, position, operand)
            if name:
                transposed = node.op_type == "MatMul" and operand.startswith(_ANONYMOUS)
                weights[name] = array.T if transposed else _shaped(node, operand, array)
    return weights


def _constants(graph: Any) -> dict[str, Array]:
    from onnx import numpy_helper

    arrays = {row.name: numpy_helper.to_array(row) for row in graph.initializer}
    for node in graph.node:
        # Attention biases are constants of a node; other constants are no weights.
        if node.op_type == "Constant" and "/attn/" in node.name:
            arrays[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
    return arrays


def _name(node: Any, position: int, operand: str) -> str:
    """The weight's name in the modules; empty for what is none."""
    if not operand.startswith((_ANONYMOUS, "/")):
        return operand.removeprefix("model.")
    path = _module(node.name)
    if not path:
        return {"Expand": "tokens", "Mul": "no_mask"}.get(node.op_type, "")
    kind = _OPERANDS.get(node.op_type, {}).get(position)
    return f"{path}.{kind}" if kind else ""


def _module(node_name: str) -> str:
    """`/patch_embed/seq/seq.0/c/Conv` as `patch_embed.seq.0`: exporters say sequences twice,
    and `c` is the convolution that a batch norm was folded into."""
    parts: list[str] = []
    for part in node_name.strip("/").split("/")[:-1]:
        if parts and part.startswith(parts[-1] + "."):
            parts.pop()
        if part != "c":
            parts.append(part)
    return ".".join(parts)


def _shaped(node: Any, operand: str, array: Array) -> Array:
    """Weights of a norm over channels come with the axes of the maps."""
    if operand.startswith(_ANONYMOUS) and node.op_type in {"Mul", "Add"} and _module(node.name):
        return array.reshape(-1)
    return array


def checkpoint(path: Path, model: str) -> State:
    """The tensors of a checkpoint of `model` (vit_b, vit_l, vit_h), mapped from the file so
    that only what is used is read. Raises EngineUnavailable."""
    import torch

    try:
        state = torch.load(path, map_location="cpu", mmap=True, weights_only=True)
    except FileNotFoundError as error:
        raise EngineUnavailable(f"The checkpoint {path.name} is not there.") from error
    except Exception as error:  # zip, pickle and torch have many kinds of their own
        raise EngineUnavailable(
            f"The checkpoint {path.name} is damaged, or no PyTorch checkpoint."
        ) from error
    found = _model_of(state)
    if found != model:
        what = f"of {found}" if found else "no Segment Anything model's"
        raise EngineUnavailable(f"The checkpoint {path.name} is {what}, not of {model}.")
    return dict(state)


def _model_of(state: Any) -> str:
    import torch

    patches = state.get(_NECK) if isinstance(state, dict) else None
    if not isinstance(patches, torch.Tensor) or patches.ndim != 4:
        return ""
    found = _WIDTHS.get(patches.shape[0], "")
    return found if found in CHECKPOINTS else ""
