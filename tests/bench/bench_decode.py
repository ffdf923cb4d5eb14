"""The engine against the bare ONNX Runtime sessions, on the same machine in the same run.

Run `python -m tests.bench.bench_decode [--rounds N]` with the product's environment. Both
sides of a pair take turns, so that a busy machine slows both. Prints one JSON object:
medians in milliseconds, and their ratio.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import onnxruntime
from PIL import Image as PILImage

from annotations.domain.prompts import Point, Prompts
from annotations.engines.base import Embedding
from annotations.engines.mobile_sam.assets import prepare
from annotations.engines.mobile_sam.sam_onnx import frame_input
from annotations.engines.mobile_sam.shapes import CODEC
from annotations.engines.session import PromptSession
from tests.support.engines import load
from tests.support.environment import CACHE, ROOT

_Action = Callable[[], Any]


def _bare(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(os.cpu_count() or 1, 8)
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _milliseconds(action: _Action) -> float:
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000


def _pair(ours: _Action, bare: _Action, rounds: int) -> dict[str, float]:
    times: dict[_Action, list[float]] = {ours: [], bare: []}
    ours(), bare()
    for turn in range(rounds):
        # Who goes first finds other things in the caches.
        for action in (ours, bare) if turn % 2 else (bare, ours):
            times[action].append(_milliseconds(action))
    own, other = median(times[ours]), median(times[bare])
    return {"ours_ms": round(own, 1), "bare_ms": round(other, 1), "ratio": round(own / other, 3)}


def _alone(action: _Action, rounds: int) -> dict[str, float]:
    return {"ours_ms": round(median(_milliseconds(action) for _ in range(rounds)), 1)}


def _decoder_feeds(embedding: Embedding) -> dict[str, Any]:
    return {
        "image_embeddings": embedding.values[None],
        "point_coords": np.array([[[500, 400], [0, 0]]], dtype=np.float32),
        "point_labels": np.array([[1, -1]], dtype=np.float32),
        "mask_input": np.zeros((1, 1, 256, 256), dtype=np.float32),
        "has_mask_input": np.zeros(1, dtype=np.float32),
    }


def measure(rounds: int) -> dict[str, dict[str, float]]:
    """Decode of one click, embedding of a photo, and the embedding's file."""
    folder = CACHE / "engines"
    prepare(ROOT / "node_modules", folder / "models", folder / "public")
    engine = load("sam_onnx", folder / "models")
    with PILImage.open(ROOT / "static" / "demo" / "cat.jpg") as image:
        picture = image.convert("RGB").resize((2048, 1536))
    size = picture.size
    embedding = engine.embed([picture], [size])[0]
    session = PromptSession(engine, embedding)
    data = CODEC.to_bytes(embedding)
    encoder = _bare(folder / "models" / "mobile_sam" / "encoder.onnx")
    decoder = _bare(folder / "models" / "mobile_sam" / "decoder.onnx")
    tensor = frame_input(picture, size)[None]
    feeds = _decoder_feeds(embedding)
    one = Prompts((Point(1000, 800, 1),))
    return {
        "decode one click": _pair(
            lambda: session.replay(one), lambda: decoder.run(None, feeds), rounds
        ),
        "embed 2048 x 1536": _pair(
            lambda: CODEC.to_bytes(engine.embed([picture], [size])[0]),
            lambda: encoder.run(None, {"input": tensor}),
            max(3, rounds // 5),
        ),
        "write embedding": _alone(lambda: CODEC.to_bytes(embedding), rounds),
        "read embedding": _alone(lambda: CODEC.from_bytes(data), rounds),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=25)
    print(json.dumps(measure(parser.parse_args().rounds), indent=1))


if __name__ == "__main__":
    main()
