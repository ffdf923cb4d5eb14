"""What finders share: candidate masks in cells of the logits, and which of them are duplicates.

All selection is on the decoder's low-resolution logits; full-size masks are made of survivors
alone, by who asks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..domain.prompts import Point
from .base import Candidate, Embedding, Engine, Floats
from .session import decoder_prompt

Bits = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]
Progress = Callable[[float], None]

# Prompts that are decoded before progress is told, and before it is looked what they settled.
ROUND = 8
# Two masks can only be one where their boxes overlap at least so much.
_MIN_BOX_IOU = 0.5
# The smallest mask, in cells of the logits; and more than this much of the image is no object.
_MIN_CELLS, _MAX_SHARE = 6, 0.95


@dataclass(frozen=True, eq=False)
class Found:
    """A mask: `logits` as in `Candidate`, the `point` that it was asked for with, in image
    pixels, the decoder's `mask_index` and `score`, and `stability`. `box`: x0, y0, x1, y1
    (exclusive) in cells of the logits, `cells`: how many are inside."""

    point: tuple[float, float]
    mask_index: int
    score: float
    stability: float
    logits: Floats
    bits: Bits
    box: tuple[int, int, int, int]
    cells: int


class View:
    """Where the logits and the cells of an embedding show the image.

    `rows`, `columns`: of the logits. `side`: cells of the embedding along the frame; each has
    `cell_pixels` of the frame and `cell_logits` of the logits.
    """

    def __init__(self, image: Embedding) -> None:
        self.frame = image.frame
        self.model = self.frame.model
        stride = self.model.stride
        self.columns = -(-self.frame.input_width // stride)
        self.rows = -(-self.frame.input_height // stride)
        self.side = image.values.shape[-1]
        self.cell_pixels = self.model.side // self.side
        self.cell_logits = self.model.logits_side // self.side

    @property
    def shown(self) -> tuple[int, int]:
        """Rows and columns of the embedding's cells that show the image."""
        return -(-self.rows // self.cell_logits), -(-self.columns // self.cell_logits)

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """Row and column of the logits at an image point."""
        u, v = self.frame.to_frame(x, y)
        stride = self.model.stride
        return min(int(v / stride), self.rows - 1), min(int(u / stride), self.columns - 1)

    def blank(self) -> Mask:
        """A mask with nothing inside."""
        return np.zeros((self.model.logits_side, self.model.logits_side), dtype=bool)

    def inside(self, logits: Floats) -> Mask:
        """The mask, False beyond the image."""
        mask = self.blank()
        np.greater(logits[: self.rows, : self.columns], 0, out=mask[: self.rows, : self.columns])
        return mask

    def found(self, candidate: Candidate, point: tuple[float, float]) -> Found | None:
        """The candidate's mask; None for one that is too small, or everything."""
        mask = self.inside(candidate.logits)
        cells = int(np.count_nonzero(mask))
        if not _MIN_CELLS <= cells <= _MAX_SHARE * self.rows * self.columns:
            return None
        down, across = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        return Found(
            point=point,
            mask_index=candidate.mask_index,
            score=candidate.score,
            stability=candidate.stability,
            logits=candidate.logits.copy(),  # the others of its run need not stay for it
            bits=packed(mask),
            box=(int(across[0]), int(down[0]), int(across[-1]) + 1, int(down[-1]) + 1),
            cells=cells,
        )


def packed(mask: Mask) -> Bits:
    """A mask of all logits, 64 cells a number."""
    return np.packbits(mask).view(np.uint64)


def decode_points(
    engine: Engine,
    embedding: Embedding,
    points: Sequence[tuple[float, float]],
    min_score: float,
) -> list[list[Candidate]]:
    """The three masks of each point: part, whole and more. None of a point for which no mask
    reaches `min_score`, where the engine saves time so."""
    prompts = [decoder_prompt(embedding.frame, None, (Point(x, y, 1),), None) for x, y in points]
    return [masks[1:] for masks in engine.decode(embedding, prompts, min_score)]


class Kept:
    """The masks that are kept so far: of two that are one, the one of the better rank."""

    def __init__(
        self, overlap: float, max_masks: int, rank: Callable[[Found], float] = lambda f: f.score
    ) -> None:
        self._overlap, self._max_masks, self._rank = overlap, max_masks, rank
        self._found: list[Found] = []

    def add(self, new: Found) -> None:
        same = [old for old in self._found if iou(old, new) > self._overlap]
        rank = self._rank(new)
        if any(self._rank(old) >= rank for old in same):
            return
        self._found = [old for old in self._found if old not in same] + [new]
        if len(self._found) > 2 * self._max_masks:
            self._found = self.best()

    def best(self) -> list[Found]:
        """At most `max_masks`, the best first."""
        return sorted(self._found, key=self._rank, reverse=True)[: self._max_masks]


def iou(first: Found, second: Found) -> float:
    """Intersection over union of the masks in cells of the logits; 0 where the boxes tell that
    it cannot be much."""
    if _box_iou(first.box, second.box) < _MIN_BOX_IOU:
        return 0.0
    both = int(np.bitwise_count(first.bits & second.bits).sum())
    return both / (first.cells + second.cells - both)


def _box_iou(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    areas = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return both / (areas - both)
