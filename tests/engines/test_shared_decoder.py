"""The decoder in parts gives what the whole gives."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from annotations.engines.base import DecoderPrompt, Embedding, Engine
from annotations.engines.mobile_sam import prepare, shared_decoder


def asked(random: np.random.Generator, labels: list[float]) -> DecoderPrompt:
    coords = (random.random((len(labels), 2)) * 1024).astype(np.float32)
    return DecoderPrompt(coords, np.array(labels, np.float32))


@pytest.mark.parametrize(
    "labels",
    [[1, -1], [0, -1], [1, 1, 0, -1], [2, 3], [1, 0, 2, 3], [1] * 64 + [-1]],
    ids=["click", "background", "three", "box", "box and clicks", "64 clicks"],
)
def test_same_masks_and_scores(
    engine: Engine, embedding: Embedding, models_dir: Path, labels: list[float]
) -> None:
    random = np.random.default_rng(len(labels))
    prompts = [asked(random, labels) for _ in range(6)]
    whole = onnxruntime.InferenceSession(
        models_dir / "mobile_sam" / "decoder.onnx", providers=["CPUExecutionProvider"]
    )
    feeds = {
        "image_embeddings": embedding.values[None],
        "point_coords": np.stack([prompt.coords for prompt in prompts]),
        "point_labels": np.stack([prompt.labels for prompt in prompts]),
        "mask_input": np.zeros((1, 1, 256, 256), np.float32),
        "has_mask_input": np.zeros(1, np.float32),
    }
    masks, scores = whole.run(["low_res_masks", "scores"], feeds)
    for row, candidates in enumerate(engine.decode(embedding, prompts)):
        for index, candidate in enumerate(candidates):
            np.testing.assert_allclose(candidate.logits, masks[row, index], atol=2e-3)
            assert candidate.score == pytest.approx(float(scores[row, index]), abs=1e-4)


def test_another_image_is_other_cells(engine: Engine, embedding: Embedding) -> None:
    prompt = asked(np.random.default_rng(1), [1, -1])
    first = engine.decode(embedding, [prompt])[0][0].logits
    turned = np.ascontiguousarray(embedding.values[:, ::-1])
    other = Embedding(embedding.description, turned, embedding.frame)
    assert np.abs(engine.decode(other, [prompt])[0][0].logits - first).max() > 1
    np.testing.assert_array_equal(engine.decode(embedding, [prompt])[0][0].logits, first)


def test_prompts_below_the_min_score_are_left_out(engine: Engine, embedding: Embedding) -> None:
    random = np.random.default_rng(3)
    prompts = [asked(random, [1, -1]) for _ in range(9)]
    whole = engine.decode(embedding, prompts)
    best = [max(candidate.score for candidate in each) for each in whole]
    lowest = sorted(best)[4]
    for top, every, some in zip(
        best, whole, engine.decode(embedding, prompts, lowest), strict=True
    ):
        assert [c.score for c in some] == ([c.score for c in every] if top >= lowest else [])
        for one, other in zip(every, some, strict=False):
            np.testing.assert_allclose(one.logits, other.logits, atol=1e-4)


def test_parts_of_another_decoder_are_refused(
    models_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What does not agree with the whole is not installed."""
    monkeypatch.setattr(shared_decoder, "_TOLERANCE", 0.0)
    with pytest.raises(prepare.PrepareError, match="differs"):
        shared_decoder.write(models_dir / "mobile_sam" / "decoder.onnx", tmp_path)
    assert list(tmp_path.iterdir()) == []
