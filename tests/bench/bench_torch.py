"""The torch engine against the bare modules, on the same machine in the same run.

Run `python -m tests.bench.bench_torch [--model vit_h] [--checkpoint FILE | --random]
[--device cuda] [--rounds N]` with the product's environment and torch. Both sides of a pair take
turns, so that a busy machine slows both. Prints one JSON object: medians in milliseconds and
their ratio, images a second for batches, and what each precision of the encoder takes.
`--random` builds the model with random weights: times need no others.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import torch
from PIL import Image as PILImage

from annotations.domain.prompts import Point, Prompts
from annotations.engines.base import Embedding
from annotations.engines.mobile_sam.assets import prepare
from annotations.engines.mobile_sam.shapes import FRAME
from annotations.engines.sam_torch.engine import SamTorch
from annotations.engines.sam_torch.model import builders
from annotations.engines.sam_torch.settings import TorchSettings
from annotations.engines.sam_torch.spec import SPEC
from annotations.engines.session import PromptSession
from tests.support.environment import CACHE, ROOT

_Action = Callable[[], Any]
_POINT = Point(1000, 800, 1)


def _engine(settings: TorchSettings) -> SamTorch:
    folder = CACHE / "engines"
    prepare(ROOT / "node_modules", folder / "models", folder / "public")
    engine = SPEC.load(replace(settings, models_dir=folder / "models"))
    assert isinstance(engine, SamTorch)
    return engine


def _finished(action: _Action, device: torch.device) -> _Action:
    """Waits for the device as well: work is only handed to it."""

    def act() -> None:
        action()
        if device.type == "cuda":
            torch.cuda.synchronize(device)

    return act


def _milliseconds(action: _Action) -> tuple[float, float]:
    """By the clock, and of the processor, which other programs take less from."""
    clock, processor = time.perf_counter(), time.process_time()
    action()
    return (time.perf_counter() - clock) * 1000, (time.process_time() - processor) * 1000


def _medians(times: list[tuple[float, float]]) -> tuple[float, float]:
    return median(clock for clock, _ in times), median(processor for _, processor in times)


def _pair(ours: _Action, bare: _Action, rounds: int) -> dict[str, float]:
    times: dict[_Action, list[tuple[float, float]]] = {ours: [], bare: []}
    ours(), bare()
    for turn in range(rounds):
        for action in (ours, bare) if turn % 2 else (bare, ours):
            times[action].append(_milliseconds(action))
    (own, own_processor), (other, other_processor) = _medians(times[ours]), _medians(times[bare])
    return {
        "ours_ms": round(own, 1),
        "bare_ms": round(other, 1),
        "ratio": round(own / other, 3),
        "processor_ratio": round(own_processor / other_processor, 3),
    }


def _picture() -> PILImage.Image:
    with PILImage.open(ROOT / "static" / "demo" / "cat.jpg") as image:
        return image.convert("RGB").resize((2048, 1536))


def _decode(engine: SamTorch, embedding: Embedding, rounds: int) -> dict[str, float]:
    """One click: the session through the engine, and the modules as their own predictor uses
    them, with the result on the host."""
    prompts, masks, _ = engine._decoder
    session = PromptSession(engine, embedding)
    values = torch.from_numpy(embedding.values)[None].to(engine.device)
    coords = torch.tensor([[[500.0, 400.0]]], device=engine.device)
    labels = torch.tensor([[1.0]], device=engine.device)

    @torch.inference_mode()
    def bare() -> Any:
        sparse, dense = prompts(points=(coords, labels), boxes=None, masks=None)
        logits, scores = masks(
            image_embeddings=values,
            image_pe=prompts.get_dense_pe(),
            sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense,
            multimask_output=True,
        )
        return logits.cpu(), scores.cpu()

    one = Prompts((_POINT,))
    return _pair(lambda: session.replay(one), bare, rounds)


def _embed(engine: SamTorch, count: int, rounds: int) -> dict[str, float]:
    """A batch of pictures as uploads hand them over, against the encoder alone on a tensor that
    is on the device already, in the same precision."""
    picture = _picture().resize((FRAME.side, FRAME.side * 3 // 4))
    pictures, sizes = [picture] * count, [(2048, 1536)] * count
    frames = engine.frames(list(zip(pictures, sizes, strict=True)))

    @torch.inference_mode()
    def bare() -> None:
        with engine._autocast():
            engine._encoder(frames)

    result = _pair(
        _finished(lambda: engine.embed(pictures, sizes), engine.device),
        _finished(bare, engine.device),
        rounds,
    )
    return result | {"images_a_second": round(1000 * count / result["ours_ms"], 1)}


def _precisions(engine: SamTorch, rounds: int) -> dict[str, float]:
    """The encoder on one image in each precision and order of memory, in milliseconds."""
    encoder, kind = engine._encoder, engine.device.type
    plain = engine.frames([(_picture(), (2048, 1536))]).contiguous()
    found = {}
    for name, order, dtype in (
        ("f32, channels first", torch.contiguous_format, None),
        ("f32, channels last", torch.channels_last, None),
        ("bf16, channels last", torch.channels_last, torch.bfloat16),
        ("f16, channels last", torch.channels_last, torch.float16),
    ):
        if dtype is torch.float16 and kind == "cpu":
            continue
        encoder.to(memory_format=order)
        frames = plain.contiguous(memory_format=order)

        @torch.inference_mode()
        def act(frames: Any = frames, dtype: Any = dtype) -> None:
            with torch.autocast(kind, dtype=dtype) if dtype else nullcontext():
                encoder(frames)

        action = _finished(act, engine.device)
        action()
        found[name] = round(_medians([_milliseconds(action) for _ in range(rounds)])[0], 1)
    encoder.to(memory_format=torch.channels_last)
    return found


def measure(settings: TorchSettings, rounds: int) -> dict[str, Any]:
    engine = _engine(settings)
    picture = _picture()
    embedding = engine.embed([picture], [picture.size])[0]
    found: dict[str, Any] = {
        "device": torch.cuda.get_device_name() if engine.device.type == "cuda" else "cpu",
        "model": engine.description.model_id,
        "decode one click": _decode(engine, embedding, rounds),
        "embed 1": _embed(engine, 1, max(3, rounds // 5)),
    }
    if engine.batch > 1:
        found[f"embed {engine.batch}"] = _embed(engine, engine.batch, max(3, rounds // 5))
    found["encoder ms"] = _precisions(engine, max(3, rounds // 5))
    if engine.device.type == "cuda":
        found["peak_gpu_mb"] = torch.cuda.max_memory_allocated() // 1_000_000
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="mobile_sam")
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--random", action="store_true")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--rounds", type=int, default=25)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = given.checkpoint
        if given.random:
            checkpoint = Path(folder) / "random.pth"
            torch.save(builders()[given.model]().state_dict(), checkpoint)
        settings = TorchSettings(given.model, checkpoint, given.device, given.precision)
        print(json.dumps(measure(settings, given.rounds), indent=1))


if __name__ == "__main__":
    main()
