"""MobileSAM as it is, held against the packaged decoder."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

from annotations.domain.logits import low_res_iou
from annotations.domain.prompts import Box, Point, Prompts
from annotations.engines.base import DecoderPrompt, Embedding, Engine
from annotations.engines.errors import EngineUnavailable
from annotations.engines.mobile_sam.sam_onnx import frame_input
from annotations.engines.mobile_sam.shapes import CODEC, FRAME
from annotations.engines.session import PromptSession, decoder_prompt
from annotations.engines.weights import RECORD
from tests.support.engines import load

from .conftest import Packaged


def test_one_point_is_the_packaged_answer(
    engine: Engine, embedding: Embedding, packaged: Packaged
) -> None:
    point = Point(225, 150, 1)
    candidates = PromptSession(engine, embedding).replay(Prompts((point,)))
    reference = packaged(embedding, decoder_prompt(embedding.frame, None, (point,), None))
    assert [c.mask_index for c in candidates] != [0, 1, 2, 3]
    assert len(candidates) == 3
    assert low_res_iou(candidates[0].logits, reference) >= 0.98


def test_a_box_is_the_packaged_answer(
    engine: Engine, embedding: Embedding, packaged: Packaged
) -> None:
    box = Box(90, 60, 361, 270)
    candidates = PromptSession(engine, embedding).replay(Prompts(box=box))
    # With a padding row the packaged decoder takes the single mask for a box.
    prompt = decoder_prompt(embedding.frame, box, (), None)
    padded = DecoderPrompt(
        np.vstack((prompt.coords, np.zeros((1, 2), np.float32))),
        np.append(prompt.labels, np.float32(-1)),
    )
    assert candidates[0].mask_index == 0
    assert len(candidates) == 4
    # The padding row itself moves the border a little.
    assert low_res_iou(candidates[0].logits, packaged(embedding, padded)) >= 0.9
    packaged_choice = packaged(embedding, prompt)
    assert max(low_res_iou(c.logits, packaged_choice) for c in candidates) >= 0.98


def test_each_click_goes_on_from_the_chosen_mask(
    engine: Engine, embedding: Embedding, packaged: Packaged
) -> None:
    points = (Point(225, 150, 1), Point(135, 120, 1), Point(360, 240, 0))
    session = PromptSession(engine, embedding)
    first = session.replay(Prompts(points[:1]))[0]
    second = session.replay(Prompts(points[:2]))[0]
    third = session.replay(Prompts(points))[0]
    frame = embedding.frame
    after_one = packaged(embedding, decoder_prompt(frame, None, points[:2], first))
    after_two = packaged(embedding, decoder_prompt(frame, None, points, second))
    assert low_res_iou(second.logits, after_one) >= 0.98
    assert low_res_iou(third.logits, after_two) >= 0.98
    without = packaged(embedding, decoder_prompt(frame, None, points, None))
    assert np.abs(third.logits - without).max() > 0.1, "the mask input must matter"


def test_a_choice_lasts_over_the_next_click(engine: Engine, embedding: Embedding) -> None:
    points = (Point(225, 150, 1, candidate=1), Point(230, 160, 1))
    session = PromptSession(engine, embedding)
    chosen = session.replay(Prompts(points[:1]))[0]
    candidates = session.replay(Prompts(points))
    likeness = {c.mask_index: low_res_iou(c.logits, chosen.logits) for c in candidates}
    assert chosen.mask_index == 1
    assert likeness[candidates[0].mask_index] >= likeness[0]


@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_prompts_together_give_what_each_gives_alone(
    engine: Engine, embedding: Embedding, count: int
) -> None:
    frame = embedding.frame
    prompts = [
        decoder_prompt(frame, None, (Point(40.0 + 40 * i, 150, 1),), None) for i in range(count)
    ]
    together = engine.decode(embedding, prompts)
    for prompt, candidates in zip(prompts, together, strict=True):
        alone = engine.decode(embedding, [prompt])[0]
        for one, other in zip(candidates, alone, strict=True):
            np.testing.assert_allclose(one.logits, other.logits, atol=2e-3)
            assert one.score == pytest.approx(other.score, abs=1e-4)


def test_mixed_prompts_keep_their_order(engine: Engine, embedding: Embedding) -> None:
    frame = embedding.frame
    points = (Point(225, 150, 1), Point(135, 120, 1))
    before = engine.decode(embedding, [decoder_prompt(frame, None, points[:1], None)])[0][2]
    prompts = [
        decoder_prompt(frame, None, points, before),
        decoder_prompt(frame, None, points[:1], None),
        decoder_prompt(frame, Box(90, 60, 361, 270), (), None),
        decoder_prompt(frame, None, points[::-1], before),
        decoder_prompt(frame, None, points[1:], None),
    ]
    together = engine.decode(embedding, prompts)
    for prompt, candidates in zip(prompts, together, strict=True):
        alone = engine.decode(embedding, [prompt])[0]
        np.testing.assert_allclose(candidates[0].logits, alone[0].logits, atol=2e-3)


def test_a_clear_object_is_more_stable_than_its_rivals_edges(
    engine: Engine, embedding: Embedding
) -> None:
    prompt = decoder_prompt(embedding.frame, None, (Point(225, 150, 1),), None)
    (candidates,) = engine.decode(embedding, [prompt])
    for candidate in candidates:
        strict, loose = candidate.logits > 1, candidate.logits > -1
        assert candidate.stability == pytest.approx(strict.sum() / loose.sum())
    assert max(c.stability for c in candidates) > 0.9


def _damaged(data: bytes, damage: str) -> bytes:
    middle = len(data) // 2
    if damage == "short":
        return data[:middle]
    if damage == "changed":  # it still loads: these are weights
        return data[:middle] + bytes(4096) + data[middle + 4096 :]
    return b"x" * 999


@pytest.mark.parametrize(
    "name",
    [
        "encoder.onnx",
        "decoder.onnx",
        "decoder-image.onnx",
        "decoder-scores.onnx",
        "decoder-masks.onnx",
    ],
)
@pytest.mark.parametrize("damage", ["missing", "short", "garbage", "changed"])
def test_unusable_files_are_named(
    tmp_path: Path, models_dir: Path, embedding: Embedding, name: str, damage: str
) -> None:
    folder = tmp_path / "mobile_sam"
    shutil.copytree(models_dir / "mobile_sam", folder)
    data = (folder / name).read_bytes()
    (folder / name).unlink()
    if damage != "missing":
        (folder / name).write_bytes(_damaged(data, damage))
    if damage == "garbage":
        (folder / RECORD).unlink()  # then only loading it shows
    broken = load("sam_onnx", tmp_path, SEGWEB_ENGINE_THREADS=1)
    blank = PILImage.new("RGB", (40, 30))
    prompt = decoder_prompt(embedding.frame, None, (Point(1, 1, 1),), None)
    refining = replace(prompt, mask_input=np.zeros((256, 256), np.float32))
    asked = {
        "encoder.onnx": lambda: broken.embed([blank], [blank.size]),
        "decoder.onnx": lambda: broken.decode(embedding, [refining]),
        "decoder-image.onnx": lambda: broken.decode(embedding, [prompt]),
        "decoder-scores.onnx": lambda: broken.decode(embedding, [prompt]),
        "decoder-masks.onnx": lambda: broken.decode(embedding, [prompt]),
    }
    with pytest.raises(EngineUnavailable, match=name) as caught:
        asked[name]()
    assert ("missing" if damage == "missing" else "damaged") in str(caught.value)
    assert str(tmp_path) not in str(caught.value)
    (folder / name).unlink(missing_ok=True)
    (folder / name).write_bytes(data)
    asked[name]()


def test_one_byte_a_value_changes_no_mask(engine: Engine, embedding: Embedding) -> None:
    data = CODEC.to_bytes(embedding)
    assert len(data) < 1_050_000
    stored = CODEC.from_bytes(data)
    prompts = Prompts((Point(225, 150, 1), Point(135, 120, 1)))
    exact = PromptSession(engine, embedding).replay(prompts)[0]
    restored = PromptSession(engine, stored).replay(prompts)[0]
    assert low_res_iou(exact.logits, restored.logits) >= 0.98


def test_a_smaller_rendering_embeds_its_image(engine: Engine, picture: PILImage.Image) -> None:
    large = picture.resize((picture.width * 3, picture.height * 3))
    embedding = engine.embed([picture], [large.size])[0]
    assert (embedding.width, embedding.height) == large.size
    masks = PromptSession(engine, embedding).replay(Prompts((Point(675, 450, 1),)))
    direct = PromptSession(engine, engine.embed([large], [large.size])[0]).replay(
        Prompts((Point(675, 450, 1),))
    )
    assert low_res_iou(masks[0].logits, direct[0].logits) >= 0.9


@pytest.mark.parametrize("size", [(1, 1), (3000, 1), (1, 700), (1023, 1025), (4000, 3000)])
def test_the_frame_is_filled_as_sam_does_it(size: tuple[int, int]) -> None:
    white = PILImage.new("RGB", size, (255, 255, 255))
    tensor = frame_input(white, size)
    frame = FRAME.of(*size)
    inner = tensor[:, : frame.input_height, : frame.input_width]
    np.testing.assert_allclose(inner[0], (255 - 123.675) / 58.395, rtol=1e-5)
    assert tensor.shape == (3, 1024, 1024)
    assert max(frame.input_width, frame.input_height) == 1024
    assert float(np.abs(tensor).sum()) == pytest.approx(float(np.abs(inner).sum()), rel=1e-4)
