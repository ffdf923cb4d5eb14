"""An engine that is not of the product, with shapes and settings of its own: all that the server
asks of engines goes through the registry, finders too."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage

from annotations.domain.frame import ModelFrame
from annotations.domain.logits import rle_from_logits
from annotations.domain.prompts import Point, Prompts
from annotations.domain.rle import Rle
from annotations.engines import auto_segment, find_similar, registry
from annotations.engines.base import Candidate, DecoderPrompt, Description, Embedding
from annotations.engines.embedding_codec import BadEmbedding, EmbeddingCodec
from annotations.engines.errors import EngineUnavailable
from annotations.engines.session import PromptSession
from annotations.engines.spec import BOX, POINT, EngineSpec, Values

FRAME = ModelFrame(side=128, logits_side=64)
CODEC = EmbeddingCodec((3, 16, 16), FRAME)


@dataclass(frozen=True)
class Settings:
    tolerance: float
    missing: str

    @classmethod
    def parse(cls, values: Values) -> "Settings":
        return cls(float(values.get("SEGWEB_TINY_TOLERANCE", 0.2)), values.get("SEGWEB_TINY", ""))

    @property
    def description(self) -> Description:
        return Description(f"tiny-{self.tolerance}", 1)


class Tiny:
    """Masks are the cells whose colour is that of the cell at the last point."""

    batch = 2

    def __init__(self, settings: Settings) -> None:
        self._tolerance = settings.tolerance
        self.description = settings.description

    def embed(
        self, pictures: Sequence[PILImage.Image], sizes: Sequence[tuple[int, int]]
    ) -> list[Embedding]:
        return [self._embed(p, size) for p, size in zip(pictures, sizes, strict=True)]

    def _embed(self, picture: PILImage.Image, size: tuple[int, int]) -> Embedding:
        frame = FRAME.of(*size)
        cells = frame.input_width // 8, frame.input_height // 8
        values = np.zeros(CODEC.shape, np.float32)
        small = np.asarray(picture.resize(cells, PILImage.Resampling.BOX), np.float32) / 255
        values[:, : cells[1], : cells[0]] = small.transpose(2, 0, 1)
        return Embedding(self.description, values, frame)

    def decode(
        self,
        embedding: Embedding,
        prompts: Sequence[DecoderPrompt],
        min_score: float = -math.inf,
    ) -> list[list[Candidate]]:
        return [self._decode(embedding.values, prompt) for prompt in prompts]

    def _decode(self, values: np.ndarray, prompt: DecoderPrompt) -> list[Candidate]:
        x, y = prompt.coords[prompt.labels == 1][-1] // 8
        apart = np.abs(values - values[:, int(y), int(x)][:, None, None]).max(axis=0)
        logits = np.kron(self._tolerance - apart, np.ones((4, 4))).astype(np.float32) * 50
        return [Candidate(index, logits, 0.9) for index in range(4)]


SPEC = EngineSpec(
    name="tiny",
    capabilities=frozenset({POINT}),
    codec=CODEC,
    parse=Settings.parse,
    describe=lambda settings: settings.description,
    missing=lambda settings: settings.missing,
    files=lambda _: (),
    load=Tiny,
    model_settings=("SEGWEB_TINY_TOLERANCE",),
    other_settings=("SEGWEB_TINY",),
)
VALUES = {"SEGWEB_ENGINE": "tiny", "SEGWEB_TINY_TOLERANCE": "0.25"}


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_specs", dict(registry._specs))
    registry.register(SPEC)
    registry.register(replace(SPEC, name="boxes", capabilities=frozenset({BOX})))


@pytest.fixture
def squares() -> PILImage.Image:
    """Three red squares on grey, 256 × 128 pixels."""
    picture = PILImage.new("RGB", (256, 128), (128, 128, 128))
    for x in (32, 112, 192):
        picture.paste((255, 0, 0), (x, 32, x + 32, 64))
    return picture


def stored(embedding: Embedding) -> Embedding:
    """As it comes back from a file."""
    return registry.read_embedding(CODEC.to_bytes(embedding))


def test_its_own_settings_decide_what_it_is() -> None:
    serving = registry.serving(VALUES)
    assert serving.settings == Settings(0.25, "")
    assert serving.describe() == Description("tiny-0.25", 1)
    assert serving != registry.serving({"SEGWEB_ENGINE": "tiny"})
    assert registry.serving(VALUES | {"SEGWEB_TINY": "no licence"}).missing() == "no licence"
    assert "SEGWEB_TINY_TOLERANCE" in registry.model_setting_names()
    assert "SEGWEB_TINY" not in registry.model_setting_names()
    assert {"SEGWEB_TINY", "SEGWEB_MODELS_DIR"} <= set(registry.setting_names())


def test_embeddings_of_its_shape_are_stored_and_masks_lie_where_it_saw_them(
    squares: PILImage.Image,
) -> None:
    engine = registry.serving(VALUES).load()
    embedding = stored(engine.embed([squares], [squares.size])[0])
    assert embedding.values.shape == (3, 16, 16)
    assert embedding.frame.model == FRAME
    mask = PromptSession(engine, embedding).replay(Prompts((Point(50, 40, 1),)))[0]
    rle = rle_from_logits(mask.logits, embedding.frame)
    assert rle.contains(40, 40)
    assert not rle.contains(100, 40)
    assert not rle.contains(40, 100)
    with pytest.raises(BadEmbedding):
        registry.read_embedding(b"of nobody")


def test_finders_work_on_an_engine_that_takes_points(squares: PILImage.Image) -> None:
    engine = registry.serving(VALUES).load()
    embedding = stored(engine.embed([squares], [squares.size])[0])
    assert registry.capabilities(SPEC) == {POINT, "auto_segment", "find_similar"}
    everything = registry.finder_on("auto_segment", SPEC).find(
        engine, embedding, auto_segment.Query(points_per_side=8)
    )
    assert len(everything) == 2, "all that is red, and all that is grey"
    red = np.zeros((128, 256), np.uint8)
    red[32:64, 32:64] = 1
    example = find_similar.example(embedding, Rle.from_mask(red))
    query = find_similar.Query([example], [], 10)
    (similar,) = registry.finder_on("find_similar", SPEC).find(engine, embedding, query)
    assert similar.similarity == pytest.approx(1, abs=0.05)


def test_a_finder_is_refused_where_the_engine_lacks_what_it_needs() -> None:
    boxes: EngineSpec[Any] = registry.spec("boxes")
    assert registry.capabilities(boxes) == {BOX}
    with pytest.raises(EngineUnavailable, match="boxes cannot be asked for auto_segment: no point"):
        registry.finder_on("auto_segment", boxes)
