"""A deterministic engine without weights, for tests in which the mask does not matter.

Its masks are discs around the foreground clicks, less those around the background ones, or the
inside of the box; the four tokens differ in size.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image as PILImage

from ..domain.images import LOGITS_SIDE
from .base import Candidate, DecoderPrompt, Description, Embedding, Floats

_RADII = (40.0, 20.0, 40.0, 80.0)
_SCORES = (0.9, 0.7, 0.95, 0.8)


def create(description: Description, *, models_dir: Path, threads: int) -> "FakeEngine":
    """The engine; it needs neither models nor threads."""
    return FakeEngine(description)


class FakeEngine:
    """Shapes as the real one has them."""

    batch = 4

    def __init__(self, description: Description) -> None:
        self.description = description

    def embed(
        self, pictures: Sequence[PILImage.Image], sizes: Sequence[tuple[int, int]]
    ) -> list[Embedding]:
        """The mean colour of each cell in three channels, zeros in the others."""
        return [self._embed(p, size) for p, size in zip(pictures, sizes, strict=True)]

    def _embed(self, picture: PILImage.Image, size: tuple[int, int]) -> Embedding:
        values = np.zeros((256, 64, 64), dtype=np.float32)
        cells = picture.resize((64, 64), PILImage.Resampling.BOX)
        values[:3] = np.asarray(cells, dtype=np.float32).transpose(2, 0, 1) / 255.0
        return Embedding(self.description, values, *size)

    def decode(
        self,
        embedding: Embedding,
        prompts: Sequence[DecoderPrompt],
        least_score: float = -math.inf,
    ) -> list[list[Candidate]]:
        """See `Engine.decode`."""
        return [
            [Candidate(t, _logits(prompt, _RADII[t]), _SCORES[t]) for t in range(4)]
            for prompt in prompts
        ]


def _logits(prompt: DecoderPrompt, radius: float) -> Floats:
    """Distance to the nearest edge, positive inside; in frame pixels."""
    rows, columns = np.mgrid[:LOGITS_SIDE, :LOGITS_SIDE].astype(np.float32) * 4 + 2
    labels = prompt.labels
    inside = np.full((LOGITS_SIDE, LOGITS_SIDE), -1024.0, dtype=np.float32)
    corners = prompt.coords[labels >= 2]
    if len(corners) == 2:
        (x0, y0), (x1, y1) = corners
        inside = np.minimum.reduce([columns - x0, x1 - columns, rows - y0, y1 - rows])
    for x, y in prompt.coords[labels == 1]:
        inside = np.maximum(inside, radius - np.hypot(columns - x, rows - y))
    for x, y in prompt.coords[labels == 0]:
        inside = np.minimum(inside, np.hypot(columns - x, rows - y) - radius)
    return inside.astype(np.float32)
