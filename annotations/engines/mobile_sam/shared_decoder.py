"""MobileSAM's mask decoder written anew for many prompts on one image, from the same weights.

Three graphs. The first computes once an image what no prompt changes: the image's side of the
first layer. The second takes prompts without a mask input as far as their scores, the third makes
masks of those that deserve them. The second multiplies in the order that costs
least: a prompt has 7 tokens of 8 heads and the image 4096 cells, so what is folded into the
tokens (a head's projection of keys, queries and values) need not be done for every cell. The
upscaling is plain matrix products, since its convolutions do not overlap. Same numbers within
float32's rounding, about 0.4 of the multiplications.

Source of the architecture: Kirillov et al., "Segment Anything" (2023), mask decoder and
two-way transformer.
"""

import os
import uuid
from pathlib import Path
from typing import Any

import numpy as np

from .decoder_graph import Array, Graph, Weights
from .files import IMAGE_FEATURES, IMAGE_PART, MASKS_PART, PROMPT_FEATURES, SCORES_PART
from .prepare import PrepareError
from .shapes import EMBEDDING_SHAPE, FRAME

_HEADS = 8
_WIDE, _SIDE, _ = EMBEDDING_SHAPE
_CELLS = _SIDE * _SIDE
_TOLERANCE = 2e-3
_TRANSFORMER = "mask_decoder.transformer."
_LAYER = _TRANSFORMER + "layers.{}."


def _by_head(matrix: Array) -> Array:
    """(inputs, 128) to (heads, inputs, 16)."""
    return matrix.reshape(matrix.shape[0], _HEADS, -1).transpose(1, 0, 2)


def _positions(weights: Weights) -> Array:
    """(4096, 256): the positional encoding of the cells, row by row."""
    middle = (np.arange(_SIDE, dtype=np.float32) + 0.5) / _SIDE * 2 - 1
    x, y = np.meshgrid(middle, middle)
    gaussian = weights.named("model.prompt_encoder.pe_layer.positional_encoding_gaussian_matrix")
    angles = np.stack([x.ravel(), y.ravel()], axis=1) @ gaussian * np.float32(2 * np.pi)
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)


def _image_graph(weights: Weights) -> Any:
    """The embedding to what the scores' graph takes: the cells (4096, 256), and their keys
    (8, 16, 4096), values (8, 4096, 16) and queries (8, 16, 4096) for the first layer."""
    graph = Graph()
    rows = graph.transpose(graph.reshape("image_embeddings", _WIDE, _CELLS), 1, 0)
    # What the prompt encoder adds to each cell where no mask was given.
    empty = weights.used_by("/Mul_9").reshape(_WIDE)
    cells = graph.add("Add", rows, graph.constant(empty), name=IMAGE_FEATURES[0])
    placed = graph.add("Add", cells, graph.constant(_positions(weights)))
    to_image = _LAYER.format(0) + "cross_attn_token_to_image."
    to_tokens = _LAYER.format(0) + "cross_attn_image_to_token."
    for name, source, module, order in (
        (IMAGE_FEATURES[1], placed, to_image + "k_proj", (1, 2, 0)),
        (IMAGE_FEATURES[2], cells, to_image + "v_proj", (1, 0, 2)),
        (IMAGE_FEATURES[3], placed, to_tokens + "q_proj", (1, 2, 0)),
    ):
        projected = graph.linear(source, weights.linear(module))
        graph.transpose(graph.reshape(projected, _CELLS, _HEADS, -1), *order, name=name)
    return graph.model({"image_embeddings": [1, _WIDE, _SIDE, _SIDE]}, IMAGE_FEATURES)


class _Prompts:
    """Builds the scores' graph. Comments give shapes: B prompts, T tokens of each."""

    def __init__(self, weights: Weights) -> None:
        self.weights, self.graph = weights, Graph()
        self._positions = _positions(weights)

    def build(self) -> Any:
        g = self.graph
        tokens = self._tokens()
        cells = IMAGE_FEATURES[0]
        first = self._self_attention(tokens, None, 0)
        queries = g.norm(first, self._norm(0, 1))
        queries, cells = self._layer(queries, tokens, cells, 0)
        more = self._self_attention(queries, tokens, 1)
        queries = g.norm(g.add("Add", queries, more), self._norm(1, 1))
        queries, cells = self._layer(queries, tokens, cells, 1)
        last = self._to_image(
            g.add("Add", queries, tokens), cells, _TRANSFORMER + "final_attn_token_to_image."
        )
        norm = self.weights.norm(_TRANSFORMER + "norm_final_attn")
        queries = g.norm(g.add("Add", queries, last), norm)
        g.add("Identity", cells, name=PROMPT_FEATURES[0])
        self._heads(queries)
        return g.model(
            {
                IMAGE_FEATURES[0]: [_CELLS, _WIDE],
                IMAGE_FEATURES[1]: [_HEADS, _WIDE // 2 // _HEADS, _CELLS],
                IMAGE_FEATURES[2]: [_HEADS, _CELLS, _WIDE // 2 // _HEADS],
                IMAGE_FEATURES[3]: [_HEADS, _WIDE // 2 // _HEADS, _CELLS],
                "point_coords": ["prompts", "points", 2],
                "point_labels": ["prompts", "points"],
            },
            ("scores", *PROMPT_FEATURES),
        )

    def _norm(self, layer: int, number: int) -> tuple[Array, Array]:
        return self.weights.norm(f"{_LAYER.format(layer)}norm{number}")

    def _tokens(self) -> str:
        """(B, T, 256): score, four masks, then the points."""
        g, w = self.graph, self.weights
        part = "model.prompt_encoder."
        centres = g.add("Add", "point_coords", g.constant([0.5]))
        placed_points = g.add(
            "Sub", g.add("Mul", centres, g.constant([2 / FRAME.side])), g.constant([1.0])
        )
        gaussian = w.named(part + "pe_layer.positional_encoding_gaussian_matrix")
        angles = g.matmul(placed_points, gaussian * np.float32(2 * np.pi))
        places = g.add("Concat", g.add("Sin", angles), g.add("Cos", angles), axis=-1)
        names = [f"point_embeddings.{label}" for label in range(4)]
        table = [w.named(part + f"{name}.weight")[0] for name in ["not_a_point_embed", *names]]
        row = g.add("Cast", g.add("Add", "point_labels", g.constant([1.0])), to=7)
        kind = g.add("Gather", g.constant(np.stack(table)), row, axis=0)
        # Padding has no place: its row is 0, the others' count whole.
        placed = g.add("Clip", g.add("Cast", row, to=1), g.constant(0.0), g.constant(1.0))
        placed = g.add("Unsqueeze", placed, g.constant([-1], np.int64))
        points = g.add("Add", g.add("Mul", places, placed), kind)
        count = g.add("Shape", "point_labels", start=0, end=1)
        shape = g.add("Concat", count, g.constant([5, _WIDE], np.int64), axis=0)
        outputs = g.add("Expand", g.constant(w.used_by("/Expand_1")), shape)
        return g.add("Concat", outputs, points, axis=1)

    def _split(self, value: str) -> str:
        """(B, T, heads × d) to (B, heads, T, d)."""
        return self.graph.transpose(self.graph.reshape(value, 0, 0, _HEADS, -1), 0, 2, 1, 3)

    def _join(self, value: str) -> str:
        return self.graph.reshape(self.graph.transpose(value, 0, 2, 1, 3), 0, 0, -1)

    def _project(self, value: str, module: str, scale: float = 1.0) -> str:
        """(B, T, 256) to (B, heads, T, d), times `scale`."""
        matrix, bias = self.weights.linear(module)
        scaled = np.float32(scale)
        return self._split(self.graph.linear(value, (matrix * scaled, bias * scaled)))

    def _self_attention(self, queries: str, places: str | None, layer: int) -> str:
        g, module = self.graph, _LAYER.format(layer) + "self_attn."
        placed = queries if places is None else g.add("Add", queries, places)
        asked = self._project(placed, module + "q_proj", (_WIDE / _HEADS) ** -0.5)
        keys = g.transpose(self._project(placed, module + "k_proj"), 0, 1, 3, 2)
        weights = g.add("Softmax", g.add("MatMul", asked, keys), axis=-1)
        found = g.add("MatMul", weights, self._project(queries, module + "v_proj"))
        return g.linear(self._join(found), self.weights.linear(module + "out_proj"))

    def _layer(self, queries: str, tokens: str, cells: str, layer: int) -> tuple[str, str]:
        """Both cross attentions and the tokens' perceptron between them."""
        g, module = self.graph, _LAYER.format(layer)
        placed = g.add("Add", queries, tokens)
        shared = layer == 0
        found = self._to_image(placed, cells, module + "cross_attn_token_to_image.", shared)
        queries = g.norm(g.add("Add", queries, found), self._norm(layer, 2))
        hidden = g.add("Relu", g.linear(queries, self.weights.linear(module + "mlp.lin1")))
        wide = g.linear(hidden, self.weights.linear(module + "mlp.lin2"))
        queries = g.norm(g.add("Add", queries, wide), self._norm(layer, 3))
        placed = g.add("Add", queries, tokens)
        change = self._to_tokens(
            queries, placed, cells, module + "cross_attn_image_to_token.", shared
        )
        # Flat between them: the runtime would join sum and norm to one step that is slower.
        flat = g.reshape(g.add("Add", change, cells), -1, _WIDE)
        normed = g.norm(flat, self._norm(layer, 4))
        return queries, g.reshape(normed, -1, _CELLS, _WIDE)

    def _fold(self, value: str, matrix: Array) -> str:
        """(B, heads, T, 16) through each head's part of `matrix` (256, 128): (B, heads T, 256)."""
        folded = self.graph.matmul(value, _by_head(matrix).transpose(0, 2, 1))
        return self.graph.reshape(folded, 0, -1, _WIDE)

    def _likeness(self, value: str, cells: str, module: str, *, bias: bool) -> str:
        """(B, heads T, 4096): products of tokens (B, heads, T, 16) and the projected cells with
        their places. What the places give is known beforehand."""
        g = self.graph
        matrix, shift = self.weights.linear(module)
        known = self._positions @ matrix + (shift if bias else 0)
        by_place = g.matmul(value, _by_head(known).transpose(0, 2, 1))
        by_cell = g.add("MatMul", self._fold(value, matrix), g.transpose(cells, 0, 2, 1))
        return g.add("Add", by_cell, g.reshape(by_place, 0, -1, _CELLS))

    def _to_image(self, placed: str, cells: str, module: str, shared: bool = False) -> str:
        """(B, T, 256): what the tokens find in the cells."""
        g = self.graph
        asked = self._project(placed, module + "q_proj", 0.25)
        if shared:
            weights = g.add("Softmax", g.add("MatMul", asked, IMAGE_FEATURES[1]), axis=-1)
            found = g.add("MatMul", weights, IMAGE_FEATURES[2])
            return g.linear(self._join(found), self.weights.linear(module + "out_proj"))
        # A key's bias adds the same to all cells, which softmax does not see.
        likeness = self._likeness(asked, cells, module + "k_proj", bias=False)
        mixed = g.add("MatMul", g.add("Softmax", likeness, axis=-1), cells)
        matrix, shift = self.weights.linear(module + "v_proj")
        found = g.matmul(g.reshape(mixed, 0, _HEADS, -1, _WIDE), _by_head(matrix))
        values = g.add("Add", self._join(found), g.constant(shift))
        return g.linear(values, self.weights.linear(module + "out_proj"))

    def _to_tokens(self, queries: str, placed: str, cells: str, module: str, shared: bool) -> str:
        """(B, 4096, 256): what the cells take from the tokens."""
        g = self.graph
        keys = self._project(placed, module + "k_proj", 0.25)
        if shared:
            likeness = g.add("MatMul", keys, IMAGE_FEATURES[3])
        else:
            flat = self._likeness(keys, cells, module + "q_proj", bias=True)
            likeness = g.reshape(flat, 0, _HEADS, -1, _CELLS)
        weights = g.reshape(self._softmax_of_tokens(likeness), 0, -1, _CELLS)
        values = self._project(queries, module + "v_proj")
        matrix, bias = self.weights.linear(module + "out_proj")
        by_head = matrix.reshape(_HEADS, -1, _WIDE)
        # Each head's weights add up to 1: an eighth of the bias with each.
        folded = g.add("Add", g.matmul(values, by_head), g.constant(bias / _HEADS))
        return g.add("MatMul", g.transpose(weights, 0, 2, 1), g.reshape(folded, 0, -1, _WIDE))

    def _softmax_of_tokens(self, likeness: str) -> str:
        """Over T of (B, heads, T, 4096): rows of cells are what the CPU takes at a stride."""
        g, axis = self.graph, self.graph.constant([2], np.int64)
        top = g.add("ReduceMax", likeness, axis, keepdims=1)
        powers = g.add("Exp", g.add("Sub", likeness, top))
        return g.add("Div", powers, g.add("ReduceSum", powers, axis, keepdims=1))

    def _heads(self, queries: str) -> None:
        """Scores (B, 4), and the kernels (B, 4, 32) of the masks."""
        g = self.graph
        self._perceptron(self._token(queries, 0), "mask_decoder.iou_prediction_head", "scores")
        module = "mask_decoder.output_hypernetworks_mlps."
        kernels = [self._perceptron(self._token(queries, 1 + k), f"{module}{k}") for k in range(4)]
        ones = g.constant([1], np.int64)
        rows = (g.add("Unsqueeze", kernel, ones) for kernel in kernels)
        g.add("Concat", *rows, axis=1, name=PROMPT_FEATURES[1])

    def _token(self, queries: str, index: int) -> str:
        return self.graph.add("Gather", queries, self.graph.constant(index, np.int64), axis=1)

    def _perceptron(self, value: str, module: str, name: str = "") -> str:
        for layer in range(3):
            matrix = self.weights.named(f"{module}.layers.{layer}.weight")
            bias = self.weights.named(f"{module}.layers.{layer}.bias")
            parts = (self.graph.constant(matrix), self.graph.constant(bias))
            last = layer == 2
            value = self.graph.add("Gemm", value, *parts, transB=1, name=name if last else "")
            value = value if last else self.graph.add("Relu", value)
        return value


def _masks_graph(weights: Weights) -> Any:
    """Cells after the prompt and kernels to the masks (B, 4, 256, 256). Two transposed
    convolutions of stride 2, the pixels in nested order until the end."""
    g, part = Graph(), "mask_decoder.output_upscaling."
    value = _quartered(g, weights, g.reshape(PROMPT_FEATURES[0], -1, _WIDE), part + "0")
    scale = weights.used_by("/output_upscaling/output_upscaling.1/Mul").ravel()
    shift = weights.used_by("/output_upscaling/output_upscaling.1/Add_1").ravel()
    value = g.add("Gelu", g.norm(value, (scale, shift), 1e-6))
    value = g.add("Gelu", _quartered(g, weights, value, part + "3"))
    pixels = g.transpose(g.reshape(value, -1, 16 * _CELLS, 32), 0, 2, 1)
    # Cell by row and column, then twice the quarter within it.
    split = g.reshape(g.add("MatMul", PROMPT_FEATURES[1], pixels), 0, 4, _SIDE, _SIDE, 2, 2, 2, 2)
    ordered = g.transpose(split, 0, 1, 2, 4, 6, 3, 5, 7)
    g.reshape(ordered, 0, 4, 4 * _SIDE, 4 * _SIDE, name="low_res_masks")
    inputs = {
        PROMPT_FEATURES[0]: ["prompts", _CELLS, _WIDE],
        PROMPT_FEATURES[1]: ["prompts", 4, 32],
    }
    return g.model(inputs, ("low_res_masks",))


def _quartered(g: Graph, weights: Weights, value: str, module: str) -> str:
    """(pixels, inputs) to (4 pixels, outputs)."""
    kernel, bias = weights.named(module + ".weight"), weights.named(module + ".bias")
    inputs, outputs = kernel.shape[:2]
    matrix = kernel.transpose(0, 2, 3, 1).reshape(inputs, 4 * outputs)
    parts = (g.constant(matrix), g.constant(np.tile(bias, 4)))
    return g.reshape(g.add("Gemm", value, *parts), -1, outputs)


def write(decoder: Path, folder: Path) -> None:
    """Writes the graphs beside each other, from the re-cut decoder's weights. Raises
    PrepareError when they do not give what that one gives."""
    import onnx

    weights = Weights(onnx.load(str(decoder)))
    parts = {}
    try:
        for name, model in (
            (IMAGE_PART, _image_graph(weights)),
            (SCORES_PART, _Prompts(weights).build()),
            (MASKS_PART, _masks_graph(weights)),
        ):
            parts[name] = folder / f".{name}.{uuid.uuid4().hex[:8]}.part.onnx"
            onnx.save(model, str(parts[name]))
        _check(decoder, *parts.values())
        for name, part in parts.items():
            os.replace(part, folder / name)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)


def _check(*files: Path) -> None:
    """Holds the parts against the re-cut decoder, the first of the files: points, and boxes
    with a point, on a made embedding."""
    import onnxruntime as ort

    ort.set_default_logger_severity(3)
    sessions = [
        ort.InferenceSession(str(path), providers=["CPUExecutionProvider"]) for path in files
    ]
    random = np.random.default_rng(1)
    embedding = random.normal(size=(1, _WIDE, _SIDE, _SIDE)).astype(np.float32) * 0.2
    shared = dict(
        zip(IMAGE_FEATURES, sessions[1].run(None, {"image_embeddings": embedding}), strict=True)
    )
    for labels in ([[1, -1], [0, -1]], [[1, 2, 3], [0, 2, 3]]):
        asked = {
            "point_coords": (random.random((2, len(labels[0]), 2)) * FRAME.side).astype(np.float32),
            "point_labels": np.array(labels, dtype=np.float32),
        }
        whole = {
            "image_embeddings": embedding,
            "mask_input": np.zeros((1, 1, FRAME.logits_side, FRAME.logits_side), np.float32),
            "has_mask_input": np.zeros(1, np.float32),
        }
        names = ["low_res_masks", "scores"]
        theirs = sessions[0].run(names, asked | whole)
        scores, *features = sessions[2].run(["scores", *PROMPT_FEATURES], asked | shared)
        masks = sessions[3].run(
            ["low_res_masks"], dict(zip(PROMPT_FEATURES, features, strict=True))
        )
        ours = [*masks, scores]
        near = max(float(np.abs(a - b).max()) for a, b in zip(ours, theirs, strict=True))
        if not near < _TOLERANCE:
            raise PrepareError(f"the shared decoder differs from the packaged one by {near}")
