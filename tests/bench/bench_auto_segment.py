"""The finder of all objects against a single decode for each of its points plus the same selection.

Run `python -m tests.bench.bench_auto_segment [--rounds N] [--side N]` with the product's
environment. The sides take turns on each photo, so that a busy machine slows all. Single
decodes are those of the bare re-cut decoder in a session of its own, and those of the engine.
Prints one JSON object: medians in milliseconds, ratios, and how many of the masks of all points
are found (IoU at least 0.75) when settled points are left out.
"""

import argparse
import json
import time
from collections.abc import Callable
from statistics import mean, median
from typing import Any

import numpy as np
from PIL import Image as PILImage

from annotations.domain.logits import rle_from_logits
from annotations.engines import auto_segment
from annotations.engines.base import Candidate, Embedding, Engine
from annotations.engines.found import Found, iou
from annotations.engines.mobile_sam.assets import prepare
from tests.support.engines import load
from tests.support.environment import CACHE, ROOT

from .bench_decode import _bare

PHOTOS = ("cat", "coffee", "astronaut", "rocket")
_Masks = list[Found]


class _Single:
    """An engine of which each point is asked for alone."""

    def __init__(self, ask: Callable[[Embedding, Any], list[Candidate]]) -> None:
        self._ask = ask

    def decode(
        self, embedding: Embedding, prompts: Any, _min_score: float
    ) -> list[list[Candidate]]:
        return [self._ask(embedding, prompt) for prompt in prompts]


def _of_session(session: Any) -> Any:
    def ask(embedding: Embedding, prompt: Any) -> list[Candidate]:
        feeds = {
            "image_embeddings": embedding.values[None],
            "point_coords": prompt.coords[None],
            "point_labels": prompt.labels[None],
            "mask_input": np.zeros((1, 1, 256, 256), dtype=np.float32),
            "has_mask_input": np.zeros(1, dtype=np.float32),
        }
        masks, scores = session.run(["low_res_masks", "scores"], feeds)
        return [Candidate(index, masks[0, index], float(scores[0, index])) for index in range(4)]

    return _Single(ask)


def _of_engine(engine: Engine) -> Any:
    return _Single(lambda embedding, prompt: engine.decode(embedding, [prompt])[0])


def _timed(engine: Any, embedding: Embedding, side: int, every: bool) -> tuple[float, _Masks]:
    """Milliseconds until the survivors are full-size masks, and the survivors."""
    start = time.perf_counter()
    query = auto_segment.Query(points_per_side=side, every_point=every)
    found = auto_segment.find(engine, embedding, query)
    for each in found:
        rle_from_logits(each.logits, embedding.frame)
    return (time.perf_counter() - start) * 1000, found


def _share(some: _Masks, of: _Masks) -> float:
    return mean(any(iou(a, b) >= 0.75 for a in some) for b in of) if of else 1.0


def measure(rounds: int, side: int) -> dict[str, Any]:
    folder = CACHE / "engines"
    prepare(ROOT / "node_modules", folder / "models", folder / "public")
    engine = load("sam_onnx", folder / "models")
    bare = _bare(folder / "models" / "mobile_sam" / "decoder.onnx")
    sides: dict[str, tuple[Any, bool]] = {
        "everything": (engine, False),
        "all points": (engine, True),
        "single, bare": (_of_session(bare), True),
        "single, engine": (_of_engine(engine), True),
    }
    result: dict[str, Any] = {}
    for name in PHOTOS:
        with PILImage.open(ROOT / "static" / "demo" / f"{name}.jpg") as image:
            picture = image.convert("RGB")
        embedding = engine.embed([picture], [picture.size])[0]
        times: dict[str, list[float]] = {each: [] for each in sides}
        masks: dict[str, _Masks] = {}
        for _ in range(rounds):
            for each, (asked, every) in sides.items():
                taken, masks[each] = _timed(asked, embedding, side, every)
                times[each].append(taken)
        row = {f"{each} ms": round(median(taken)) for each, taken in times.items()}
        ours = median(times["everything"])
        for each in ("single, bare", "single, engine"):
            row[f"over {each}"] = round(ours / median(times[each]), 3)
        row["masks"] = len(masks["everything"])
        row["masks of all points"] = len(masks["all points"])
        row["of those found"] = round(_share(masks["everything"], masks["all points"]), 3)
        result[name] = row
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--side", type=int, default=16)
    arguments = parser.parse_args()
    print(json.dumps(measure(arguments.rounds, arguments.side), indent=1))


if __name__ == "__main__":
    main()
