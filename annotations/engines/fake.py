"""A deterministic engine without weights, for tests in which the mask does not matter.

Its masks are discs around the foreground clicks, less those around the background ones, or the
inside of the box; the four masks differ in size.
"""

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image as PILImage

from .base import Candidate, DecoderPrompt, Description, Embedding, Floats
from .mobile_sam.shapes import CODEC, EMBEDDING_SHAPE, FRAME
from .spec import PROMPTS, EngineSpec

_RADII = (40.0, 20.0, 40.0, 80.0)
_SCORES = (0.9, 0.7, 0.95, 0.8)


class FakeEngine:
    """Shapes as MobileSAM has them."""

    batch = 4

    def __init__(self, description: Description) -> None:
        self.description = description

    def embed(
        self, pictures: Sequence[PILImage.Image], sizes: Sequence[tuple[int, int]]
    ) -> list[Embedding]:
        """The mean colour of each cell in three channels, zeros in the others."""
        return [self._embed(p, size) for p, size in zip(pictures, sizes, strict=True)]

    def _embed(self, picture: PILImage.Image, size: tuple[int, int]) -> Embedding:
        values = np.zeros(EMBEDDING_SHAPE, dtype=np.float32)
        cells = picture.resize(EMBEDDING_SHAPE[1:], PILImage.Resampling.BOX)
        values[:3] = np.asarray(cells, dtype=np.float32).transpose(2, 0, 1) / 255.0
        return Embedding(self.description, values, FRAME.of(*size))

    def decode(
        self,
        embedding: Embedding,
        prompts: Sequence[DecoderPrompt],
        min_score: float = -math.inf,
    ) -> list[list[Candidate]]:
        """See `Engine.decode`."""
        return [
            [Candidate(i, _logits(prompt, _RADII[i]), _SCORES[i]) for i in range(4)]
            for prompt in prompts
        ]


def _logits(prompt: DecoderPrompt, radius: float) -> Floats:
    """Distance to the nearest edge, positive inside; in frame pixels."""
    side, stride = FRAME.logits_side, FRAME.stride
    rows, columns = np.mgrid[:side, :side].astype(np.float32) * stride + stride / 2
    labels = prompt.labels
    inside = np.full((side, side), -float(FRAME.side), dtype=np.float32)
    corners = prompt.coords[labels >= 2]
    if len(corners) == 2:
        (x0, y0), (x1, y1) = corners
        inside = np.minimum.reduce([columns - x0, x1 - columns, rows - y0, y1 - rows])
    for x, y in prompt.coords[labels == 1]:
        inside = np.maximum(inside, radius - np.hypot(columns - x, rows - y))
    for x, y in prompt.coords[labels == 0]:
        inside = np.minimum(inside, np.hypot(columns - x, rows - y) - radius)
    return inside.astype(np.float32)


_DESCRIPTION = Description("fake", 1)

SPEC: EngineSpec[None] = EngineSpec(
    name="fake",
    capabilities=PROMPTS,
    codec=CODEC,
    parse=lambda _: None,
    describe=lambda _: _DESCRIPTION,
    missing=lambda _: "",
    files=lambda _: (),
    load=lambda _: FakeEngine(_DESCRIPTION),
)
