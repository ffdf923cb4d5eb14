"""What every engine is: a model that embeds images and decodes prompts.

Source of the split: Kirillov et al., "Segment Anything" (2023).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image as PILImage

from ..domain.frame import ImageFrame
from ..domain.logits import stability

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Description:
    """What names an embedding: it is worthless to another model or preprocessing version."""

    model_id: str
    version: int


@dataclass(frozen=True)
class Embedding:
    """What the encoder made of one image.

    `values`: float32, shape (channels, rows, columns), over the whole frame. `frame`: how the
    upright image, in whose pixels prompts are, lies in the model's frame.
    """

    description: Description
    values: Floats
    frame: ImageFrame

    @property
    def width(self) -> int:
        return self.frame.width

    @property
    def height(self) -> int:
        return self.frame.height


@dataclass(frozen=True)
class DecoderPrompt:
    """One question to the decoder.

    `coords`: float32 (n, 2), x and y in pixels of the model's frame. `labels`: float32 (n,): 1
    foreground, 0 background, 2 and 3 a box's corners, -1 padding. `mask_input`: logits of the
    mask to refine, or None.
    """

    coords: Floats
    labels: Floats
    mask_input: Floats | None = None


@dataclass(frozen=True)
class Candidate:
    """One of the decoder's four masks.

    `mask_index`: 0 is the single mask, 1 to 3 are part, whole and more. `logits`: float32,
    square, over the padded frame (`ModelFrame.logits_side`); the mask is where their bilinear
    interpolation is above 0. `score`: the IoU that the model predicts, about 0..1.
    """

    mask_index: int
    logits: Floats
    score: float

    @cached_property
    def stability(self) -> float:
        """How little the mask depends on its threshold, 0..1: see `domain.logits.stability`.
        Computed when it is first asked for, so that who only points pays nothing."""
        return stability(self.logits)


class Engine(Protocol):
    """A loaded model. One thread at a time may use it.

    `description` names its embeddings. `batch` is how many images the device likes in one
    run: 1 where more at once are no faster. Both calls raise EngineUnavailable for weights that
    do not load, and DeviceOutOfMemory when not even one image or prompt fits the device.
    """

    description: Description

    @property
    def batch(self) -> int: ...

    def embed(
        self, pictures: Sequence[PILImage.Image], sizes: Sequence[tuple[int, int]]
    ) -> list[Embedding]:
        """Embeds upright RGB pictures, each perhaps smaller than its image; `sizes` are the
        images' (width, height) in pixels. Answers in their order."""
        ...

    def decode(
        self,
        embedding: Embedding,
        prompts: Sequence[DecoderPrompt],
        min_score: float = -math.inf,
    ) -> list[list[Candidate]]:
        """For each prompt, in their order, the four masks in the order of their index. Any
        number of prompts, with any number of rows each, with and without a mask input. A prompt
        without one none of whose scores reaches `min_score` may be answered by an empty list,
        where the engine saves time so."""
        ...
