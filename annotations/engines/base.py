"""What every engine takes and gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
# Anything that NumPy reads as uint8 of shape (height, width, 3), upright RGB.
Picture = Any

EMBEDDING_SHAPE = (256, 64, 64)


class EngineError(RuntimeError):
    """The engine cannot work: a model file is missing or not what it should be."""


@dataclass(frozen=True)
class Description:
    """What an embedding belongs to, besides the image's content: change `version` whenever the
    same image would give another embedding."""

    model_id: str
    version: int


@dataclass(frozen=True)
class Embedding:
    """An image as the decoder sees it.

    `features`: float32 (256, 64, 64) over the padded 1024 × 1024 frame, 16 frame pixels a cell.
    `width`, `height`: the image's size in pixels, upright.
    """

    features: Floats
    width: int
    height: int
    model_id: str
    version: int


@dataclass(frozen=True)
class DecoderPrompt:
    """One question to a decoder, in its own frame.

    `coords`: float32 (N, 2), x and y in pixels of the 1024 × 1024 frame.
    `labels`: float32 (N,): 1 object, 0 background, 2 and 3 a box's corners, -1 padding.
    `memory`: logits (256, 256) of the mask to go on from, or None.
    """

    coords: Floats
    labels: Floats
    memory: Floats | None = None


@dataclass(frozen=True)
class DecoderAnswer:
    """`logits`: float32 (4, 256, 256), one plane a token, 4 frame pixels a cell, inside where
    they are above 0. `scores`: float32 (4,), the model's guess of each mask's IoU."""

    logits: Floats
    scores: Floats


@dataclass(frozen=True)
class Candidate:
    """One mask that the prompts can mean: `token` 0..3, `logits` float32 (256, 256)."""

    token: int
    logits: Floats
    score: float


class Engine(Protocol):
    """An image encoder and a prompt decoder that belong together."""

    @property
    def model_id(self) -> str:
        """The model's id: embeddings of different ids do not mix."""
        ...

    @property
    def version(self) -> int:
        """The version of the way from pixels to features."""
        ...

    def embed(
        self, images: Sequence[Picture], sizes: Sequence[tuple[int, int]] | None = None
    ) -> list[Embedding]:
        """Embeddings of upright RGB images, in their order.

        An image may come smaller than it is (the model sees 1024 pixels at most); `sizes` then
        holds each one's true (width, height).
        """
        ...

    def decode(self, embedding: Embedding, prompts: Sequence[DecoderPrompt]) -> list[DecoderAnswer]:
        """An answer for each prompt, in their order; prompts of one image share its features."""
        ...
