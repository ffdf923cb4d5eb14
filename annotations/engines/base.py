"""What every engine is: a model that embeds images and decodes prompts.

Source of the split and of the shapes: Kirillov et al., "Segment Anything" (2023).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image as PILImage

Floats = npt.NDArray[np.float32]

EMBEDDING_SHAPE = (256, 64, 64)


@dataclass(frozen=True)
class Description:
    """What names an embedding: it is worthless to another model or preprocessing version."""

    model_id: str
    version: int


@dataclass(frozen=True)
class Embedding:
    """What the encoder made of one image.

    `values`: float32, shape (256, 64, 64). `width`, `height`: the upright image's size in
    pixels, which prompts refer to.
    """

    description: Description
    values: Floats
    width: int
    height: int


@dataclass(frozen=True)
class DecoderPrompt:
    """One question to the decoder.

    `coords`: float32 (n, 2), x and y in the 1024-pixel frame. `labels`: float32 (n,): 1
    foreground, 0 background, 2 and 3 a box's corners, -1 padding. `memory`: logits (256, 256)
    of the mask to refine, or None.
    """

    coords: Floats
    labels: Floats
    memory: Floats | None = None


@dataclass(frozen=True)
class Candidate:
    """One of the decoder's four masks: its token, logits (256, 256) and predicted IoU."""

    token: int
    logits: Floats
    score: float


class Engine(Protocol):
    """A loaded model. Instances are not shared between threads."""

    description: Description

    def embed(
        self, pictures: Sequence[PILImage.Image], sizes: Sequence[tuple[int, int]]
    ) -> list[Embedding]:
        """Embeds upright RGB pictures, each perhaps smaller than its image; `sizes` are the
        images' (width, height) in pixels."""
        ...

    def decode(
        self, embedding: Embedding, prompts: Sequence[DecoderPrompt]
    ) -> list[list[Candidate]]:
        """For each prompt the four masks, in the order of their tokens."""
        ...
