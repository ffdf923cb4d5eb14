"""The torch engine on MobileSAM's real weights, held against ONNX Runtime."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image as PILImage

from annotations.domain.logits import low_res_iou
from annotations.domain.prompts import Box, Point, Prompts
from annotations.engines.base import Candidate, DecoderPrompt, Embedding, Engine
from annotations.engines.errors import DeviceOutOfMemory, EngineUnavailable
from annotations.engines.mobile_sam.sam_onnx import frame_input
from annotations.engines.mobile_sam.shapes import FRAME
from annotations.engines.sam_torch.batching import Batches
from annotations.engines.sam_torch.engine import SamTorch
from annotations.engines.sam_torch.settings import TorchSettings
from annotations.engines.sam_torch.spec import SPEC
from annotations.engines.session import PromptSession, decoder_prompt
from tests.support.environment import ROOT

PHOTOS = ("astronaut", "cat", "coffee", "rocket")
# In shares of the photo's width and height: (x, y, label), and a box.
POINTS = ((0.5, 0.5, 1), (0.3, 0.4, 1), (0.8, 0.8, 0), (0.55, 0.35, 1))
BOX = (0.2, 0.2, 0.8, 0.9)


def load(models_dir: Path, **settings: Any) -> SamTorch:
    engine = SPEC.load(TorchSettings(**{"device": "cpu", **settings}, models_dir=models_dir))
    assert isinstance(engine, SamTorch)
    return engine


@pytest.fixture(scope="module")
def ours(models_dir: Path) -> SamTorch:
    return load(models_dir)


@dataclass(frozen=True)
class Photo:
    """A photo and what each engine's encoder makes of it."""

    picture: PILImage.Image
    ours: Embedding
    reference: Embedding


@pytest.fixture(scope="module")
def photos(ours: SamTorch, engine: Engine) -> dict[str, Photo]:
    found = {}
    for name in PHOTOS:
        with PILImage.open(ROOT / "static" / "demo" / f"{name}.jpg") as image:
            picture = image.convert("RGB")
        (mine,), (other,) = (e.embed([picture], [picture.size]) for e in (ours, engine))
        found[name] = Photo(picture, mine, other)
    return found


@pytest.fixture
def cat(photos: dict[str, Photo]) -> Photo:
    return photos["cat"]


def prompts_on(photo: PILImage.Image) -> Iterator[Prompts]:
    """A click, clicks with mask inputs, a box, a box with clicks, and a person's choice."""
    points = [Point(x * photo.width, y * photo.height, label) for x, y, label in POINTS]
    x0, y0, x1, y1 = BOX
    box = Box(x0 * photo.width, y0 * photo.height, x1 * photo.width, y1 * photo.height)
    for count in range(1, len(points) + 1):
        yield Prompts(tuple(points[:count]))
    yield Prompts(box=box)
    yield Prompts((points[0], points[2]), box=box)
    first = points[0]
    yield Prompts((Point(first.x, first.y, first.label, candidate=1), points[1]))


# --- The same answers ------------------------------------------------------------------------


@pytest.mark.parametrize("name", PHOTOS)
def test_embeddings_are_the_same(photos: dict[str, Photo], name: str) -> None:
    photo = photos[name]
    assert photo.ours.description == photo.reference.description
    assert (photo.ours.width, photo.ours.height) == photo.picture.size
    assert photo.ours.values.dtype == np.float32
    assert photo.ours.values.flags.c_contiguous
    np.testing.assert_allclose(photo.ours.values, photo.reference.values, atol=1e-5)


@pytest.mark.parametrize("name", PHOTOS)
def test_masks_and_scores_are_the_same(
    ours: SamTorch, engine: Engine, photos: dict[str, Photo], name: str
) -> None:
    photo = photos[name]
    for prompts in prompts_on(photo.picture):
        found = PromptSession(ours, photo.ours).replay(prompts)
        expected = PromptSession(engine, photo.reference).replay(prompts)
        assert [c.mask_index for c in found] == [c.mask_index for c in expected]
        for one, other in zip(found, expected, strict=True):
            assert low_res_iou(one.logits, other.logits) >= 0.99
            assert one.score == pytest.approx(other.score, abs=0.01)
            np.testing.assert_allclose(one.logits, other.logits, atol=1e-2)


def test_either_engine_reads_the_others_embeddings(
    ours: SamTorch, engine: Engine, cat: Photo
) -> None:
    prompts = next(prompts_on(cat.picture))
    crossed = PromptSession(engine, cat.ours).replay(prompts)
    for one, other in zip(crossed, PromptSession(ours, cat.reference).replay(prompts), strict=True):
        assert low_res_iou(one.logits, other.logits) >= 0.99


@pytest.mark.parametrize("size", [(1, 1), (3000, 1), (1, 700), (1023, 1025), (640, 427)])
def test_frames_are_the_reference_preprocessing(ours: SamTorch, size: tuple[int, int]) -> None:
    noise = np.random.default_rng(5).integers(0, 255, (size[1], size[0], 3), np.uint8)
    picture = PILImage.fromarray(noise)
    frame = ours.frames([(picture, size)])[0].numpy()
    np.testing.assert_allclose(frame, frame_input(picture, size), atol=1e-5)


# --- Batches ---------------------------------------------------------------------------------


def test_images_together_give_what_each_gives_alone(
    models_dir: Path, photos: dict[str, Photo]
) -> None:
    batched = load(models_dir)
    batched._images.size = 3
    pictures = [photo.picture for photo in photos.values()]
    together = batched.embed(pictures, [picture.size for picture in pictures])
    for photo, embedding in zip(photos.values(), together, strict=True):
        assert (embedding.width, embedding.height) == photo.picture.size
        np.testing.assert_allclose(embedding.values, photo.ours.values, atol=1e-5)


def asked_of(engine: Engine, photo: Photo) -> list[DecoderPrompt]:
    """What sessions ask the engine: with and without mask inputs, of several lengths."""
    asked: list[DecoderPrompt] = []

    class Recorder:
        description, batch = engine.description, 1
        embed = engine.embed

        def decode(
            self, embedding: Embedding, prompts: Sequence[DecoderPrompt]
        ) -> list[list[Candidate]]:
            asked.extend(prompts)
            return engine.decode(embedding, prompts)

    for prompts in prompts_on(photo.picture):
        PromptSession(Recorder(), photo.ours).replay(prompts)
    return asked


def test_prompts_together_give_what_each_gives_alone(ours: SamTorch, cat: Photo) -> None:
    asked = asked_of(ours, cat)
    assert len(asked) > 10
    together = ours.decode(cat.ours, asked)
    for prompt, candidates in zip(asked, together, strict=True):
        alone = ours.decode(cat.ours, [prompt])[0]
        for one, other in zip(candidates, alone, strict=True):
            np.testing.assert_allclose(one.logits, other.logits, atol=2e-3)
            assert one.score == pytest.approx(other.score, abs=1e-4)


def test_no_prompts_and_no_images_are_no_answers(ours: SamTorch, cat: Photo) -> None:
    assert ours.decode(cat.ours, []) == []
    assert ours.embed([], []) == []


def test_a_worker_that_decodes_holds_no_encoder(models_dir: Path, cat: Photo) -> None:
    engine = load(models_dir)
    PromptSession(engine, cat.reference).replay(Prompts((Point(1, 1, 1),)))
    assert "_decoder" in vars(engine)
    assert "_encoder" not in vars(engine)


# --- Sixteen bits ----------------------------------------------------------------------------


@pytest.fixture
def half(models_dir: Path) -> SamTorch:
    """Whatever this CPU prefers: the path for 16 bits is what is tested."""
    engine = load(models_dir, precision="half")
    engine._dtype = torch.bfloat16
    return engine


def test_half_precision_is_a_model_of_its_own_with_nearly_the_same_masks(
    half: SamTorch, engine: Engine, cat: Photo
) -> None:
    assert half.description.model_id == "mobile_sam-half"
    embedding = half.embed([cat.picture], [cat.picture.size])[0]
    assert embedding.values.dtype == np.float32
    difference = np.abs(embedding.values - cat.reference.values)
    assert 1e-4 < difference.max() < 0.2
    likeness = []
    for prompts in prompts_on(cat.picture):
        found = PromptSession(half, embedding).replay(prompts)
        expected = {c.mask_index: c for c in PromptSession(engine, cat.reference).replay(prompts)}
        likeness += [low_res_iou(c.logits, expected[c.mask_index].logits) for c in found]
    assert np.mean(likeness) >= 0.95


def test_numbers_too_large_for_half_precision_are_computed_in_full(
    half: SamTorch, cat: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An overflow, as a fault put in place of the encoder where it computes in 16 bits.
    compute = half._encoder.forward

    def overflow(frames: torch.Tensor) -> torch.Tensor:
        if torch.is_autocast_enabled("cpu"):
            return torch.full((len(frames), 256, 64, 64), torch.inf)
        return compute(frames)

    monkeypatch.setattr(half._encoder, "forward", overflow)
    embedding = half.embed([cat.picture], [cat.picture.size])[0]
    np.testing.assert_allclose(embedding.values, cat.ours.values, atol=1e-5)


# --- Out of memory ---------------------------------------------------------------------------


class Small:
    """A fault in the encoder: a device that has room for `room` images at a time."""

    def __init__(self, room: int, error: Exception) -> None:
        self.room, self.error, self.seen = room, error, list[int]()

    def __call__(self, _module: Any, inputs: tuple[torch.Tensor, ...]) -> None:
        self.seen.append(len(inputs[0]))
        if len(inputs[0]) > self.room:
            raise self.error


OUT_OF_MEMORY = (
    torch.OutOfMemoryError("CUDA out of memory."),
    RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: 1 TB"),
    MemoryError(),
    torch.AcceleratorError("CUDA error: out of memory"),
    RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
)


@pytest.mark.parametrize("error", OUT_OF_MEMORY)
def test_batches_shrink_until_they_fit(error: Exception) -> None:
    tried: list[int] = []

    def work(items: Sequence[int]) -> list[int]:
        tried.append(len(items))
        if len(items) > 2:
            raise error
        return [item * item for item in items]

    batches = Batches(8, "image")
    assert batches.run(range(9), work) == [n * n for n in range(9)]
    assert tried == [8, 4, 2, 2, 2, 2, 1]
    assert batches.size == 2


def test_images_that_do_not_fit_together_are_embedded_one_by_one(
    models_dir: Path, photos: dict[str, Photo]
) -> None:
    engine = load(models_dir)
    engine._images.size = 2
    small = Small(1, OUT_OF_MEMORY[0])
    engine._encoder.register_forward_pre_hook(small)
    two = list(photos.values())[:2]
    embeddings = engine.embed([p.picture for p in two], [p.picture.size for p in two])
    assert small.seen == [2, 1, 1]
    assert engine.batch == 1
    for photo, embedding in zip(two, embeddings, strict=True):
        np.testing.assert_allclose(embedding.values, photo.ours.values, atol=1e-5)


def test_one_image_that_does_not_fit_is_a_clear_error_and_the_engine_lives_on(
    models_dir: Path, picture: PILImage.Image
) -> None:
    engine = load(models_dir)
    engine._images.size = 2
    hook = engine._encoder.register_forward_pre_hook(Small(0, OUT_OF_MEMORY[0]))
    with pytest.raises(DeviceOutOfMemory, match="one image"):
        engine.embed([picture] * 2, [picture.size] * 2)
    hook.remove()
    assert engine.embed([picture], [picture.size])[0].values.any()


@pytest.mark.parametrize("error", OUT_OF_MEMORY)
def test_a_model_that_does_not_fit_makes_no_batches_smaller(
    models_dir: Path, picture: PILImage.Image, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    engine = load(models_dir)
    engine._images.size = 8

    def full(*_: Any) -> Any:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(torch.nn.Module, "to", full)
        with pytest.raises(DeviceOutOfMemory, match="the model"):
            engine.embed([picture] * 2, [picture.size] * 2)
    assert engine.batch == 8
    assert engine.embed([picture], [picture.size])[0].values.any()


def test_many_prompts_shrink_too(models_dir: Path, cat: Photo) -> None:
    engine = load(models_dir)
    _, decoder, _ = engine._decoder
    seen: list[int] = []

    def fault(_module: Any, inputs: tuple[torch.Tensor, ...]) -> None:
        seen.append(len(inputs[2]))
        if len(inputs[2]) > 2:
            raise OUT_OF_MEMORY[0]

    decoder.transformer.register_forward_pre_hook(fault)
    frame = FRAME.of(*cat.picture.size)
    asked = [decoder_prompt(frame, None, (Point(9.0 * n, 50, 1),), None) for n in range(8)]
    assert len(engine.decode(cat.ours, asked)) == 8
    assert seen == [8, 4, 2, 2, 2, 2]


def test_other_errors_are_not_taken_for_lack_of_memory(
    models_dir: Path, picture: PILImage.Image
) -> None:
    engine = load(models_dir)
    engine._encoder.register_forward_pre_hook(Small(0, RuntimeError("a defect")))
    with pytest.raises(RuntimeError, match="a defect"):
        engine.embed([picture], [picture.size])


# --- Devices ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cuda:99", "toaster", "cuda:", "meta-physics"])
def test_devices_that_are_not_there(models_dir: Path, name: str) -> None:
    with pytest.raises(EngineUnavailable, match=name):
        load(models_dir, device=name)


def test_auto_takes_what_is_there(models_dir: Path) -> None:
    engine = load(models_dir, device="auto")
    assert engine.device.type == ("cuda" if torch.cuda.is_available() else "cpu")
